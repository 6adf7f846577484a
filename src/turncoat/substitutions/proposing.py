"""Where replacement words come from: one abstract source, and its combinations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from turncoat.text import Text

Options = Sequence[Sequence[str]]  # per word of the text: what may replace it, best first
Where = Collection[int] | None  # positions that matter; None for all


class Substitutions(ABC):
    """A source of replacement words. Combine sources with `&` (both propose it) and `|` (one of them does)."""

    @abstractmethod
    async def propose(self, text: Text, where: Where = None) -> Options:
        """Replacements for every word of the text, best first; [] where there are none.

        Nobody reads what stands outside the positions `where`: a source that must ask for its words need not ask there.

        May await queries. Case need not match the original's: `Space` transfers it, and drops repeats, the original
        word and multi-word entries.
        """

    def __and__(self, other: Substitutions) -> Substitutions:
        return Both(self, other)

    def __or__(self, other: Substitutions) -> Substitutions:
        return Either(self, other)


@dataclass(frozen=True)
class Both(Substitutions):
    """Words that both sources propose, in the first one's order. The first is asked only where the second has any."""

    first: Substitutions
    second: Substitutions

    async def propose(self, text: Text, where: Where = None) -> Options:
        seconds = await self.second.propose(text, where)
        among = range(len(text)) if where is None else where
        firsts = await self.first.propose(text, [i for i in among if seconds[i]])
        keeps = [{word.lower() for word in words} for words in seconds]
        return [[w for w in words if w.lower() in keep] for words, keep in zip(firsts, keeps, strict=True)]


@dataclass(frozen=True)
class Either(Substitutions):
    """Words that either source proposes: the first one's, then the second one's."""

    first: Substitutions
    second: Substitutions

    async def propose(self, text: Text, where: Where = None) -> Options:
        firsts, seconds = await self.first.propose(text, where), await self.second.propose(text, where)
        return [[*a, *b] for a, b in zip(firsts, seconds, strict=True)]
