"""Nearest words by the cosine of word vectors, from a file of one's own or the one found on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.data.vectors import open_vectors
from turncoat.errors import UsageError
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class Neighbours(Substitutions):
    """The `k` words nearest to the word, wherever it stands.

    Vectors are brought to unit length: a squared Euclidean distance of d at most is a cosine of 1 - d / 2 at least
    (0.75 for the 0.5 in the code of Alzantot et al., EMNLP 2018).

    Attributes:
        path: file of word vectors (see `turncoat.data.vectors`); None for the one found on this machine.
        k: most candidates a word.
        min_cosine: least cosine of a candidate with the word.
    """

    path: str | None = None
    k: int = 10
    min_cosine: float = 0.0

    def __post_init__(self) -> None:
        if self.k < 1:
            raise UsageError(f"expected k >= 1, got {self.k}")
        if not -1 <= self.min_cosine <= 1:
            raise UsageError(f"expected min_cosine in [-1, 1], got {self.min_cosine}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        nearest = open_vectors(self.path).nearest(text.words, self.k)
        return [[word for word, cosine in near if cosine >= self.min_cosine] for near in nearest]
