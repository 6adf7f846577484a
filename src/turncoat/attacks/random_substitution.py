"""Random substitution: the control that every other attack must beat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.errors import BudgetSpent
from turncoat.goals.goal import Goal
from turncoat.space import Space
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import WordNet


@dataclass(frozen=True, kw_only=True)
class RandomSubstitution(Attack):
    """Change a uniformly random share of the words at random, again and again, until the verdict turns.

    Source: no paper; the control of every table. Each trial draws a share u in (0, 1], changes that share of the
    editable words (at least one), positions and options uniform, starting from the untouched text.

    Attributes:
        trials: give up after so many texts.
    """

    substitutions: Substitutions = field(default_factory=WordNet)
    trials: int = 100

    needs_probabilities: ClassVar[bool] = False

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        text = space.text
        try:
            for _ in range(self.trials):
                trial = space.variants(_draw(space, rng))
                text = trial[0]
                if (await goal.judge(trial)).reached[0]:
                    return Found(text, "flipped")
        except BudgetSpent:
            return Found(text, "budget")
        return Found(text, "exhausted")


def _draw(space: Space, rng: Generator) -> NDArray[np.int16]:
    editable = space.positions
    count = int(np.ceil((1 - rng.random()) * len(editable)))
    changed = rng.permutation(editable)[:count]
    choices = np.zeros((1, len(space.text)), np.int16)
    choices[0, changed] = 1 + rng.integers(space.sizes[changed])
    return choices
