"""Texts that fool every model, the published ones found again, and what rules tell of the data; by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toys import Table
from turncoat import api
from turncoat.attacks.random_substitution import RandomSubstitution
from turncoat.data.example import Dataset, Example
from turncoat.errors import UsageError
from turncoat.evaluation.universality import shares_turned
from turncoat.models.callable import CallableVictim
from turncoat.rules.instances import find_instances
from turncoat.rules.pmi import count_words
from turncoat.rules.rule import Provenance, Rule, RuleBook, in_order
from turncoat.studies.rules.biases import correlations, look_up, reaches
from turncoat.studies.rules.direct_attacks import direct_success
from turncoat.studies.rules.prefixes import make_prefixes
from turncoat.studies.rules.run import Tried
from turncoat.studies.rules.universal_texts import asked_alone, nearest, replays, universality
from turncoat.studies.rules.victims import Target
from turncoat.text import Text

MADE = Provenance(
    method="uawr", score="log_probability", data="toys", data_digest="0", texts=2, substitutions="Table", min_count=1
)  # fmt: skip
LABELS = ("negative", "positive")


def book(*rules: tuple[Any, ...]) -> RuleBook:
    return RuleBook(LABELS, in_order(Rule(*rule) for rule in rules), MADE)


def data(*rows: tuple[str, int]) -> Dataset:
    return Dataset("given", tuple(Example(str(i), text, label) for i, (text, label) in enumerate(rows)), LABELS)


RULES = book((1, "good", "a", "fine", 3.0, 5), (1, "film", "n", "movie", 2.0, 5))
# Texts and their replacements under a cap of 50 %: two, one, none, one.
FOUR = data(("a good film here", 1), ("the good one is in", 1), ("nothing at all", 1), ("a film and so on", 1))
PREFIXES = make_prefixes(FOUR, [RULES], 0.5)
# All distinct texts: 0 1 2 of the first example, 3 4 of the second, 5, then 6 7.
WRONG = np.array(
    [
        [0, 1, 1, 0, 1, 0, 0, 0],
        [0, 0, 1, 0, 1, 0, 0, 1],
        [0, 0, 1, 1, 1, 0, 0, 1],
    ],
    bool,
)
TRIED = Tried(tuple(Target(name, Path(name, "a")) for name in "xyz"), ("rules",), PREFIXES, WRONG)


def test_shares_of_models_by_hand() -> None:
    # The last column: nobody reads it rightly, so it does not count. Turned of right: 3/3, 1/2, 0/1.
    right = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]], bool)
    turned = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]], bool)
    assert [share.estimate for share in shares_turned(right, turned) if share] == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert shares_turned(right[:, 3:], turned[:, 3:]) == (None, None, None)


def test_universal_texts_by_hand() -> None:
    assert [str(text) for text in PREFIXES.texts[0]] == [
        "a good film here", "a fine film here", "a fine movie here"
    ]  # fmt: skip
    found = universality(TRIED, FOUR, "rules", 0.5)
    # Fooled of those that are right: 3/3, 2/2 (the third is wrong before), 0/3, 2/3.
    assert found.texts == 4
    assert [share.estimate for share in found.shares if share] == pytest.approx([2 / 4, 2 / 4, 3 / 4])
    assert found.everyone is not None
    assert found.everyone.estimate == pytest.approx(1 / 3)
    (universal,) = found.found
    assert (universal.example.id, str(universal.text)) == ("0", "a fine movie here")
    assert [(change.old, change.new) for change in universal.changes] == [("good", "fine"), ("film", "movie")]
    assert (universal.right, universal.fooled) == (3, 3)
    less = universality(TRIED, FOUR, "rules", 0.25)  # one replacement: "a fine film here" fools one of three
    assert less.found == ()
    assert [share.estimate for share in less.shares if share] == pytest.approx([1 / 4, 1 / 4, 2 / 4])


def test_the_nearest_texts_have_few_replacements() -> None:
    # Fooled: 3, 2, 0, 2 models; of the second and fourth, which both take one replacement, the second comes first.
    assert [(u.example.id, u.right, u.fooled) for u in nearest(TRIED, FOUR, "rules", 0.5)] == [
        ("0", 3, 3), ("1", 2, 2), ("3", 3, 2)
    ]  # fmt: skip


def test_published_texts_are_found_again() -> None:
    rows = data(
        ("Deal in Congress to Keep Tax Cuts, Widening Deficit sought by President Bush.", 0),
        ("Senate Panel Gives NASA Extra Money (AP) no such verb", 0),
    )
    senate, deal, nortel = replays(rows)
    assert (senate.text, nortel.example) == (None, None)  # other words, or not there at all
    assert str(deal.text) == "Deal in Congress to Preserve Tax Cuts, Widening Deficit sought by Chairman Bush."
    assert deal.example == rows[0]


def test_texts_are_asked_alone() -> None:
    calls: list[list[str]] = []

    def function(texts: list[str]) -> list[list[float]]:
        calls.append(texts)
        return [[1.0, 0.0] if "bad" in text else [0.0, 1.0] for text in texts]

    pairs = [(Text("good"), Text("bad")), (Text("bad"), Text("good"))]
    victim = CallableVictim(function, LABELS)
    assert asked_alone(victim, pairs, [1, 1]) == [(True, True), (False, False)]
    assert calls == [["good"], ["bad"], ["bad"], ["good"]]
    with pytest.raises(UsageError, match="a label for each of 2 pairs"):
        asked_alone(victim, pairs, [1])


def test_published_rules_among_ours() -> None:
    rows = data(("a funny and a brilliant film", 1), ("funny giddy fun", 1), ("an excellent film", 0))
    table = Table({"funny": ["laughable"], "brilliant": ["brainy", "bright"], "giddy": ["dizzy"], "fun": ["sport"]})
    ours = book((1, "funny", "a", "laughable", 2.0, 2), (1, "fun", "n", "sport", 3.0, 2))
    found = {rule.published.word: rule for rule in look_up(ours, find_instances(rows, table))}
    assert len(found) == 10
    assert (found["funny"].place, found["funny"].of, found["funny"].why) == (2, 2, "")
    assert found["funny"].rule == ours.of(1)[1]
    assert found["brilliant"].why == "seen 1 times only"
    assert found["giddy"].why == "woozy is no candidate for giddy"
    assert found["excellent"].why == "no excellent in negative texts with anything to replace it"
    assert look_up(RuleBook(("sports", "world"), (), MADE), find_instances(rows, table)) == []


def test_reach_of_the_best_rules() -> None:
    # Best place of a rule in each text: good 1, good 1, none, film 2; the rule below 0 reaches nobody.
    rules = book(*((r.label, r.word, r.pos, r.replacement, r.salience, r.count) for r in RULES.rules),
                 (1, "nothing", "n", "zero", -1.0, 3))  # fmt: skip
    found = reaches(FOUR, rules, (1, 10))
    assert [(reach.rules, reach.texts.estimate) for reach in found if reach.texts] == [(1, 0.5), (2, 0.75)]


def test_correlation_of_h_and_h_pmi() -> None:
    rows = data(("fine fine film", 1), ("fine plot", 1), ("dull film", 0), ("a dull plot", 0))
    rules = book(*((1, "fine", "a", word, salience, 2) for word, salience in
                   (("dull", 4.0), ("ghost", 3.0), ("film", 1.0), ("plot", 2.0))))  # fmt: skip
    counts = count_words(rows)
    (every, negative, positive) = correlations(rules, counts, "paper")
    assert (every.over, every.rules, negative.rules, positive.rules) == ("all", 4, 0, 4)
    # ranks by h 4 3 1 2; by h_PMI dull leads, and the others, which tell no class from the other, are alike: 4 2 2 2
    assert every.spearman.estimate == pytest.approx(3 / math.sqrt(5 * 3))
    assert every.spearman.low is not None
    assert every.spearman.high is not None
    assert every.spearman.low < every.spearman.estimate < every.spearman.high <= 1
    assert negative.spearman.low is None


def test_success_of_attacks_that_ask_is_read_from_their_runs(tmp_path: Path) -> None:
    def function(texts: list[str]) -> list[list[float]]:
        return [[0.9, 0.1] if "bad" in text else [0.2, 0.8] for text in texts]

    rows = data(("good film", 1), ("good", 1), ("dull", 1))
    attack = RandomSubstitution(substitutions=Table({"good": ["bad"]}))
    for name in ("LSTM-W-Random-1", "own"):
        out = tmp_path / name / "a"
        api.attack(CallableVictim(function, LABELS, "v"), rows, attack, encoder=None, masked_lm=None, out=out)
    found = direct_success(tmp_path, "randomsubstitution", "given")
    assert set(found) == {"LSTM-W-Random-1", "v"}
    assert found["LSTM-W-Random-1"].estimate == pytest.approx(2 / 3)
    assert direct_success(tmp_path, "pwws", "given") == {}
    assert direct_success(tmp_path, "randomsubstitution", "mr/test") == {}
