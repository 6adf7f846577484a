"""What is attacked: the abstract task, which makes an outcome of an example."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
from numpy.random import Generator

from turncoat.attacks.attack import Attack, Found, TaskName
from turncoat.engine.query import Spent
from turncoat.errors import BudgetSpent
from turncoat.evaluation.outcome import Outcome, Status
from turncoat.goals.goal import Goal
from turncoat.space import Space
from turncoat.text import Text

Given = TypeVar("Given", contravariant=True)


class Task(ABC, Generic[Given]):
    """What all examples of a run share: an attack with its parameters, and a victim to be asked through the engine.

    Attributes:
        name: of the kind of task.
        seed: run seed.
    """

    name: ClassVar[TaskName]
    seed: int

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """Names of the verdicts; an outcome's labels are indices into them."""

    @abstractmethod
    async def outcome(self, example: Given) -> Outcome:
        """Attack one example. Awaits everything it needs to know; see `turncoat.engine`."""

    def generator(self, example_id: str) -> Generator:
        """The example's own random numbers: they depend on the run seed and its id alone."""
        digest = hashlib.sha256(example_id.encode("utf-8", "surrogatepass")).digest()
        return np.random.default_rng([self.seed, int.from_bytes(digest[:8], "big")])


class Sighted(Protocol):
    """What every victim tells besides its answers."""

    unknown: str

    def visible(self, text: Text) -> int:
        """How many leading words it can see."""


async def search(attack: Attack, victim: Sighted, text: Text, goal: Goal, rng: Generator) -> Found:
    """Search among the words that the victim can see; ends at the latest where the budget does."""
    visible = victim.visible(text)
    if not visible:
        return Found(text, "no_visible_word")
    options = await attack.substitutions.propose(text)
    space = Space(text, options, visible, victim.unknown)
    try:
        return await attack.search(space, goal, rng)
    except BudgetSpent:
        return Found(text, "budget")


async def ended(
    example_id: str, text: Text, found: Found, status: Status, before: int, after: int | None, **more: Any
) -> Outcome:
    """The outcome of a search, with what its example has asked; `more` are further fields, such as `label`."""
    spending = await Spent()
    return Outcome(
        id=example_id,
        status=status,
        reason=found.reason,
        original=str(text),
        adversarial=str(found.text),
        changes=text.diff(found.text),
        words=len(text),
        queries=spending.unique,
        queries_logical=spending.logical,
        before=before,
        after=after,
        trace=found.trace,
        **more,
    )
