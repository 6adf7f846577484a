"""Which texts are learnt from together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

POOL = 32  # batches that are drawn together and sorted by length, so that little is padded

Rows = NDArray[np.int64]


def batches(lengths: Rows, size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Every text once, in batches of similar length and in random order."""
    order = rng.permutation(len(lengths))
    pools = (order[start : start + POOL * size] for start in range(0, len(order), POOL * size))
    drawn = [
        rows
        for pool in pools
        for rows in np.split(pool[np.argsort(lengths[pool], kind="stable")], range(size, len(pool), size))
    ]
    return (drawn[i] for i in rng.permutation(len(drawn)))


class Pool:
    """Texts without labels: batch after batch, pass after pass, each in an order of its own.

    Attributes:
        taken: batches drawn so far; whoever sets it goes on from there.
    """

    def __init__(self, lengths: Rows, size: int, seed: int) -> None:
        self.taken = 0
        self._lengths, self._size, self._seed = lengths, size, seed
        self._drawn: tuple[int, list[Rows]] = (-1, [])

    def draw(self) -> Rows:
        """Rows of the next batch."""
        turn, place = divmod(self.taken, -(-len(self._lengths) // self._size))
        if self._drawn[0] != turn:
            rng = np.random.default_rng([self._seed, turn])
            self._drawn = turn, [*batches(self._lengths, self._size, rng)]
        self.taken += 1
        return self._drawn[1][place]
