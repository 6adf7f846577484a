"""How like two translations are, from 0 to 1."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.substitutions.constraints import similarities
from turncoat.text import Text


class Likeness(ABC):
    """A measure of two translations of one language; equal ones are 1."""

    @abstractmethod
    async def of(self, translation: str, others: Sequence[str]) -> NDArray[np.float64]:
        """Likeness in [0, 1] of each of the others to the translation, (others,). May await queries."""


@dataclass(frozen=True)
class SentenceVectors(Likeness):
    """Cosine of the sentence vectors, negative ones taken as 0; awaits `Embed`.

    Whatever encoder answers must know the language of the translations; one of English only stands in for that, and
    metrics must say so (see `evaluation.translation_metrics`).
    """

    async def of(self, translation: str, others: Sequence[str]) -> NDArray[np.float64]:
        cosines = np.clip(await similarities(Text(translation), [Text(other) for other in others]), 0, 1)
        return np.where([other == translation for other in others], 1.0, cosines)


@dataclass(frozen=True)
class CharacterGrams(Likeness):
    """chrF: what two translations share of runs of 1 to `order` characters, blanks left out. Needs no model, knows no
    language and no meaning.

    Source: M. Popović. "chrF: character n-gram F-score for automatic MT evaluation." WMT 2015, as sacreBLEU computes
    it: precision and recall are averaged over the orders that both strings are long enough for.

    Attributes:
        order: longest run.
        beta: how many times as much recall weighs as precision.
    """

    order: int = 6
    beta: float = 2.0

    def __post_init__(self) -> None:
        if self.order < 1 or self.beta <= 0:
            raise UsageError(f"expected order >= 1 and beta > 0, got {self.order} and {self.beta}")

    async def of(self, translation: str, others: Sequence[str]) -> NDArray[np.float64]:
        return np.array([self.between(translation, other) for other in others], np.float64)

    def between(self, reference: str, hypothesis: str) -> float:
        """chrF in [0, 1]; 1 if both are empty."""
        mine, theirs = "".join(hypothesis.split()), "".join(reference.split())
        if mine == theirs:
            return 1.0
        orders = min(self.order, len(mine), len(theirs))
        precision = recall = 0.0
        for order in range(1, orders + 1):
            here, there = _grams(mine, order), _grams(theirs, order)
            shared = sum(min(count, there[gram]) for gram, count in here.items() if gram in there)
            precision += shared / (len(mine) - order + 1) / orders
            recall += shared / (len(theirs) - order + 1) / orders
        weight = self.beta**2
        return (1 + weight) * precision * recall / (weight * precision + recall) if precision else 0.0


def _grams(string: str, order: int) -> Counter[str]:
    return Counter(string[i : i + order] for i in range(len(string) - order + 1))
