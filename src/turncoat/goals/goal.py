"""What an attack wants: the abstract goal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from turncoat.space import take
from turncoat.substitutions.constraints import Constraint
from turncoat.text import Text


@dataclass(frozen=True)
class Verdict:
    """The victim's answer seen from the goal.

    Attributes:
        scores: (texts,) float64, higher is nearer; -inf for a text that a constraint forbids (it was not asked).
        reached: (texts,) bool.
        margins: (texts,) float64: the wanted class (the best one that is not gold) minus the best other, -1 to 1; -inf
            for a forbidden text; empty if the goal has none. For labels alone: 1 (reached) or -1.
    """

    scores: NDArray[np.float64]
    reached: NDArray[np.bool_]
    margins: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


class Goal(ABC):
    """A wish about a victim's answer to a text.

    Attributes:
        original: the untouched text, for the constraints.
        constraints: rules that a text must keep to be asked about at all.
        hard: whether only labels may be asked; scores are then 1.0 (reached) and 0.0.
    """

    original: Text
    constraints: tuple[Constraint, ...]
    hard: bool

    @property
    @abstractmethod
    def clean_score(self) -> float:
        """Score of the untouched text, already asked."""

    @property
    @abstractmethod
    def success_floor(self) -> float:
        """The largest score that a text can have without reaching the goal (soft label)."""

    @abstractmethod
    async def judge(self, texts: Sequence[Text]) -> Verdict:
        """Ask the victim about the texts that keep the constraints."""

    @abstractmethod
    async def probe(self, texts: Sequence[Text]) -> NDArray[np.float64]:
        """Scores (texts,) of texts that need not keep any constraint, such as masked ones."""

    async def permitted(self, texts: Sequence[Text]) -> NDArray[np.bool_]:
        """Which texts keep all constraints (texts,)."""
        permitted = np.ones(len(texts), bool)
        for constraint in self.constraints:
            if permitted.any():
                left = np.flatnonzero(permitted)
                permitted[left] = await constraint.permits(self.original, take(texts, left))
        return permitted
