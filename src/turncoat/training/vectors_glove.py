"""GloVe: Global Vectors for Word Representation (Pennington, Socher and Manning, EMNLP 2014)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from turncoat.errors import UsageError
from turncoat.training.vectors_corpus import Corpus, Progress
from turncoat.training.vectors_recipe import VectorRecipe, load_library

AT_ONCE = 500_000  # running words whose neighbours are counted together

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class GloVe(VectorRecipe):
    """Least squares on log counts of neighbours: sum of f(X_ij) (w_i . c_j + b_i + b_j - log X_ij)^2, by AdaGrad.

    Source: J. Pennington, R. Socher, C. D. Manning. "GloVe: Global Vectors for Word Representation." EMNLP 2014.

    Differences from the paper:
        - Each epoch goes through the words in random order and through the neighbours of a word in a row, which keeps
          its vector at hand; the paper draws single cells.
        - Fewer epochs (100 in the paper from 300 dimensions on).

    Attributes:
        window: neighbours up to so many words to both sides count, each with 1 / distance.
        epochs: times through all cells.
        rate: of AdaGrad.
        x_max, alpha: f(X) = min(1, X / x_max) ^ alpha.
    """

    window: int = 10
    epochs: int = 15
    rate: float = 0.05
    x_max: float = 100.0
    alpha: float = 0.75

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.rate, self.x_max, self.alpha) <= 0:
            raise UsageError("expected rate, x_max and alpha above 0")

    def fit(self, corpus: Corpus, seed: int, progress: Progress) -> Floats:
        compiled = load_library("numba").njit(fastmath=True, error_model="numpy")(descend)
        cells = count_neighbours(corpus, self.window, progress)
        weights = np.minimum(cells.data / np.float32(self.x_max), 1) ** np.float32(self.alpha)
        logs = np.log(cells.data)
        rng = default_rng(seed)
        shape = (2, len(corpus.words), self.dimensions + 1)  # words and neighbours; a bias in the last column
        vectors = ((rng.random(shape, np.float32) - 0.5) / self.dimensions).astype(np.float32)
        squares = np.ones(shape, np.float32)
        for epoch in range(1, self.epochs + 1):
            progress(f"GloVe: {cells.nnz:,} cells", epoch - 1, self.epochs)
            order = rng.permutation(len(corpus.words))
            compiled(order, cells.indptr, cells.indices, logs, weights, vectors, squares, np.float32(self.rate))
        return np.asarray(vectors.sum(axis=0)[:, :-1])


def count_neighbours(corpus: Corpus, window: int, progress: Progress) -> csr_array:
    """X, (words, words) float32: how often each word has each other near, in both directions, 1 / distance each."""
    size = len(corpus.words)
    total = csr_array((size, size), dtype=np.float32)
    ends = np.cumsum([len(passage) for passage in corpus.passages])
    starts = np.searchsorted(ends, np.arange(0, ends[-1], AT_ONCE)).tolist()
    gap = np.full(window, -1, np.int32)  # keeps passages apart
    for start, stop in zip(starts, [*starts[1:], len(ends)], strict=True):
        progress("counting neighbours", start, len(ends))
        ids = np.concatenate([gap, *(part for passage in corpus.passages[start:stop] for part in (passage, gap))])
        total = total + coo_array(_pairs(ids, window), shape=(size, size)).tocsr()
    return (total + total.T).tocsr()


def _pairs(ids: NDArray[np.int32], window: int) -> tuple[Floats, tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """1 / distance, and the earlier and the later word of each two neighbours; -1 is no word."""
    found = []
    for distance in range(1, window + 1):
        near = (ids[:-distance] >= 0) & (ids[distance:] >= 0)
        found.append((np.full(near.sum(), 1 / distance, np.float32), ids[:-distance][near], ids[distance:][near]))
    values, first, second = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return values, (first, second)


def descend(
    order: Any, starts: Any, columns: Any, logs: Any, weights: Any, vectors: Any, squares: Any, rate: Any
) -> None:
    """One epoch of AdaGrad over all cells, in place; compiled by whoever calls it.

    Args:
        order: (words,) rows in the order of this epoch.
        starts: (words + 1,) where each row's cells begin.
        columns, logs, weights: (cells,) neighbour, log X and f(X).
        vectors, squares: (2, words, dimensions + 1) of words and neighbours, with sums of squared slopes.
    """
    last = vectors.shape[2] - 1
    for row in order:
        word, word_squares = vectors[0, row], squares[0, row]
        for cell in range(starts[row], starts[row + 1]):
            near, near_squares = vectors[1, columns[cell]], squares[1, columns[cell]]
            error = word[last] + near[last] - logs[cell]
            for k in range(last):
                error += word[k] * near[k]
            slope = weights[cell] * error
            for k in range(last):
                word_slope, near_slope = slope * near[k], slope * word[k]
                word[k] -= rate * word_slope / np.sqrt(word_squares[k])
                near[k] -= rate * near_slope / np.sqrt(near_squares[k])
                word_squares[k] += word_slope * word_slope
                near_squares[k] += near_slope * near_slope
            word[last] -= rate * slope / np.sqrt(word_squares[last])
            near[last] -= rate * slope / np.sqrt(near_squares[last])
            word_squares[last] += slope * slope
            near_squares[last] += slope * slope
