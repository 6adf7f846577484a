"""Changing one word in each of many texts at once, as arrays."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.space import Choices, Space, Variants

Indices = NDArray[np.int64]


def one_word_changes(
    space: Space, bases: Choices, positions: Indices, most: int | None = None
) -> tuple[Variants, Indices]:
    """Every option at one position of each base.

    Args:
        space: whose texts they are.
        bases: texts to change (bases, words).
        positions: the word to change in each (bases,); each must have an option.
        most: only so many of the first options; None for all.

    Returns:
        The changed texts, by base, then by option, and the base that each was made from (texts,), ascending.
    """
    sizes = space.sizes[positions]
    if most is not None:
        sizes = np.minimum(sizes, most)
    owners = np.repeat(np.arange(len(bases)), sizes)
    firsts = np.cumsum(sizes) - sizes
    rows = bases[owners]
    rows[np.arange(len(rows)), positions[owners]] = np.arange(len(rows)) - firsts[owners] + 1
    return space.variants(rows), owners


def ranks(owners: Indices, scores: NDArray[np.float64]) -> Indices:
    """Rank of each text among those of its owner (texts,): 0 has the highest score; ties go to the earlier text.

    `owners` ascend.
    """
    order = np.lexsort((-scores, owners))
    ranks = np.empty_like(owners)
    ranks[order] = np.arange(len(owners)) - np.searchsorted(owners, owners)
    return ranks


def draw(weights: NDArray[np.number], rng: Generator) -> Indices:
    """One column for each row of (rows, columns), with probability proportional to its weight.

    Takes one number of [0, 1) a row. No row may be all zero.
    """
    ends = weights.cumsum(axis=1)
    thresholds = rng.random(len(weights)) * ends[:, -1]
    return np.asarray((ends <= thresholds[:, None]).sum(axis=1), np.int64)
