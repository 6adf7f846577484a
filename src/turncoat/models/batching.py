"""Cutting many texts into micro-batches whose answers do not depend on the company that a text is in.

A matrix product may sum a row's terms in another order when the matrix has another number of rows, and attention may
do so when a text is padded further. Two rules keep every bit of an answer the same: a micro-batch has a multiple of
`ROWS` rows (missing ones repeat the others), and, for models that padding touches, the padded length depends on the
text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Answers = NDArray[Any]  # (texts, ...) numbers, or (texts,) objects

# Measured for 80 shapes of layers on 1, 2, 4 and 16 threads: products of a multiple of 4 rows agree to the bit;
# those of 1, 2, 3, 5, 6, 7, 9, 10, 11, 17 ... rows do not.
ROWS = 4


@dataclass(frozen=True)
class Batching:
    """How to cut.

    Attributes:
        tokens: tokens (padding counted) of a micro-batch, about; see benchmarks/micro_batches.py.
        grid: lengths are padded to a multiple of this, and only equal padded lengths share a micro-batch;
            None for models that padding does not touch: any lengths may share.
    """

    tokens: int
    grid: int | None = None

    def cut(self, lengths: NDArray[np.int64]) -> Iterator[tuple[Rows, int]]:
        """Micro-batches of texts of these lengths, longest first: indices (rows,), and the length to pad to."""
        padded = lengths if self.grid is None else -(-lengths // self.grid) * self.grid
        order = np.argsort(-padded, kind="stable")
        start = 0
        while start < len(order):
            longest = int(padded[order[start]])
            size = max(1, self.tokens // max(longest, 1) // ROWS) * ROWS
            rows = order[start : start + size]
            if self.grid is not None:
                rows = rows[padded[rows] == longest]
            start += len(rows)
            yield rows, longest

    def answer(self, lengths: NDArray[np.int64], forward: Callable[[Rows, int], Answers]) -> Answers:
        """Answers (texts, ...) of `forward(rows, length)`, which is shown one micro-batch at a time."""
        places, answers = [], []
        for rows, length in self.cut(lengths):
            whole = np.resize(rows, -(-len(rows) // ROWS) * ROWS)  # repeats rows to fill up
            places.append(rows)
            answers.append(forward(whole, length)[: len(rows)])
        result = np.empty((len(lengths), *answers[0].shape[1:]), answers[0].dtype)
        result[np.concatenate(places)] = np.concatenate(answers)
        return result


def split_like(answers: NDArray[Any], batches: Sequence[Sequence[Any]]) -> list[NDArray[Any]]:
    """Answers of all texts, one after the other, as one array a batch."""
    return np.split(answers, np.cumsum([len(texts) for texts in batches])[:-1])
