"""TextFooler against transcripts computed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from toys import Table, World, search
from turncoat.attacks.textfooler import TextFooler
from turncoat.errors import UsageError
from turncoat.substitutions.constraints import MaxChanged
from turncoat.substitutions.lexicon import CounterFitted
from turncoat.substitutions.narrowing import SamePartOfSpeech, WithoutStopWords, part_of_speech
from turncoat.text import Text

# A linear victim: F_0(x) = 0.45 + sum of the words' weights.
WEIGHTS = {
    "good": 0.10, "film": 0.02, "very": 0.05, "nice": 0.12, "plot": 0.01,
    "fine": 0.06, "great": 0.14, "sweet": 0.03, "decent": -0.08, "storyline": -0.02,
}  # fmt: skip
OPTIONS = {"good": ["great", "fine"], "nice": ["sweet", "decent"], "plot": ["storyline"]}
STRING = "Good film, very nice plot!"
ANGLES = {"sweet": 0.4, "decent": 0.6, "fine": 0.3}  # radians that a word turns the sentence vector by


def linear(string: str) -> float:
    return 0.45 + sum(WEIGHTS.get(word.lower(), 0.0) for word in Text(string).words)


def turned(string: str) -> Sequence[float]:
    angle = sum(ANGLES.get(word.lower(), 0.0) for word in Text(string).words)
    return (float(np.cos(angle)), float(np.sin(angle)))


def attack(**parameters: Any) -> TextFooler:
    return TextFooler(substitutions=Table(), **parameters)


def test_transcript_by_hand() -> None:
    world = World(lambda s: linear(s) - 0.005, turned)
    found, spending = search(attack(), world, STRING, OPTIONS)
    assert world.asked == [
        "Good film, very nice plot!",  # 0.745
        # Deletions of the words with candidates: 0.645, 0.625, 0.735. So nice first, then good, then plot.
        " film, very nice plot!", "Good film, very plot!", "Good film, very nice !",
        # 0.655 and 0.545: decent stays. Then 0.585 and 0.505: fine stays. Then 0.475: turned.
        "Good film, very sweet plot!", "Good film, very decent plot!",
        "Great film, very decent plot!", "Fine film, very decent plot!",
        "Fine film, very decent storyline!",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("Fine film, very decent storyline!", "flipped")
    assert (spending.unique, spending.logical) == (9, 9)
    assert world.embedded == []  # five words are fewer than the window, and one candidate needs no comparison


def test_of_several_successes_the_most_similar_is_taken() -> None:
    world = World(lambda s: linear(s) - 0.2, turned)  # sweet 0.46, decent 0.35
    found, _ = search(attack(), world, STRING, OPTIONS)
    assert (str(found.text), found.reason) == ("Good film, very sweet plot!", "flipped")
    assert world.embedded == ["Good film, very nice plot", "Good film, very sweet plot", "Good film, very decent plot"]


def test_too_different_words_are_not_shown_to_the_victim() -> None:
    world = World(lambda s: linear(s) - 0.2, turned)
    found, _ = search(attack(window=3), world, STRING, OPTIONS)
    # decent turns the vector by more than half a radian. Of the last words, the last three are compared.
    assert world.embedded == ["very nice plot", "very sweet plot", "very decent plot"]
    assert world.asked[4:] == ["Good film, very sweet plot!"]
    assert str(found.text) == "Good film, very sweet plot!"


def test_a_window_stays_inside_the_text_and_sees_earlier_replacements() -> None:
    world = World(linear, turned)
    search(attack(window=3, min_similarity=0.0), world, STRING, OPTIONS)
    assert world.embedded == [
        "very nice plot", "very sweet plot", "very decent plot",
        "Good film, very", "Great film, very", "Fine film, very",
        "very decent storyline",  # compared with "very decent plot", which is known
    ]  # fmt: skip


@pytest.mark.parametrize(("angle", "passes"), [(0.49999, True), (0.501, False)])
def test_the_threshold_is_half_a_radian(angle: float, passes: bool) -> None:
    world = World(lambda s: 0.4 if "x" in s else 0.9, lambda s: (np.cos(angle), np.sin(angle)) if "x" in s else (1, 0))
    found, _ = search(attack(window=1), world, "a b", {"a": ["x"]})
    assert (found.reason == "flipped") == passes


def test_a_candidate_that_does_not_help_is_left_out() -> None:
    world = World(linear)
    found, _ = search(attack(), world, "Good film", {"good": ["great"], "film": ["plot"]})
    assert (str(found.text), found.reason) == ("Good plot", "exhausted")


def test_equal_words_go_by_position() -> None:
    world = World(lambda s: 0.9 - 0.05 * s.count("x") - 0.01 * s.count("y"))
    search(attack(), world, "a b", {"a": ["x"], "b": ["y"]})
    assert world.asked == ["a b", " b", "a ", "x b", "x y"]


def test_a_single_word_needs_no_ranking() -> None:
    world = World(lambda s: 0.9)
    search(attack(), world, "a", {"a": ["x"]})
    assert world.asked == ["a", "x"]


def test_a_text_without_candidates_fails_unasked() -> None:
    world = World(linear)
    found, _ = search(attack(), world, "very very", OPTIONS)
    assert (found.reason, world.asked) == ("no_candidates", ["very very"])


def test_the_budget_ends_the_search_with_the_best_text_so_far() -> None:
    for budget, text in ((3, STRING), (6, "Good film, very decent plot!"), (8, "Fine film, very decent plot!")):
        found, spending = search(attack(), World(linear), STRING, OPTIONS, budget=budget)
        assert (str(found.text), found.reason) == (text, "budget")
        assert spending.unique <= budget


def test_constraints_leave_replacements_out() -> None:
    found, _ = search(attack(constraints=(MaxChanged(0.2),)), World(linear), STRING, OPTIONS)
    assert (str(found.text), found.reason) == ("Good film, very decent plot!", "exhausted")


def test_a_target_is_reached_too() -> None:
    found, _ = search(attack(), World(lambda s: linear(s) - 0.2), STRING, OPTIONS, target=1)
    assert found.reason == "flipped"


async def _proposed(noun_for_verb: bool) -> list[list[str]]:
    source = SamePartOfSpeech(Table({"argument": ["discuss", "debate", "loudly"]}), noun_for_verb=noun_for_verb)
    return [[*words] for words in await source.propose(Text("the argument lasts"))]


@pytest.mark.parametrize(("noun_for_verb", "left"), [(False, ["debate"]), (True, ["discuss", "debate"])])
def test_nouns_and_verbs_may_replace_each_other(noun_for_verb: bool, left: list[str]) -> None:
    text = Text("the argument lasts")
    kinds = [part_of_speech(text, 1, word) for word in ("argument", "discuss", "debate", "loudly")]
    assert kinds == ["n", "v", "n", "r"]
    with pytest.raises(StopIteration) as end:
        _proposed(noun_for_verb).send(None)
    assert end.value.value[1] == left


def test_the_paper_s_numbers_are_the_defaults() -> None:
    default = TextFooler()
    assert (default.min_similarity, default.window) == (0.840845, 15)
    assert default.min_similarity == pytest.approx(1 - 0.5 / np.pi, abs=1e-6)
    assert default.substitutions == WithoutStopWords(SamePartOfSpeech(CounterFitted(), noun_for_verb=True))


@pytest.mark.parametrize("wrong", [{"min_similarity": 1.5}, {"window": 0}])
def test_bad_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"expected {next(iter(wrong))} "):
        attack(**wrong)
