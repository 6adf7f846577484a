"""PWWS against a transcript computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from toys import Table, World, search
from turncoat.attacks.pwws import PWWS, rank
from turncoat.space import Space
from turncoat.substitutions.constraints import MaxChanged
from turncoat.text import Text

# A linear victim: F_0(x) = 0.45 + sum of the words' weights; unknown words weigh nothing.
WEIGHTS = {
    "good": 0.10, "film": 0.02, "very": 0.05, "nice": 0.12, "plot": 0.01,
    "fine": 0.06, "great": 0.14, "movie": 0.00, "decent": -0.08, "sweet": 0.03, "storyline": 0.05,
}  # fmt: skip
OPTIONS = {"good": ["great", "fine"], "film": ["movie"], "nice": ["sweet", "decent"], "plot": ["storyline"]}
STRING = "Good film, very nice plot!"


def linear(string: str) -> float:
    return 0.45 + sum(WEIGHTS.get(word.lower(), 0.0) for word in Text(string).words)


def test_priorities_by_hand() -> None:
    text = Text(STRING)
    space = Space(text, [OPTIONS.get(word.lower(), []) for word in text.words])
    saliency = np.array([0.10, 0.02, 0.05, 0.12, 0.01])
    gains = np.array([-0.04, 0.04, 0.02, 0.09, 0.20, -0.04])  # great fine | movie | sweet decent | storyline
    ranking = rank(space, saliency, gains)
    # e^S: 1.105171 1.020201 1.051271 1.127497 1.010050, sum 5.314190
    np.testing.assert_allclose(ranking.weight, [0.207966, 0.191977, 0.197823, 0.212167, 0.190067], atol=1e-6)
    assert ranking.best.tolist() == [2, 1, 0, 2, 1]
    np.testing.assert_allclose(ranking.priority[[0, 1, 3, 4]], [0.0083186, 0.0038395, 0.0424334, -0.0076027], atol=1e-6)
    assert ranking.order.tolist() == [3, 0, 1, 4]


def test_transcript_by_hand() -> None:
    world = World(linear)
    found, spending = search(PWWS(substitutions=Table()), world, STRING, OPTIONS)
    assert world.asked == [
        "Good film, very nice plot!",
        # saliency: every word made unknown, also those without candidates
        "[UNK] film, very nice plot!", "Good [UNK], very nice plot!", "Good film, [UNK] nice plot!",
        "Good film, very [UNK] plot!", "Good film, very nice [UNK]!",
        # gains: every candidate alone, from the original text
        "Great film, very nice plot!", "Fine film, very nice plot!", "Good movie, very nice plot!",
        "Good film, very sweet plot!", "Good film, very decent plot!", "Good film, very nice storyline!",
        # replacement: the first step was asked above, the others are new: 0.55, 0.51, 0.49
        "Fine film, very decent plot!", "Fine movie, very decent plot!",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("Fine movie, very decent plot!", "flipped")
    assert (spending.unique, spending.logical) == (14, 15)
    first = found.trace["words"][0]
    assert (first["position"], first["best"], first["saliency"], first["gain"]) == (3, "decent", 0.12, 0.2)


def test_a_useless_candidate_is_used_last_and_the_full_text_is_returned() -> None:
    found, _ = search(PWWS(substitutions=Table()), World(lambda s: linear(s) + 0.1), STRING, OPTIONS)
    assert (str(found.text), found.reason) == ("Fine movie, very decent storyline!", "exhausted")


def test_a_tie_goes_to_the_lower_position() -> None:
    space = Space(Text("a b"), [["x"], ["y"]])
    assert rank(space, np.zeros(2), np.array([0.1, 0.1])).order.tolist() == [0, 1]


def test_no_candidates_fail_after_n_plus_one_questions() -> None:
    found, spending = search(PWWS(substitutions=Table()), World(linear), STRING, {})
    assert (str(found.text), found.reason, spending.unique) == (STRING, "no_candidates", 6)


def test_saliency_hits_the_right_word_behind_punctuation_and_unknown_words() -> None:
    # The authors' code erases by index in an id vector without punctuation and unknown words: index 3 would be "plot".
    world = World(lambda string: 0.9 if "nice" in string else 0.6)
    found, _ = search(PWWS(substitutions=Table()), world, "Zzz , ... film nice plot", {"nice": ["neat"]})
    assert found.trace["words"] == [
        {"position": 2, "saliency": 0.3, "weight": pytest.approx(0.310322, abs=1e-6), "best": "neat", "gain": 0.3,
         "priority": pytest.approx(0.0930967, abs=1e-6)}
    ]  # fmt: skip


def test_multiword_candidates_are_dropped() -> None:
    text = Text("big storage")
    space = Space(text, [[], ["computer storage", "computer memory", "depot"]])
    assert space.options == ((), ("depot",))


def test_constraints_leave_replacements_out() -> None:
    attack = PWWS(substitutions=Table(), constraints=(MaxChanged(0.2),))
    found, _ = search(attack, World(linear), STRING, OPTIONS)
    assert (str(found.text), found.reason) == ("Good film, very decent plot!", "exhausted")


def test_the_budget_ends_the_search_with_the_best_text_so_far() -> None:
    found, spending = search(PWWS(substitutions=Table()), World(linear), STRING, OPTIONS, budget=13)
    assert (str(found.text), found.reason, spending.unique) == ("Fine film, very decent plot!", "budget", 13)


def test_a_target_is_reached_too() -> None:
    found, _ = search(PWWS(substitutions=Table()), World(linear), STRING, OPTIONS, target=1)
    assert found.reason == "flipped"
