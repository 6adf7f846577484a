"""The genetic attack: its parts, and a transcript worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from toys import Table, World, search
from turncoat.attacks.best_so_far import BestSoFar
from turncoat.attacks.genetic import Genetic, choose_parents, choose_positions, cross, ga, ga_wordnet
from turncoat.attacks.one_word import draw, one_word_changes, ranks
from turncoat.engine.query import Cloze, Spending, Spent, Weigh
from turncoat.errors import UsageError
from turncoat.goals.classification import Turn
from turncoat.space import Space
from turncoat.substitutions.constraints import MaxChanged
from turncoat.substitutions.lexicon import CounterFitted
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.wordnet import WordNet
from turncoat.text import Text

OPTIONS = {"a": ["a1", "a2"], "b": ["b1"], "d": ["d1"]}
DROPS = {"a1": 0.1, "a2": 0.05, "b1": 0.2, "d1": 0.15}  # what a word takes from F_0, which is 0.9


def victim(string: str) -> float:
    return 0.9 - sum(DROPS.get(word, 0.0) for word in string.split())


def attack(**parameters: Any) -> Genetic:
    return Genetic(substitutions=Table(), **parameters)


def test_transcript_by_hand() -> None:
    # Seed 0 draws .637 .270 .041 | .017 .813 .913 .607 | .730 .544 .935 .816 .003 .857 | .034 .730
    #   | .176 .863 .541 .300 | .423 .028 .124 .671 .647 .615 | .384 .997
    world = World(victim)
    found, spending = search(attack(population=3), world, "a b d", OPTIONS)
    assert world.asked == [
        "a b d",
        # First members. a has 2 options, b and d 1 each: of 4, numbers below .5 mean a, below .75 b. So b, a, a;
        # a1 (0.80) is better than a2 (0.85). Members: a b1 d (0.70), a1 b d (0.80), a1 b d (0.80).
        "a b1 d", "a1 b d", "a2 b d",
        # Weights exp(f / 0.3) are as 1 : .717 : .717, ends .411 .706 1. Mothers 0, 2; fathers 2, 1.
        # The first child takes no word from its mother, the second only b: both are a1 b d. Of their unchanged words
        # b and d, the first changes b (0.60), the second d (0.65). Members: a b1 d (the elite), a1 b1 d, a1 b d1.
        "a1 b1 d", "a1 b d1",
        # Fitness .30 .40 .35, ends .280 .670 1. Mothers 0, 2; fathers 1, 1. The first child is its mother a b1 d, the
        # second its father a1 b1 d. The first changes a: a1 b1 d, which is known, is better than a2 b1 d (0.65); the
        # second d, its only unchanged word: 0.45. Members: a1 b1 d (the elite), a1 b1 d, a1 b1 d1.
        "a2 b1 d", "a1 b1 d1",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("a1 b1 d1", "flipped")
    assert found.trace == {"best": [0.3, 0.4, 0.55], "distinct": [2, 3, 2]}
    # logical: 1; 3 + original; 2 + one child; 4 of (a b1 d, a1 b1 d, a2 b1 d, a1 b1 d1)
    assert (spending.unique, spending.logical) == (8, 1 + 4 + 3 + 4)


def test_fit_members_have_more_children() -> None:
    """exp((0.9 - 0.3) / 0.3) = 7.39 times as many, not as few."""
    parents = choose_parents(np.array([0.3, 0.9]), 0.3, 5000, np.random.default_rng(0))
    assert parents.shape == (2, 5000)
    unfit, fit = np.bincount(parents.ravel())
    assert fit / unfit == pytest.approx(np.exp(2), rel=0.1)


def test_forbidden_members_have_no_children() -> None:
    rng = np.random.default_rng(0)
    assert set(choose_parents(np.array([-np.inf, 0.0, -np.inf]), 0.3, 50, rng).ravel()) == {1}
    assert set(choose_parents(np.full(2, -np.inf), 0.3, 50, rng).ravel()) == {0, 1}


def test_children_take_each_word_from_either_parent() -> None:
    mothers, fathers = np.full((400, 5), 1, np.int16), np.full((400, 5), 2, np.int16)
    children = cross(mothers, fathers, np.random.default_rng(0))
    assert set(children.ravel()) == {1, 2}
    np.testing.assert_allclose(children.mean(axis=0), 1.5, atol=0.1)


def test_unchanged_words_are_chosen_in_proportion_to_their_options() -> None:
    sizes = np.array([3, 0, 1, 4])
    rng = np.random.default_rng(0)
    shares = np.bincount(choose_positions(sizes, np.zeros((4000, 4), np.int16), rng), minlength=4) / 4000
    np.testing.assert_allclose(shares, sizes / 8, atol=0.03)
    one_changed = np.tile(np.array([0, 0, 1, 2], np.int16), (50, 1))
    assert set(choose_positions(sizes, one_changed, rng)) == {0}
    all_changed = np.tile(np.array([1, 0, 1, 2], np.int16), (50, 1))
    assert set(choose_positions(sizes, all_changed, rng)) == {0, 2, 3}


def test_draw_never_takes_a_column_without_weight() -> None:
    weights = np.tile([0.0, 0.3, 0.0, 0.7, 0.0], (2000, 1))
    drawn = np.bincount(draw(weights, np.random.default_rng(0)), minlength=5) / 2000
    np.testing.assert_allclose(drawn, [0, 0.3, 0, 0.7, 0], atol=0.03)


def test_changes_of_one_word_in_many_texts() -> None:
    space = Space(Text("a b d"), [["a1", "a2", "a3"], [], ["d1", "d2"]])
    bases = np.array([[0, 0, 1], [2, 0, 0]], np.int16)
    changes, owners = one_word_changes(space, bases, np.array([0, 2]), most=2)
    assert [*map(str, changes)] == ["a1 b d1", "a2 b d1", "a2 b d1", "a2 b d2"]
    assert owners.tolist() == [0, 0, 1, 1]
    assert len(one_word_changes(space, bases, np.array([0, 2]))[0]) == 5
    assert bases.tolist() == [[0, 0, 1], [2, 0, 0]]  # untouched


def test_ranks_are_those_among_the_owner_s_texts() -> None:
    owners = np.array([0, 0, 0, 2, 2])
    assert ranks(owners, np.array([0.1, 0.5, 0.5, -np.inf, 0.0])).tolist() == [2, 0, 1, 1, 0]


def test_the_elite_lives_on_unchanged() -> None:
    found, _ = search(attack(population=4, generations=8), World(lambda s: 0.6 + victim(s) / 9), "a b d", OPTIONS)
    assert found.reason == "exhausted"
    assert str(found.text) == "a1 b1 d1"
    assert len(found.trace["best"]) == 9
    assert found.trace["best"] == sorted(found.trace["best"])


def test_a_text_that_nothing_helps_stays() -> None:
    """All members are the original for ever: the population has collapsed, the search goes on."""
    found, spending = search(
        attack(population=3, generations=4), World(lambda s: 0.6 + 0.01 * len(s)), "a b d", OPTIONS
    )
    assert (str(found.text), found.reason) == ("a b d", "exhausted")
    assert found.trace["distinct"] == [1] * 5
    assert spending.unique <= 5


def test_only_the_first_neighbours_are_tried() -> None:
    world = World(victim)
    search(attack(population=10, generations=1, neighbours=1), world, "a", {"a": ["a2", "a1"]})
    assert world.asked == ["a", "a2"]


def test_the_language_model_keeps_the_likeliest() -> None:
    likelihood = {"a1": -5.0, "a2": -2.0, "a3": -2.0, "a4": -1.0}
    weighed: list[Cloze] = []

    def weigh(batches: Any) -> list[Any]:
        weighed.extend(cloze for batch in batches for cloze in batch)
        return [np.array([likelihood[cloze.word.lower()] for cloze in batch]) for batch in batches]

    options = {"a": ["a1", "a2", "a3", "a4"], "b": ["b1", "b2"]}
    world = World(lambda s: 0.9, more={Weigh: weigh})
    found, _ = search(attack(population=20, generations=1, lm_keep=2), world, "A b", options)
    assert set(world.asked) == {"A b", "A2 b", "A4 b", "A b1", "A b2"}  # a3 is as likely as a2, but comes later
    assert {cloze.word for cloze in weighed} == {"A1", "A2", "A3", "A4"}  # b has no more than two: nothing to choose
    assert {(str(cloze.text), cloze.position) for cloze in weighed} == {("A b", 0)}
    assert found.reason == "exhausted"


def test_a_text_without_candidates_fails_unasked() -> None:
    world = World(victim)
    found, _ = search(attack(), world, "c c", OPTIONS)
    assert (str(found.text), found.reason, world.asked) == ("c c", "no_candidates", ["c c"])


def test_the_budget_is_used_up_and_the_best_text_returned() -> None:
    found, spending = search(attack(population=3), World(victim), "a b d", OPTIONS, budget=5)
    assert (str(found.text), found.reason, spending.unique) == ("a1 b1 d", "budget", 5)
    found, spending = search(attack(population=3), World(victim), "a b d", OPTIONS, budget=2)
    assert (str(found.text), found.reason, spending.unique) == ("a b1 d", "budget", 2)
    assert found.trace == {"best": [], "distinct": []}


def test_constraints_keep_texts_out_of_the_population() -> None:
    world = World(victim)
    found, _ = search(attack(constraints=(MaxChanged(0.34),), population=9), world, "a b d", OPTIONS)
    assert (str(found.text), found.reason) == ("a b1 d", "exhausted")
    assert set(world.asked) <= {"a b d", "a1 b d", "a2 b d", "a b1 d", "a b d1"}


def test_a_target_is_reached_too() -> None:
    found, _ = search(attack(population=6), World(victim), "a b d", OPTIONS, target=1)
    assert found.reason == "flipped"


def test_the_best_so_far_is_a_success_before_it_is_a_score() -> None:
    """With three classes a text that turned may have more of the gold class than one that did not."""
    space = Space(Text("a"), [["x", "y", "z"]])
    goal = Turn(space.text, 0, 3, np.array([0.5, 0.3, 0.2]))
    answers = {"x": [0.40, 0.30, 0.30], "y": [0.45, 0.50, 0.05], "z": [0.46, 0.50, 0.04]}
    best = BestSoFar(goal, space.text, goal.clean_score)
    judging = best.judge(space.variants(np.array([[1], [2], [3], [1]])))
    assert isinstance(judging.send(None), Spent)
    question = judging.send(Spending())
    assert [*map(str, question.texts)] == ["x", "y", "z"]
    with pytest.raises(StopIteration) as end:
        judging.send(np.array([answers[str(text)] for text in question.texts]))
    assert end.value.value.reached.tolist() == [False, True, True, False]
    assert (str(best.text), best.reached, best.score) == ("y", True, pytest.approx(0.55))


def test_the_presets() -> None:
    assert ga_wordnet() == Genetic()
    assert ga_wordnet().substitutions == WordNet()
    assert (ga_wordnet().population, ga_wordnet().generations, ga_wordnet().temperature) == (60, 20, 0.3)
    assert (ga_wordnet().neighbours, ga_wordnet().lm_keep, ga_wordnet().constraints) == (None, None, ())
    assert (ga().population, ga().generations, ga().neighbours, ga().lm_keep) == (60, 20, 8, 4)
    assert (ga().substitutions, ga().constraints) == (WithoutStopWords(CounterFitted()), (MaxChanged(0.25),))
    assert (ga().asks_masked_lm, ga_wordnet().asks_masked_lm) == (True, False)


@pytest.mark.parametrize(
    "wrong", [{"population": 1}, {"generations": 0}, {"neighbours": 0}, {"lm_keep": 0}, {"temperature": 0.0}]
)
def test_bad_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"expected .*{next(iter(wrong))} ?>"):
        attack(**wrong)
