"""The two first steps of label-only attacks: turn at random, restore words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from toys import World
from turncoat.attacks.label_search import LabelSearch, restored
from turncoat.engine.query import Decide
from turncoat.engine.run import Task, run
from turncoat.errors import BudgetSpent
from turncoat.goals.classification import Turn
from turncoat.space import Space
from turncoat.text import Text


def drive(
    world: World, string: str, options: list[list[str]], steps: Callable[[LabelSearch], Awaitable[Any]], **limits: Any
) -> tuple[LabelSearch, Any]:
    """Answer what the steps of a label-only search ask."""
    text = Text(string)

    async def work() -> tuple[LabelSearch, Any]:
        clean = (await Decide([text]))[0]
        state = LabelSearch.on(Space(text, options), Turn(text, 0, 2, clean, hard=True))
        try:
            return state, await steps(state)
        except BudgetSpent:
            return state, "budget"

    ((_, result),) = run([Task("toy", work(), **limits)], world.responders(hard=True))
    return result


LONG = "a b c d e f g h i j k l m n o p q r s t"
NUMBERED = [[f"{word}1"] for word in LONG.split()]


def groups(world: World, budget: int | None = None) -> tuple[list[int], int | str | None]:
    """How many texts `first` asks about at once, and what it says."""
    sizes: list[int] = []

    async def steps(state: LabelSearch) -> int | None:
        judge = state.reached

        async def counted(rows: Any) -> Any:
            answer = await judge(rows)
            sizes.append(len(rows))
            return answer

        state.reached = counted  # type: ignore[method-assign]
        return await state.first(np.tri(20, dtype=np.int16))

    _, index = drive(world, LONG, NUMBERED, steps, budget=budget)
    return sizes, index


def test_groups_grow_by_a_quarter_of_what_was_asked() -> None:
    assert groups(World(lambda string: 0.9)) == ([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 2], None)


def test_the_first_of_a_group_counts() -> None:
    world = World(lambda string: 0.1 if "i1" in string else 0.9)  # index 8, asked together with index 9
    assert groups(world) == ([1] * 8 + [2], 8)


def test_a_group_is_no_larger_than_the_budget_allows() -> None:
    assert groups(World(lambda string: 0.9), budget=10) == ([1] * 9, "budget")  # the clean text was the tenth


def test_turning_adds_words_in_a_random_order_then_replaces_all() -> None:
    world = World(lambda string: 0.9)
    options = [[f"{word}{i}" for i in range(99)] if word != "b" else [] for word in "abcd"]
    state, turned = drive(world, "a b c d", options, lambda s: s.turn(np.random.default_rng(1), tries=3))
    assert (turned, state.turned, state.row.tolist()) == (False, False, [0, 0, 0, 0])
    order = np.random.default_rng(1).permutation([0, 2, 3])
    changed = [{change.position for change in Text("a b c d").diff(Text(asked))} for asked in world.asked[1:]]
    # four texts, one for every word of the original, then three tries: all but the first two are changed everywhere
    assert changed == [set(order[:1]), set(order[:2])] + [{0, 2, 3}] * 5


def test_turning_stops_at_the_first_success() -> None:
    world = World(lambda string: 0.1 if string.count("1") == 2 else 0.9)
    state, turned = drive(world, "a b c", [["a1"], ["b1"], ["c1"]], lambda s: s.turn(np.random.default_rng(0), 5))
    assert turned
    assert len(world.asked) == 3
    assert state.trace == {"turned_with": 2}
    assert state.found("exhausted").reason == "flipped"


async def _restore(state: LabelSearch) -> None:
    state.row, state.turned = np.ones(4, np.int16), True
    await state.restore()


# Turned as long as a1 and another of the new words stand; c1 is dear, b1 and d1 cost the same.
ANGLES = {"a1": 0.1, "b1": 0.2, "c1": 0.4, "d1": 0.2}
RESTORING = {
    "probability": lambda string: 0.1 if "a1" in string and string.count("1") >= 2 else 0.9,
    "vector": lambda string: (np.cos(a := sum(ANGLES.get(w, 0) for w in string.split())), np.sin(a)),
}


def test_restoring_by_hand() -> None:
    world = World(**RESTORING)  # type: ignore[arg-type]
    state, _ = drive(world, "a b c d", [["a1"], ["b1"], ["c1"], ["d1"]], _restore)
    assert world.asked == [
        "a b c d",
        # every word alone; all but a may be restored
        "a b1 c1 d1", "a1 b c1 d1", "a1 b1 c d1", "a1 b1 c1 d",
        # most similar first: c (asked above), then b and d in their order, d one too many
        "a1 b c d1", "a1 b c d",
        # the second round: a1 b c d was asked
        "a b c d1",
    ]  # fmt: skip
    assert state.row.tolist() == [1, 0, 0, 1]
    assert state.trace["restored_to"] == 2


@pytest.mark.parametrize(("budget", "row"), [(4, [1, 1, 1, 1]), (5, [1, 1, 0, 1]), (6, [1, 0, 0, 1])])
def test_the_budget_leaves_what_was_restored(budget: int, row: list[int]) -> None:
    state, end = drive(World(**RESTORING), "a b c d", [["a1"], ["b1"], ["c1"], ["d1"]], _restore, budget=budget)  # type: ignore[arg-type]
    assert (end, state.row.tolist()) == ("budget", row)


def test_restored_is_one_text_a_position() -> None:
    assert restored(np.array([3, 0, 1], np.int16), np.array([0, 2])).tolist() == [[0, 0, 1], [3, 0, 0]]
