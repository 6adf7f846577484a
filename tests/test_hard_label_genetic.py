"""HLBB against a transcript computed by hand, and its generations in parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from angled import OPTIONS, STRING, angled, linear
from toys import Table, World, search
from turncoat.attacks.hard_label_genetic import HardLabelGenetic, near_content_words
from turncoat.attacks.label_search import LabelSearch
from turncoat.engine.query import Decide
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.goals.classification import Turn
from turncoat.space import Space
from turncoat.substitutions.constraints import MaxChanged
from turncoat.substitutions.narrowing import WithoutShortWords
from turncoat.text import Text

ATTACK = HardLabelGenetic(substitutions=Table(), population=4, patience=2, tries=3)


@pytest.mark.parametrize("hard", [True, False])
def test_transcript_by_hand(hard: bool) -> None:
    world = World(linear, angled)
    found, spending = search(ATTACK, world, STRING, OPTIONS, seed=3, hard=hard)
    assert world.asked == [
        "Good film, very nice plot!",  # 0.65
        # seed 3 shuffles to plot, nice, film, good and draws story | story neat | story sweet movie | ... fine
        "Good film, very nice story!", "Good film, very neat story!", "Good movie, very sweet story!",
        "Fine movie, very sweet story!",  # 0.47: turned
        # restore each word: "Good movie, very sweet story!" was asked; film (0.49) and plot (0.45) may go back
        "Fine film, very sweet story!", "Fine movie, very nice story!", "Fine movie, very sweet plot!",
        # both are equally similar, so film first, then plot too: 0.47; of what is left nothing may go back
        "Fine film, very sweet plot!", "Good film, very sweet plot!", "Fine film, very nice plot!",
        # first mutants: decent (angle 0.7 > 0.5) would be less similar and is not asked; neat is turned, 0.48
        "Fine film, very neat plot!",
        # mutants of "Fine ... neat": good cannot go back either; twice the same best member ends the search
        "Good film, very neat plot!",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("Fine film, very neat plot!", "flipped")
    assert found.trace == {"turned_with": 4, "restored_to": 2, "generations": 3}
    assert spending.unique == 13


@pytest.mark.parametrize(
    ("budget", "string", "reason"),
    [
        (1, STRING, "budget"),
        (4, STRING, "budget"),
        (7, "Fine movie, very sweet story!", "flipped"),
        (8, "Fine film, very sweet story!", "flipped"),
        (11, "Fine film, very sweet plot!", "flipped"),
        (12, "Fine film, very neat plot!", "flipped"),
    ],
)
def test_the_budget_ends_the_search_with_the_best_text_so_far(budget: int, string: str, reason: str) -> None:
    found, spending = search(ATTACK, World(linear, angled), STRING, OPTIONS, seed=3, hard=True, budget=budget)
    assert (str(found.text), found.reason) == (string, reason)
    assert spending.unique <= budget


def test_no_flip_gives_the_untouched_text() -> None:
    found, spending = search(ATTACK, World(lambda s: 0.9, angled), STRING, OPTIONS, hard=True)
    assert (str(found.text), found.reason) == (STRING, "exhausted")
    assert 1 < spending.unique <= spending.logical == 1 + 5 + 3  # as many as words, then the tries


def test_no_candidates() -> None:
    found, spending = search(ATTACK, World(linear), STRING, {}, hard=True)
    assert (found.reason, spending.unique) == ("no_candidates", 1)


def test_one_changed_word_is_enough() -> None:
    world = World(lambda string: 0.1 if "Fine" in string else 0.9, angled)
    found, _ = search(ATTACK, world, STRING, OPTIONS, seed=3, hard=True)
    assert str(found.text) == "Fine film, very nice plot!"
    assert found.trace == {"turned_with": 4, "restored_to": 1}


def test_forbidden_texts_are_neither_asked_nor_returned() -> None:
    attack = HardLabelGenetic(substitutions=Table(), constraints=(MaxChanged(0.2),), tries=3)
    world = World(lambda string: linear(string) - 0.03, angled)
    found, _ = search(attack, world, STRING, OPTIONS, seed=3, hard=True)
    changed = [len(Text(STRING).diff(Text(asked))) for asked in world.asked]
    assert max(changed) == 1
    assert len(Text(STRING).diff(found.text)) <= 1


def test_a_target_is_reached_too() -> None:
    found, _ = search(ATTACK, World(linear, angled), STRING, OPTIONS, seed=3, hard=True, target=1)
    assert str(found.text) == "Fine film, very neat plot!"


# --- one generation ---

OTHERS = {word: [f"{word}1", f"{word}2"] for word in "abcd"}


def generation(attack: HardLabelGenetic, world: World, string: str, start: list[int], step: Any) -> Any:
    """What one step of the genetic search makes of a text."""
    text = Text(string)

    async def work() -> Any:
        clean = (await Decide([text]))[0]
        space = Space(text, [OTHERS.get(word, []) for word in text.words])
        state = LabelSearch(space, Turn(text, 0, 2, clean, hard=True), np.array(start, np.int16), turned=True)
        return await step(attack, state)

    ((_, result),) = run([Task("toy", work())], world.responders(hard=True))
    return result


def shares(string: str) -> tuple[float, float]:
    """The first options (a1, ...) lie farther off than the second ones."""
    angle = 0.2 * string.count("1") + 0.1 * string.count("2")
    return np.cos(angle), np.sin(angle)


def test_children_take_every_word_from_one_parent_and_obey_three_rules() -> None:
    world = World(lambda s: 0.9 if sum(map(s.count, "12")) < 2 else 0.1, shares)  # any two new words turn it
    members = np.array([[2, 1, 0], [0, 1, 1], [2, 0, 2]], np.int16)

    async def step(attack: HardLabelGenetic, state: LabelSearch) -> Any:
        similar = np.array([0.9, 0.8, 0.95])
        return await attack._cross(state, members, similar, np.array([0, 1, 2]), np.random.default_rng(0))

    children = generation(HardLabelGenetic(population=400), world, "a b c", [2, 1, 0], step)
    # The best's angle is 0.3, as is that of [2 0 1] and [0 1 2]; that of [2 0 2] is 0.2. Three changes: [2 1 1] and
    # [2 1 2]; less similar: [0 1 1]; not turned: [2 0 0], [0 1 0] and whatever keeps a and b.
    kinds = {tuple(child) for child in children.tolist()}
    assert kinds == {(2, 1, 0), (2, 0, 2), (0, 1, 2), (2, 0, 1)}


def test_a_mutant_is_the_text_restored_or_its_nearest_synonym() -> None:
    world = World(lambda s: 0.1 if "1" in s or "2" in s else 0.9, shares)
    rows = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 2], [0, 1, 1]], np.int16)

    async def step(attack: HardLabelGenetic, state: LabelSearch) -> Any:
        return await attack._mutate(state, rows, np.array([0, 0, 2, 0]))

    mutants = generation(HardLabelGenetic(), world, "a b c", [1, 1, 0], step)
    # b1 alone is turned | a cannot go back, a2 is nearer | c2 cannot go back, c1 is less similar: left out |
    # the word at the column is the original one already
    assert mutants.tolist() == [[0, 1, 0], [2, 0, 0], [0, 1, 1]]
    assert "a b c1" not in world.asked


def test_local_similarity_looks_at_a_window() -> None:
    world = World(lambda s: 0.1, shares)
    rows = np.array([[1, *[0] * 9], [*[0] * 9, 1], [*[0] * 5, 1, *[0] * 4]], np.int16)

    async def step(attack: HardLabelGenetic, state: LabelSearch) -> Any:
        return await attack._local(state, rows, np.array([0, 9, 5]))

    attack = HardLabelGenetic(window=3)
    similar = generation(attack, world, "a x x x x b x x x c", [0] * 10, step)
    assert world.embedded[:3] == ["a1 x x", "x x c1", "x b1 x"]
    np.testing.assert_allclose(similar, np.cos(0.2), atol=1e-6)
    world.embedded.clear()
    generation(HardLabelGenetic(window=10), world, "a x x x x b x x x c", [0] * 10, step)
    assert world.embedded[1] == "a1 x x x x b x x x c"  # whole texts, which are known already


@pytest.mark.parametrize("wrong", [{"population": 1}, {"iterations": 0}, {"patience": 0}, {"tries": -1}])
def test_bad_parameters(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="expected"):
        HardLabelGenetic(**wrong)  # type: ignore[arg-type]


def test_short_words_stay() -> None:
    assert near_content_words() == HardLabelGenetic().substitutions
    source = WithoutShortWords(Table({"ox": ["bull"], "cow": ["bull"]}))
    with pytest.raises(StopIteration) as end:
        source.propose(Text("ox cow")).send(None)
    assert end.value.value == [(), ["bull"]]
