"""Beam and exhaustive search, by hand."""

from __future__ import annotations

import pytest

from toys import Table, World, search
from turncoat.attacks.beam import Beam
from turncoat.errors import UsageError

OPTIONS = {"a": ["a1", "a2"], "b": ["b1"], "c": []}


def table(**drops: float):
    """Probability of class 0: 0.9 less what each word takes away."""
    return lambda string: max(0.0, 0.9 - sum(drops.get(word, 0.0) for word in string.split()))


def beam(**parameters: object) -> Beam:
    return Beam(substitutions=Table(), **parameters)  # type: ignore[arg-type]


def test_small_spaces_are_asked_whole_by_number_of_changes() -> None:
    world = World(table(a1=0.1, a2=0.2, b1=0.1))  # the lowest is 0.9 - 0.2 - 0.1 = 0.6: no text turns
    found, spending = search(beam(), world, "a b c", OPTIONS)
    assert world.asked == ["a b c", "a b1 c", "a1 b c", "a2 b c", "a1 b1 c", "a2 b1 c"]
    assert (str(found.text), found.reason, found.trace) == ("a2 b1 c", "exhausted", {"exhaustive": True})
    assert spending.unique == 6


def test_an_exhaustive_success_has_the_fewest_changes() -> None:
    found, _ = search(beam(), World(table(a2=0.45, b1=0.1)), "a b c", OPTIONS)
    assert (str(found.text), found.reason) == ("a2 b c", "flipped")


def test_the_beam_follows_the_best_texts() -> None:
    options = {"a": ["a1", "a2"], "b": ["b1"], "c": ["c1"]}
    drops = {"a1": 0.1, "a2": 0.15, "b1": 0.2, "c1": 0.05}
    world = World(table(**drops))
    found, _ = search(beam(width=1, most_texts=1), world, "a b c", options)
    assert world.asked == [
        "a b c",
        "a1 b c", "a2 b c", "a b1 c", "a b c1",  # b1 is best
        "a1 b1 c", "a2 b1 c", "a b1 c1",  # then a2
        "a2 b1 c1",  # 0.9 - 0.15 - 0.2 - 0.05 = 0.5: a tie, which class 0 keeps
    ]  # fmt: skip
    assert (str(found.text), found.reason, found.trace) == ("a2 b1 c1", "exhausted", {"exhaustive": False})


def test_a_wider_beam_asks_no_text_twice() -> None:
    options = {word: [f"{word}1"] for word in "abcd"}
    world = World(table())
    search(beam(width=100, most_texts=1), world, "a b c d", options)
    assert len(world.asked) == len(set(world.asked)) == 2**4


def test_the_beam_finds_what_greed_misses() -> None:
    def trap(string: str) -> float:  # a1 looks best alone, but only b1 and c1 together turn
        words = set(string.split())
        return 0.3 if {"b1", "c1"} <= words else 0.6 if "a1" in words else 0.8 if words & {"b1", "c1"} else 0.9

    options = {word: [f"{word}1"] for word in "abc"}
    assert search(beam(width=1, most_texts=1), World(trap), "a b c", options)[0].reason == "flipped"  # at the last word
    narrow, _ = search(beam(width=1, most_texts=1), World(trap), "a b c", options)
    wide, _ = search(beam(width=3, most_texts=1), World(trap), "a b c", options)
    assert (str(narrow.text), str(wide.text)) == ("a1 b1 c1", "a b1 c1")


def test_no_candidates_and_no_budget() -> None:
    assert search(beam(), World(table()), "c c", OPTIONS)[0].reason == "no_candidates"
    assert search(beam(), World(table()), "a b c", OPTIONS, budget=3)[0].reason == "budget"
    with pytest.raises(UsageError, match="at least 1"):
        beam(width=0)
