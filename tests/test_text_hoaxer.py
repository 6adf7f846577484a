"""TextHoaxer against a transcript computed by hand, and shifts of word vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from angled import OPTIONS, STRING, angled, linear
from toys import Table, World, search
from turncoat.attacks.label_search import LabelSearch
from turncoat.attacks.text_hoaxer import TextHoaxer
from turncoat.attacks.word_shifts import WordShifts
from turncoat.engine.query import Decide
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.goals.classification import Turn
from turncoat.space import Space
from turncoat.text import Text

ATTACK = TextHoaxer(substitutions=Table(), iterations=1, tries=3)


@pytest.mark.parametrize("hard", [True, False])
def test_transcript_by_hand(hard: bool) -> None:
    world = World(linear, angled)
    found, spending = search(ATTACK, world, STRING, OPTIONS, seed=0, hard=hard)
    assert world.asked == [
        "Good film, very nice plot!",  # 0.65
        # seed 0 shuffles to nice, good, film, plot and draws sweet | sweet fine: 0.47, turned
        "Good film, very sweet plot!", "Fine film, very sweet plot!",
        # restoring: neither of the two may go back
        "Fine film, very nice plot!",
        # Theta: good -> fine (-0.005 0.100), nice -> sweet (-0.079 0.389); noise (-0.623 0.041), (-1.246 -0.732).
        # Theta + 0.5 noise has lengths 0.339 and 0.702, so nice first; near (0.298 0.023) lie sweet 0.522, neat 0.496;
        # near (0.683 0.120) lie fine 0.098, decent 0.105. 0.52, then 0.48: turned, and more similar (cos 0.3 > cos 0.5)
        "Good film, very neat plot!", "Fine film, very neat plot!",
        # derivative (0.878 - 0.955) / 0.5 = -0.156; Theta - 0.3 (-0.156 noise + 0.2 Theta) has lengths good 0.102,
        # film 0.109, nice 0.357, plot 0.029; nice -> sweet (asked above), then film -> movie: 0.49, turned, cos 0.5
        "Good movie, very sweet plot!",
        # scales 0.3 -> film 0.283, nice 0.271: the same way again
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("Fine film, very neat plot!", "flipped")
    assert found.trace == {"turned_with": 2, "restored_to": 2, "iterations": 1}
    assert spending.unique == 7


def test_the_climb_ends_with_its_questions() -> None:
    attack = TextHoaxer(substitutions=Table(), questions=5, tries=3)
    world = World(linear, angled)
    found, spending = search(attack, world, STRING, OPTIONS, seed=0, hard=True)
    assert world.asked[4:] == ["Good film, very neat plot!"]
    assert (str(found.text), found.reason) == ("Fine film, very sweet plot!", "flipped")
    assert (spending.unique, found.trace["iterations"]) == (5, 1)


@pytest.mark.parametrize(
    ("budget", "string", "reason"),
    [
        (2, STRING, "budget"),
        (3, "Fine film, very sweet plot!", "flipped"),
        (5, "Fine film, very sweet plot!", "flipped"),
        (6, "Fine film, very neat plot!", "flipped"),
    ],
)
def test_the_budget_ends_the_search_with_the_best_text_so_far(budget: int, string: str, reason: str) -> None:
    found, spending = search(ATTACK, World(linear, angled), STRING, OPTIONS, seed=0, hard=True, budget=budget)
    assert (str(found.text), found.reason) == (string, reason)
    assert spending.unique <= budget


def test_no_flip_gives_the_untouched_text() -> None:
    found, _ = search(ATTACK, World(lambda s: 0.9, angled), STRING, OPTIONS, hard=True)
    assert (str(found.text), found.reason) == (STRING, "exhausted")


def test_no_candidates() -> None:
    found, spending = search(ATTACK, World(linear), STRING, {}, hard=True)
    assert (found.reason, spending.unique) == ("no_candidates", 1)


def test_one_changed_word_is_enough() -> None:
    world = World(lambda string: 0.1 if "Fine" in string else 0.9, angled)
    found, _ = search(ATTACK, world, STRING, OPTIONS, seed=0, hard=True)
    assert (str(found.text), "Good" in world.embedded) == ("Fine film, very nice plot!", False)


def test_more_iterations_never_lose_similarity() -> None:
    best = 0.0
    for iterations in (1, 3, 10, 30):
        attack = TextHoaxer(substitutions=Table(), iterations=iterations, tries=3)
        found, _ = search(attack, World(linear, angled), STRING, OPTIONS, seed=6, hard=True)
        assert angled(str(found.text))[0] >= best - 1e-6
        best = angled(str(found.text))[0]


@pytest.mark.parametrize("wrong", [{"questions": 0}, {"iterations": 0}, {"noise": 0.0}, {"scale": 0.0}, {"tries": -1}])
def test_bad_parameters(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        TextHoaxer(**wrong)


# --- shifts ---

POINTS = {"a": (0, 0), "a1": (2, 0), "a2": (0, 1), "b": (5, 5), "b1": (5, 6), "c": (1, 1), "c1": (4, 1), "c2": (1, 4)}
SPACE = Space(Text("a x b c"), [["a1", "a2"], [], ["b1"], ["c1", "c2"]])


async def _look_up(vectors: str | None = None) -> WordShifts:
    return await WordShifts.on(SPACE, vectors)


def shifts(vectors: str | None = None) -> WordShifts:
    world = World(lambda s: 0.5, lambda word: POINTS[word])
    ((_, found),) = run([Task("toy", _look_up(vectors))], world.responders())
    return found


def test_shifts_of_a_text() -> None:
    row = np.array([2, 0, 0, 1], np.int16)
    assert shifts().of(row).tolist() == [[0, 1], [0, 0], [3, 0]]


def test_the_way_of_shifts_takes_the_largest_first_and_skips_unshifted_words() -> None:
    # a at (1.2, 0.1) is nearest a1; c at (1, 2.9) is nearest c2
    way = shifts().path(np.array([[1.2, 0.1], [0, 0], [0, 1.9]]))
    assert way.tolist() == [[0, 0, 0, 2], [1, 0, 0, 2]]


def test_equally_large_shifts_and_equally_near_options_go_by_position() -> None:
    # c at (2, 2) is as far from c1 as from c2
    assert shifts().path(np.ones((3, 2))).tolist() == [[2, 0, 0, 0], [2, 0, 1, 0], [2, 0, 1, 1]]


def test_a_file_of_vectors(tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("a 1 0\na1 0 1\nb 3 4\nc 1 0\nc1 0 2\nc2 -1 0\n")
    found = shifts(str(file))
    np.testing.assert_allclose(found.originals, [[1, 0], [0.6, 0.8], [1, 0]], atol=1e-6)
    np.testing.assert_allclose(found.options, [[0, 1], [0, 0], [0, 0], [0, 1], [-1, 0]], atol=1e-6)  # a2, b1 unknown


def test_scales_by_hand() -> None:
    """gamma - 0.05 (max(gamma - 0.1, 0) - gain / (gamma + 0.0001)), gain = similarity - similarity with it restored."""
    text = Text("a x b c")
    world = World(lambda s: 0.1, lambda s: (1 - 0.3 * ("a1" in s) - 0.1 * ("c1" in s), 0.0) if " " in s else POINTS[s])
    scales: NDArray[np.float64] = np.array([[0.3], [0.3], [0.05]])

    async def work() -> Any:
        clean = (await Decide([text]))[0]
        state = LabelSearch(SPACE, Turn(text, 0, 2, clean, hard=True), np.array([1, 0, 0, 1], np.int16), turned=True)
        return await TextHoaxer()._rescaled(state, await WordShifts.on(SPACE), scales, state.row, 0.6)

    ((_, new),) = run([Task("toy", work())], world.responders(hard=True))
    # a: 0.3 - 0.05 (0.2 + 0.3 / 0.3001); b: 0.3 - 0.05 * 0.2; c: 0.05 - 0.05 * 0.1 / 0.0501 < 0, so the least scale
    np.testing.assert_allclose(new[:, 0], [0.2400167, 0.29, 0.0001], atol=1e-6)
