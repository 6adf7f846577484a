"""Neighbours in counter-fitted word vectors, from published tables of them."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.data.lexicons import open_neighbours
from turncoat.errors import UsageError
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class CounterFitted(Substitutions):
    """The `k` nearest neighbours of the word in counter-fitted vectors (Mrkšić et al., NAACL 2016), wherever it stands.

    The tables hold eight neighbours at most. With the vectors themselves, `Neighbours(path=...)` finds more.

    Attributes:
        table: "dne", "certified", or a JSON file of that form (see `turncoat.data.lexicons`).
        k: most candidates a word.
    """

    table: str = "dne"
    k: int = 8

    def __post_init__(self) -> None:
        if self.k < 1:
            raise UsageError(f"expected k >= 1, got {self.k}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        neighbours = open_neighbours(self.table)
        return [neighbours.get(word.lower(), ())[: self.k] for word in text.words]
