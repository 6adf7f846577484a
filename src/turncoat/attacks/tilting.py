"""The cross-entropy method's distribution: a product of categoricals, one an editable word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.space import Choices


@dataclass(frozen=True)
class Tilt:
    """Independent categorical distributions over the choices of each editable word.

    Attributes:
        words: number of words of the text.
        positions: editable positions (editable,).
        theta: probabilities (editable, 1 + most options); column 0 keeps the word, column j takes option j. Rows sum to
            one; columns that a position does not have are 0.
    """

    words: int
    positions: NDArray[np.int64]
    theta: NDArray[np.float64]

    @classmethod
    def uniform(cls, sizes: NDArray[np.int64], allow_unchanged: bool) -> Tilt:
        """Equal probability for each option (Eq. 20), and for keeping the word if that is allowed.

        Args:
            sizes: number of options of each word (words,).
            allow_unchanged: whether column 0 has any probability.
        """
        positions = np.flatnonzero(sizes)
        columns = np.arange(1 + int(sizes.max(initial=0)))
        allowed = columns[None, :] <= sizes[positions, None]
        if not allow_unchanged:
            allowed[:, 0] = False
        return cls(len(sizes), positions, allowed / allowed.sum(axis=1, keepdims=True))

    def sample(self, count: int, rng: Generator) -> Choices:
        """Draw `count` texts (Eq. 12), (count, words)."""
        edges = np.cumsum(self.theta, axis=1)
        edges /= edges[:, -1:]
        draws = rng.random((count, len(self.positions), 1))
        choices = np.zeros((count, self.words), np.int16)
        choices[:, self.positions] = (draws >= edges).sum(axis=2)
        return choices

    def towards(self, elite: Choices, smoothing: float = 1.0) -> Tilt:
        """Maximum-likelihood update on the elite (Eq. 19): theta becomes the elite's frequencies, smoothed."""
        chosen = elite[:, self.positions]
        frequencies = (chosen[:, :, None] == np.arange(self.theta.shape[1])).mean(axis=0)
        return Tilt(self.words, self.positions, smoothing * frequencies + (1 - smoothing) * self.theta)

    @property
    def settled(self) -> bool:
        """Whether every distribution is a point mass, so that nothing new can be drawn."""
        return bool((self.theta.max(axis=1) >= 1).all())

    def mode(self) -> Choices:
        """The most probable text (words,); ties go to the earlier option."""
        row = np.zeros(self.words, np.int16)
        row[self.positions] = self.theta.argmax(axis=1)
        return row

    def entropy(self) -> float:
        """Mean entropy of the positions, in nats."""
        logs = np.log(self.theta, out=np.zeros_like(self.theta), where=self.theta > 0)
        return float(abs((self.theta * logs).sum(axis=1).mean()))
