"""Points near other points, as matrices of choices."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.space import Choices

Indices = NDArray[np.int64]


def one_word_away(points: Choices, where: Indices, sizes: Indices) -> Choices:
    """Every point that differs from one of `points` in one of the positions `where`: by point, by position, by choice.

    Args:
        sizes: number of options of each position; a choice is 0 (the original word) up to that.
    """
    counts = sizes[where] + 1
    columns = np.repeat(where, counts)
    choices = np.arange(len(columns)) - np.repeat(np.cumsum(counts) - counts, counts)
    moved = np.repeat(points[:, None, :], len(columns), axis=1)
    moved[:, np.arange(len(columns)), columns] = choices
    near: Choices = moved[points[:, columns] != choices]
    return near


def scattered(point: Choices, where: Indices, sizes: Indices, away: int, count: int, rng: Generator) -> Choices:
    """`count` random points that differ from `point` in exactly `away` (or all) of the positions `where`.

    Both the positions and the other choices they take are uniform.
    """
    others = rng.integers(sizes[where], size=(count, len(where)))
    others += others >= point[where]
    moves = random_subsets(len(where), away, count, rng)
    points = np.tile(point, (count, 1))
    points[:, where] = np.where(moves, others, point[where])
    return points


def with_resets(point: Choices, resets: int, count: int, rng: Generator) -> Choices:
    """`count` random points that arise from `point` by putting `resets` (or all) of its original words back."""
    changed = np.flatnonzero(point)
    points = np.tile(point, (count, 1))
    points[:, changed] *= ~random_subsets(len(changed), resets, count, rng)
    return points


def random_subsets(items: int, members: int, count: int, rng: Generator) -> NDArray[np.bool_]:
    """Uniform subsets of `members` (or all) of the items, (count, items)."""
    draws = rng.random((count, items))
    if members >= items:
        return np.ones((count, items), bool)
    return draws <= np.partition(draws, members - 1, axis=1)[:, members - 1 : members]
