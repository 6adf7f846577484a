"""Words that a defence against rare words would leave alone."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.data.counts import training_occurrences
from turncoat.errors import UsageError
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class Frequent(Substitutions):
    """Proposals that stand often enough in the victim's training data: how an attack adapts to `FrequencyGuard`.

    Attributes:
        data: data set (or file) that the victim was trained on; its training split is counted.
        least: occurrences that a word must have, such as `FrequencyGuard.least_count`.
    """

    inner: Substitutions
    data: str
    least: int = 1

    def __post_init__(self) -> None:
        if self.least < 0:
            raise UsageError(f"expected least >= 0, got {self.least}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        counts = training_occurrences(self.data)
        options = await self.inner.propose(text, where)
        return [[new for new in words if counts.get(new.lower(), 0) >= self.least] for words in options]
