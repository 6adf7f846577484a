"""The words nearest to a word by Euclidean distance between GloVe vectors, as AddSent wants them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from turncoat.data.addsent_files import glove_file
from turncoat.data.vectors import read_vectors

K = 100  # as published


class NearWords:
    """Words with vectors (words, dimensions), as long as they are; `name` tells which vectors."""

    def __init__(self, words: Sequence[str], matrix: NDArray[np.float32], name: str) -> None:
        self.words, self.name = tuple(words), name
        self._matrix = matrix
        self._squares = (matrix.astype(np.float64) ** 2).sum(axis=1)
        self._rows = {word: row for row, word in enumerate(self.words)}
        self._near: dict[int, tuple[str, ...]] = {}

    def near(self, word: str) -> tuple[str, ...]:
        """The `K` nearest other words, nearest first; ties in the order of the file; () for an unknown word."""
        row = self._rows.get(word)
        if row is None:
            return ()
        if row not in self._near:
            self._near[row] = self._nearest(row)
        return self._near[row]

    def _nearest(self, row: int) -> tuple[str, ...]:
        rough = self._squares - 2 * (self._matrix @ self._matrix[row])
        rough[row] = np.inf
        few = min(K, len(self.words) - 1)
        others = np.flatnonzero(rough <= np.partition(rough, few - 1)[few - 1] + 1e-3) if few else np.arange(0)
        exact = ((self._matrix[others].astype(np.float64) - self._matrix[row]) ** 2).sum(axis=1)
        return tuple(self.words[others[i]] for i in np.lexsort((others, np.round(exact, 6)))[:few])


@lru_cache(maxsize=2)
def open_near_words(path: str | Path | None = None) -> NearWords:
    """The vectors in the file, or the best on this machine, see `glove_file`; they are named after their file.

    Raises:
        MissingResource: there are none. BrokenData: the file is damaged.
    """
    file = Path(path) if path is not None else glove_file()
    return NearWords(*read_vectors(file), name=file.name)
