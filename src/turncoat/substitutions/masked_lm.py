"""Words that fit: the best guesses of a masked language model, read in context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from turncoat.engine.query import FILLS, Cloze, Fill
from turncoat.errors import UsageError
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class MaskedLM(Substitutions):
    """The `k` likeliest other words where the word is hidden from a masked language model; meaning is not considered.

    Attributes:
        k: most candidates a word, 1 to 100.
    """

    k: int = 50

    asks_masked_lm: ClassVar[bool] = True  # so that a run names the model in its configuration

    def __post_init__(self) -> None:
        if not 1 <= self.k <= FILLS:
            raise UsageError(f"expected k from 1 to {FILLS}, got {self.k}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        positions = sorted(set(range(len(text)) if where is None else where))
        options: list[list[str]] = [[] for _ in text.words]
        if positions:
            for i, words in zip(positions, await Fill([Cloze(text, i) for i in positions]), strict=True):
                options[i] = [word for word in words[: self.k].tolist() if word]
        return options
