"""Rule books: mined saliences worked out by hand, rules applied under a cap, books that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toys import TOY_WORDS, Table, ToyVictim, World, toy_dataset
from toys import search as toy_search
from turncoat.data.example import Dataset, Example
from turncoat.errors import BrokenData, UsageError
from turncoat.models.callable import CallableVictim
from turncoat.models.ensemble import Ensemble
from turncoat.models.victim import Victim
from turncoat.rules.applying import apply_rules, most_changes, put, steps
from turncoat.rules.attack import RuleWords, UniversalRules
from turncoat.rules.diagnosis import coverage, rank
from turncoat.rules.instances import find_instances
from turncoat.rules.mining import Mining, log_probabilities, logits, mine, turning
from turncoat.rules.rule import Place, Provenance, Rule, RuleBook, in_order
from turncoat.rules.storing import open_book, read_book, write_book
from turncoat.substitutions.vectors import Neighbours
from turncoat.text import Text

MADE = Provenance(
    method="uawr", score="log_probability", data="toys", data_digest="0", texts=2, substitutions="Table", min_count=1,
    victims=(("toy", "123"),), turncoat="0",
)  # fmt: skip
LABELS = ("dull", "lively")


def book(*rules: tuple[Any, ...], labels: tuple[str, ...] = LABELS) -> RuleBook:
    return RuleBook(labels, in_order(Rule(*rule) for rule in rules), MADE)


def data(*rows: tuple[str, int], labels: tuple[str, ...] = LABELS) -> Dataset:
    return Dataset("given", tuple(Example(str(i), text, label) for i, (text, label) in enumerate(rows)), labels)


def victim(answers: dict[str, float], asked: list[str] | None = None, name: str = "table") -> Victim:
    """Answers are the probability of "lively"."""

    def function(texts: list[str]) -> list[list[float]]:
        if asked is not None:
            asked.extend(texts)
        return [[1 - answers[text], answers[text]] for text in texts]

    return CallableVictim(function, LABELS, name)


GOOD = Table({"good": ["fine"]})
TWO = data(("A good film.", 1), ("Good plot", 1))
ANSWERS = {"A good film.": 0.8, "A fine film.": 0.5, "Good plot": 0.9, "Fine plot": 0.6}


def test_mining_two_texts_by_hand() -> None:
    # Text 1: gold falls by ln .8 - ln .5 = .470, the other rises by ln .5 - ln .2 = .916: together ln 4 = 1.386.
    # Text 2: ln .9 - ln .6 = .405 and ln .4 - ln .1 = 1.386: together ln 6 = 1.792. h is their mean, 1.589.
    asked: list[str] = []
    (rule,) = mine(TWO, victim(ANSWERS, asked), Mining(substitutions=GOOD, min_count=2)).rules
    assert rule == Rule(1, "good", "a", "fine", 1.589027, 2)
    assert sorted(asked) == sorted(ANSWERS)


def test_scores_by_hand() -> None:
    before, after = np.array([[0.2, 0.6, 0.2]]), np.array([[0.3, 0.4, 0.3]])
    # log-probabilities change by (+.405, -.405, +.405); logits lose their mean, .135
    assert turning(log_probabilities(after) - log_probabilities(before), np.array([1])) == pytest.approx(3 * 0.405465)
    assert turning(logits(after) - logits(before), np.array([1])) == pytest.approx(4 * 0.270310)
    assert np.isfinite(log_probabilities(np.array([[0.0, 1.0]]))).all()


def test_both_scores_agree_for_two_classes() -> None:
    mined = [mine(TWO, victim(ANSWERS), Mining(substitutions=GOOD, min_count=1, score=s)) for s in ("logit", "log_probability")]  # type: ignore[arg-type]  # fmt: skip  # noqa: E501
    assert mined[0].rules == mined[1].rules


def test_each_label_part_of_speech_and_occurrence_counts_for_itself() -> None:
    rows = data(("A good film, a good plot", 1), ("Fine fine film", 0), ("a film", 0))
    options = Table({"good": ["fine"], "film": ["movie", "Flick"], "fine": ["nice"]})
    instances = find_instances(rows, options)
    counted = dict(zip(instances.candidates, instances.counts.tolist(), strict=True))
    assert counted == {
        (Place(1, "good", "a"), "fine"): 2,
        (Place(1, "film", "n"), "movie"): 1,
        (Place(1, "film", "n"), "flick"): 1,
        (Place(0, "fine", "n"), "nice"): 1,  # so the tagger
        (Place(0, "fine", "a"), "nice"): 1,
        (Place(0, "film", "n"), "movie"): 2,
        (Place(0, "film", "n"), "flick"): 2,
    }


def test_rare_rules_are_not_asked_about_and_common_ones_only_so_often() -> None:
    rows = data(*((f"good film {i}", 1) for i in range(9)), ("fun", 1), ("bad", 0))
    table = Table({"good": ["fine"], "fun": ["sport"], "film": ["movie"]})
    asked: list[str] = []

    def function(texts: list[str]) -> list[list[float]]:
        asked.extend(texts)
        return [[0.5, 0.5] for _ in texts]

    mined = mine(rows, CallableVictim(function, LABELS), Mining(substitutions=table, min_count=2, most_instances=4))
    assert {(rule.word, rule.count) for rule in mined.rules} == {("good", 9), ("film", 9)}
    changed = [text for text in asked if "fine" in text or "movie" in text]
    assert len(changed) == 8 == mined.provenance.instances
    assert not {"fun", "sport", "bad"} & set(asked)
    again, other = (find_instances(rows, table).sample(2, 4, seed) for seed in (0, 1))
    assert [len(text) for text in again] != [len(text) for text in other]


def test_what_is_live_does_not_matter() -> None:
    mining = [Mining(substitutions=Table(TOY_WORDS), min_count=1, live=live) for live in (1, 1000)]
    alone, together = (mine(toy_dataset(40), ToyVictim(), m) for m in mining)
    assert alone.rules == together.rules
    assert len(alone) > 10
    assert rank(alone, alone.rules[0].label, alone.rules[0].word, alone.rules[0].replacement) == 1
    assert rank(alone, 0, "sun", "moon") is None


def test_words_out_of_sight_are_not_tried() -> None:
    asked = ToyVictim(most_words=1)
    mined = mine(data(("rain0 rain1", 0)), asked, Mining(substitutions=Table(TOY_WORDS), min_count=1))
    assert len(mined) == 0  # rain0 has no options, rain1 is not seen
    assert asked.calls == []


def test_an_ensemble_has_the_mean_of_the_logits() -> None:
    # logits of class 0 over class 1: ln 4 and 0; their mean is ln 2
    members = [victim({"x": 0.2}, name="one"), victim({"x": 0.5}, name="two")]
    both = Ensemble(members)
    np.testing.assert_allclose(both.predict([[Text("x")]])[0], [[2 / 3, 1 / 3]])
    assert both.fingerprint != Ensemble(members[:1]).fingerprint
    with pytest.raises(UsageError, match="the classes of one and of other differ"):
        Ensemble([members[0], CallableVictim(len, ("lively", "dull"), "other")])
    mined = mine(TWO, Ensemble([victim(ANSWERS), victim(ANSWERS)]), Mining(substitutions=GOOD, min_count=1))
    assert mined.rules[0].salience == pytest.approx(1.589027, abs=1e-5)
    assert len(mined.provenance.victims) == 2


@pytest.mark.parametrize(
    "settings", [{"score": "odds"}, {"min_count": 0}, {"most_instances": 0}, {"live": 0}], ids=lambda s: next(iter(s))
)
def test_mining_refuses_what_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        Mining(**settings)


def test_mining_refuses_other_classes() -> None:
    with pytest.raises(UsageError, match="has the classes a, b, c, table has dull, lively"):
        mine(data(("x", 0), labels=("a", "b", "c")), victim({}))


RULES = book(
    (1, "good", "a", "fine", 2.0, 5),
    (1, "good", "a", "nice", 3.0, 5),
    (1, "film", "n", "movie", 2.5, 5),
    (1, "plot", "n", "game", 2.5, 5),
    (1, "film", "v", "shoot", 9.0, 5),
    (1, "loud", "a", "garish", 0.0, 5),
    (0, "loud", "a", "flash", 4.0, 5),
)
LONG = Text("A Good plot, a GOOD film; they were loud and long.")  # 11 words


def test_the_most_salient_rule_comes_first() -> None:
    found = steps(LONG, 1, RULES, cap=1.0)
    # good -> nice (3.0) at 1 and at 4, then plot (2) before film (5), which tie; "film" is no verb; loud is not > 0
    assert [(s.position, s.word) for s in found] == [(1, "Nice"), (4, "NICE"), (2, "game"), (5, "movie")]
    assert steps(LONG, 1, RULES, cap=0.3) == found[:3]
    assert str(apply_rules(LONG, 1, RULES, 0.3)) == "A Nice game, a NICE film; they were loud and long."
    assert str(apply_rules(LONG, 0, RULES, 0.3)) == "A Good plot, a GOOD film; they were flash and long."


@pytest.mark.parametrize(
    ("words", "cap", "most"), [(10, 0.3, 3), (9, 0.3, 2), (2, 0.3, 1), (1, 0.3, 0), (0, 1.0, 0), (100, 0.29, 29)]
)
def test_how_many_words_a_cap_allows(words: int, cap: float, most: int) -> None:
    assert most_changes(words, cap) == most


@pytest.mark.parametrize("cap", [0.0, -1.0, 1.1, float("nan")])
def test_a_cap_is_a_share(cap: float) -> None:
    with pytest.raises(UsageError, match="cap"):
        most_changes(5, cap)


@given(
    words=st.lists(st.sampled_from(["good", "Film", "plot", "loud", "other", "don't"]), max_size=30),
    cap=st.floats(0.01, 1.0),
    label=st.integers(0, 1),
)
def test_the_cap_is_never_exceeded(words: list[str], cap: float, label: int) -> None:
    text = Text(", ".join(words))
    changes = text.diff(apply_rules(text, label, RULES, cap))
    share = cap * len(text)
    assert len(changes) <= (share + 1e-9 if share >= 1 else share >= 0.5)


def test_coverage_by_hand() -> None:
    # 11 words: 4 with a rule, 3 allowed. 2 words: 1 with a rule, 1 allowed (.6). 1 word: a rule, but none allowed.
    reach = coverage(data((str(LONG), 1), ("a film", 1), ("good", 1), ("", 1)), RULES)
    assert (reach.texts, reach.reached, reach.filled) == (4, 3, 2)
    assert reach.words == pytest.approx((4 / 11 + 1 / 2 + 1) / 4)
    assert reach.changed == pytest.approx((3 / 11 + 1 / 2) / 4)


@pytest.fixture
def stored(tmp_path: Path) -> str:
    swapped = book(*((1 - r.label, r.word, r.pos, r.replacement, r.salience, r.count) for r in RULES.rules))
    write_book(swapped, tmp_path / "book.json")  # rules for class 0, the gold class of the toys
    return str(tmp_path / "book.json")


def test_oblivious_rules_ask_nobody(stored: str) -> None:
    attack = UniversalRules(substitutions=RuleWords(stored), cap=0.3)
    world = World(lambda string: 0.9)
    found, spending = toy_search(attack, world, str(LONG), {})
    assert str(found.text) == "A Nice game, a NICE film; they were loud and long."
    assert found.reason == "exhausted"
    assert [row["position"] for row in found.trace["rules"]] == [1, 4, 2]
    assert world.asked == [str(LONG)]  # the clean text, by the test itself
    assert spending.unique == 1
    assert toy_search(attack, world, "no such word", {})[0].reason == "no_rule"


def test_incremental_rules_stop_at_the_flip(stored: str) -> None:
    attack = UniversalRules(substitutions=RuleWords(stored), cap=1.0, incremental=True)
    flips: Callable[[str], float] = lambda string: 0.4 if "NICE" in string else 0.9  # noqa: E731
    for hard in (False, True):
        world = World(flips)
        found, _ = toy_search(attack, world, str(LONG), {}, hard=hard)
        assert found.reason == "flipped"
        assert str(found.text) == "A Nice plot, a NICE film; they were loud and long."
        assert world.asked == [str(LONG), str(put(LONG, steps(LONG, 1, RULES)[:1])), str(found.text)]
    found, spending = toy_search(attack, World(flips), str(LONG), {}, budget=2)
    assert (found.reason, spending.unique) == ("budget", 2)
    assert str(found.text) == "A Nice plot, a GOOD film; they were loud and long."
    assert toy_search(attack, World(lambda string: 0.9), str(LONG), {})[0].reason == "exhausted"


def test_rules_bring_their_own_words(stored: str) -> None:
    coroutine = RuleWords(stored).propose(Text("A good film"))
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    assert end.value.value == [[], ["nice"], ["movie"]]
    with pytest.raises(UsageError, match="rules bring their own words"):
        UniversalRules(substitutions=Neighbours(path="x"))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="cap"):
        UniversalRules(cap=2.0)


def test_a_book_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "book.json"
    odd = book((0, "naïve", "", 'quo"te', -0.25, 3), *((r.label, *list(_cells(r))) for r in RULES.rules))
    write_book(odd, path)
    assert read_book(path) == odd
    assert read_book(path).provenance.victims == (("toy", "123"),)
    empty = RuleBook(LABELS, (), MADE)
    write_book(empty, path)
    assert read_book(path) == empty
    with pytest.raises(UsageError, match="cannot write"):
        write_book(empty, path / "below")


def _cells(rule: Rule) -> tuple[Any, ...]:
    return rule.word, rule.pos, rule.replacement, rule.salience, rule.count


def test_classes_are_matched_by_name() -> None:
    turned = RULES.aligned(("Lively", "dull"))
    assert turned.labels == ("Lively", "dull")
    assert [r.replacement for r in turned.of(0)] == [r.replacement for r in RULES.of(1)]
    assert RULES.aligned(LABELS) is RULES
    with pytest.raises(UsageError, match="for the classes dull, lively, not for sports, world"):
        RULES.aligned(("sports", "world"))


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda t: t.update(format="other"), UsageError, "no rule book"),
        (lambda t: t.update(version=2), UsageError, "version 1, got 2"),
        (lambda t: t.pop("labels"), BrokenData, "labels"),
        (lambda t: t.pop("provenance"), BrokenData, "provenance"),
        (lambda t: t["provenance"].update(colour="red"), BrokenData, "colour"),
        (lambda t: t["columns"].reverse(), BrokenData, "columns"),
        (lambda t: t["rules"].reverse(), BrokenData, "out of order"),
        (lambda t: t["rules"][1].pop(), BrokenData, "damaged"),
        (lambda t: t["rules"][1].__setitem__(0, 7), BrokenData, "rule 2"),
        (lambda t: t["rules"][1].__setitem__(4, float("nan")), BrokenData, "rule 2"),
        (lambda t: t["rules"][1].__setitem__(1, None), BrokenData, "rule 2"),
        (lambda t: t["rules"][1].__setitem__(3, "word"), BrokenData, "changed since they were written"),
        (lambda t: t["rules"].pop(), BrokenData, "changed since they were written"),
    ],
)
def test_unsound_books_are_refused(
    tmp_path: Path, change: Callable[[Any], Any], error: type[Exception], says: str
) -> None:
    path = tmp_path / "book.json"
    write_book(RULES, path)
    table = json.loads(path.read_text())
    change(table)
    path.write_text(json.dumps(table))
    with pytest.raises(error, match=says):
        read_book(path)


def test_books_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    with pytest.raises(UsageError, match="found none"):
        read_book(path)
    write_book(RULES, path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BrokenData, match="not whole"):
        read_book(path)
    path.write_text("[1, 2]")
    with pytest.raises(UsageError, match="no rule book"):
        read_book(path)
    write_book(RULES, path)
    with pytest.raises(UsageError, match="the book was replaced"):
        open_book(str(path), (), "0123456789abcdef")
