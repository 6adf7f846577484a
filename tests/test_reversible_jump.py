"""RJA against a walk computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from toys import Table, World, search
from turncoat.attacks.reversible_jump import ReversibleJump, _Jumps, _propose
from turncoat.errors import UsageError
from turncoat.space import Space
from turncoat.substitutions.constraints import MaxChanged
from turncoat.text import Text

# A linear victim: F_0(x) = 0.39 + sum of the words' weights; class 0 as long as F_0 >= 0.5.
WEIGHTS = {"good": 0.10, "film": 0.02, "nice": 0.12, "fine": 0.06, "movie": -0.02, "sweet": 0.02}
ANGLES = {"fine": 0.1, "movie": 0.2, "sweet": 0.4}  # similarity is the cosine of their sum
OPTIONS = {"good": ["fine"], "film": ["movie"], "nice": ["sweet"]}
STRING = "Good, nice film!"
ATTACK = ReversibleJump(substitutions=Table(), steps=8, most=3)


def linear(string: str) -> float:
    return 0.39 + sum(WEIGHTS.get(word.lower(), 0.0) for word in Text(string).words)


def angled(string: str) -> tuple[float, float]:
    angle = sum(ANGLES.get(word.lower(), 0.0) for word in Text(string).words)
    return np.cos(angle), np.sin(angle)


def test_walk_by_hand() -> None:
    world = World(linear, angled)
    found, spending = search(ATTACK, world, STRING, OPTIONS, seed=3)
    assert world.asked == [
        "Good, nice film!",  # score 0.37
        # saliency, log-odds of 0.47, 0.49 and 0.39 less those of 0.37: 0.412, 0.492, 0.085
        ", nice film!", "Good, film!", "Good, nice !",
        "Fine, nice film!",  # 1 from no replacement always accepted: target 0.41 cos 0.1 = 0.408
        # 2 birth: ratio 1.283 (see below) x 0.51 cos 0.5 / 0.408 > 1: accepted; turned
        "Fine, sweet film!",
        # 3 birth again, P 0.306: ratio (1 / 3) / (0.306 / 1) = 1.09, x 0.4207 / 0.4476 > 1: accepted; turned
        "Fine, sweet movie!",
        # 4 from most replacements always accepted: back to "Fine, sweet film!"
        # 5 death of sweet: ratio 0.780 x 0.408 / 0.4476 = 0.711 < 0.738: rejected; 6 the same, 0.649: accepted
        # 7 death of fine; 8 its birth
    ]  # fmt: skip
    assert (str(found.text), found.reason, found.trace) == ("Fine, sweet film!", "flipped", {"accepted": 7})
    assert (spending.unique, spending.logical) == (7, 12)


def test_jumps_by_hand() -> None:
    jumps = _Jumps(np.array([0.412, 0.492, 0.085]), most=3)
    rows = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]], np.int16)
    # 1 / (1 + exp(changed - unchanged)): 0.412 - 0.577, 0.904 - 0.085
    np.testing.assert_allclose([jumps.birth(row) for row in rows], [1, 0.54116, 0.30598, 0], atol=1e-5)
    space = Space(Text(STRING), [["fine"], ["sweet"], ["movie"]])
    odds = {i: np.ones(1) for i in range(3)}
    ratios = {}
    for seed in range(20):
        new, ratio = _propose(space, rows[1], jumps, odds, np.random.default_rng(seed))
        ratios[tuple(new.tolist())] = round(ratio, 3)
    assert ratios == {
        (0, 0, 0): 0.726,  # (1 / 3) / ((1 - 0.54116) / 1)
        (1, 1, 0): 1.282,  # ((1 - 0.30598) / 2) / (0.54116 / 2)
        (1, 0, 1): 0.926,  # P(birth) there is 0.49875
    }


def test_a_word_that_is_proposed_twice_is_drawn_twice_as_often() -> None:
    attack = replace(
        ATTACK, substitutions=Table({"good": ["fine", "neat"]}) | Table({"good": ["Neat", "great"]}), most=1
    )
    text = Text("Good")
    space = Space(text, [["fine", "neat", "great"]])
    odds = attack._odds(space)
    with pytest.raises(StopIteration) as end:
        odds.send(None)
    assert end.value.value[0].tolist() == [0.25, 0.5, 0.25]


def test_a_rejected_success_counts() -> None:
    # Sweet turns the verdict but is so dissimilar that the walk hardly ever goes there from fine.
    world = World(lambda s: 0.4 if "sweet" in s else 0.6, lambda s: (0.001, 1) if "sweet" in s else (1, 0))
    attack = replace(ATTACK, steps=40, most=2)
    found, _ = search(attack, world, "Good nice", OPTIONS, seed=1)
    assert found.reason == "flipped"
    assert "sweet" in str(found.text)


def test_never_more_replacements_than_most() -> None:
    world = World(linear, angled)
    search(replace(ATTACK, most=2, steps=60), world, STRING, OPTIONS)
    replaced = [len(Text(STRING).diff(Text(asked))) for asked in world.asked if len(Text(asked)) == 3]
    assert max(replaced) == 2


def test_without_success_the_walk_ends_where_it_stands() -> None:
    found, _ = search(replace(ATTACK, steps=1), World(lambda s: 0.9, angled), STRING, OPTIONS)
    assert found.reason == "exhausted"
    assert len(Text(STRING).diff(found.text)) == 1


def test_forbidden_texts_are_not_entered() -> None:
    world = World(linear, angled)
    attack = replace(ATTACK, steps=60, constraints=(MaxChanged(0.34),))
    found, _ = search(attack, world, STRING, OPTIONS)
    assert found.reason == "exhausted"
    assert len(Text(STRING).diff(found.text)) <= 1
    assert set(world.asked[4:]) == {"Fine, nice film!", "Good, sweet film!", "Good, nice movie!"}


@pytest.mark.parametrize(
    ("budget", "string", "reason"),
    [
        (1, STRING, "budget"),
        (4, STRING, "budget"),
        (5, "Fine, nice film!", "budget"),
        (6, "Fine, sweet film!", "flipped"),
    ],
)
def test_the_budget_ends_the_walk(budget: int, string: str, reason: str) -> None:
    found, spending = search(ATTACK, World(linear, angled), STRING, OPTIONS, seed=3, budget=budget)
    assert (str(found.text), found.reason) == (string, reason)
    assert spending.unique <= budget


def test_no_candidates() -> None:
    found, spending = search(ATTACK, World(linear), STRING, {})
    assert (found.reason, spending.unique) == ("no_candidates", 1)


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"most": 0}])
def test_bad_parameters(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        ReversibleJump(**wrong)  # type: ignore[arg-type]
