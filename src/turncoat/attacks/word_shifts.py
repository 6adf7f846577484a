"""Texts as shifts of word vectors, and shifts as texts again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.data.vectors import open_vectors
from turncoat.engine.query import Embed
from turncoat.space import Choices, Space
from turncoat.text import Text


@dataclass(frozen=True, eq=False)
class WordShifts:
    """Where words and options of a space lie. A shift is a row a position: a word's vector minus the original word's.

    Attributes:
        space: its `positions` are the rows.
        originals: vectors of the original words (positions, dimensions).
        options: vectors of all options, position by position (options, dimensions).
    """

    space: Space
    originals: NDArray[np.float64]
    options: NDArray[np.float64]

    @classmethod
    async def on(cls, space: Space, vectors: str | None = None) -> WordShifts:
        """Look the words up in a file of vectors (all unknown ones at 0), or embed each as a sentence of its own."""
        originals = [space.text.words[i] for i in space.positions]
        words = originals + [word for i in space.positions for word in space.options[i]]
        if vectors is None:  # rounded, as the last bits depend on who shares the encoder's batch
            table = np.asarray(await Embed([Text(word) for word in words]), np.float64).round(6)
        else:
            known = open_vectors(vectors)
            rows = [known.row(word) for word in words]
            table = np.zeros((len(words), known.matrix.shape[1]))
            table[[row is not None for row in rows]] = known.matrix[[row for row in rows if row is not None]]
        return cls(space, table[: len(originals)], table[len(originals) :])

    def of(self, row: Choices) -> NDArray[np.float64]:
        """The shifts (positions, dimensions) of a text (words,); 0 where the word is the original one."""
        options = row[self.space.positions]
        changed = np.flatnonzero(options)
        shifts = np.zeros_like(self.originals)
        shifts[changed] = self.options[self._firsts[changed] + options[changed] - 1] - self.originals[changed]
        return shifts

    def nearest(self, shifts: NDArray[np.float64]) -> NDArray[np.int64]:
        """Number of the option nearest to each shifted word (positions,); equally near ones: the first."""
        sizes = self.space.sizes[self.space.positions]
        owners = np.repeat(np.arange(len(sizes)), sizes)
        distances = np.full((len(sizes), sizes.max()), np.inf)
        offsets = self.options - (self.originals + shifts)[owners]
        distances[owners, np.arange(len(owners)) - self._firsts[owners]] = (offsets**2).sum(axis=1)
        return np.asarray(1 + distances.argmin(axis=1), np.int64)

    def path(self, shifts: NDArray[np.float64]) -> Choices:
        """Texts (shifted positions, words) that take up the nearest options one by one, the largest shift first."""
        lengths = np.linalg.norm(shifts, axis=1)
        order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
        rows = np.zeros((len(order), len(self.space.text)), np.int16)
        rows[:, self.space.positions[order]] = self.nearest(shifts)[order] * np.tri(len(order), dtype=np.bool_)
        return rows

    @property
    def _firsts(self) -> NDArray[np.int64]:
        """Row in `options` of each position's first option (positions,)."""
        sizes = self.space.sizes[self.space.positions]
        return np.cumsum(sizes) - sizes
