"""The abstract attack: a search through a space of texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from numpy.random import Generator

from turncoat.goals.goal import Goal
from turncoat.space import Space
from turncoat.substitutions.constraints import Constraint
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text

TaskName = Literal["classification", "reading", "translation"]


@dataclass(frozen=True)
class Found:
    """Where a search ended.

    Attributes:
        text: its best text. Whether it reaches the goal is decided outside, by asking the victim once more.
        reason: why the search stopped, in a word or two ("flipped", "exhausted", "budget", ...).
        trace: what the attack wants kept beside the outcome, as plain JSON values.
    """

    text: Text
    reason: str
    trace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Attack(ABC):
    """Parameters of a search. A subclass is one frozen dataclass in one file, named after its paper.

    Attributes:
        substitutions: which words may replace which.
        constraints: rules that the final text must keep.
    """

    substitutions: Substitutions
    constraints: tuple[Constraint, ...] = ()

    needs_probabilities: ClassVar[bool] = True  # False: also works when the victim gives labels only
    tasks: ClassVar[tuple[TaskName, ...]] = ("classification", "translation")  # those whose goals it can search for

    @property
    def asks_encoder(self) -> bool:
        """Whether it asks a sentence encoder, by itself or through a constraint."""
        return any(constraint.asks_encoder for constraint in self.constraints)

    @abstractmethod
    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        """Search `space` for a text that reaches `goal`.

        Pure but for what it awaits (`goal.judge`, `goal.probe`, queries) and for `rng`, which is this example's own.
        Catches `BudgetSpent` only to return its best text so far.
        """
