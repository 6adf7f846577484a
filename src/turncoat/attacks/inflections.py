"""Morpheus: inflecting words wrongly (Tan, Joty, Kan and Socher, ACL 2020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.best_so_far import BestSoFar
from turncoat.errors import BudgetSpent
from turncoat.goals.goal import Goal
from turncoat.space import Space
from turncoat.substitutions.inflections import Inflections
from turncoat.substitutions.proposing import Substitutions


@dataclass(frozen=True, kw_only=True)
class Morpheus(Attack):
    """Give one word after another, from left to right, the inflected form that raises the score most; then once more
    from the untouched text, from right to left.

    Source: S. Tan, S. Joty, M.-Y. Kan, R. Socher. "It's Morphin' Time! Combating Linguistic Discrimination with
    Inflectional Perturbations." ACL 2020; the second pass as in its authors' code for translators. A form stays if it
    raises the score. Questions: one for each form, and as many again for the second pass but for those that repeat.

    Differences from the paper:
        - What is raised is the goal's score, for a victim that gives no loss: of a class, 1 - F_y, which ranks forms as
          the loss -log F_y does; of a translation, the distance from the clean translation (`Distort`), where the
          paper lowers BLEU against a person's translation.
        - The search ends as soon as the goal is reached, the better of both passes is taken where it is not; the code
          for translators ends early only at BLEU 0.
        - Candidates: see `Inflections`. Words are cut and spaced as in the original text.

    Attributes:
        backward: whether there is a second pass.
    """

    substitutions: Substitutions = field(default_factory=Inflections)
    backward: bool = True

    needs_probabilities: ClassVar[bool] = False

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        best = BestSoFar(goal, space.text, goal.clean_score)
        try:
            for positions in (space.positions, space.positions[::-1])[: 1 + self.backward]:
                if await _inflect(space, positions, goal.clean_score, best):
                    return Found(best.text, "flipped")
        except BudgetSpent:
            return Found(best.text, "flipped" if best.reached else "budget")
        return Found(best.text, "exhausted")


async def _inflect(space: Space, positions: NDArray[np.int64], score: float, best: BestSoFar) -> bool:
    """One pass over the positions; whether it reaches the goal."""
    row = np.zeros(len(space.text), np.int16)
    for position in positions:
        swaps = space.swaps(row, [position])
        verdict = await best.judge(swaps)
        if verdict.reached.any():
            return True
        if verdict.scores.max() > score:
            row, score = swaps.choices[verdict.scores.argmax()], float(verdict.scores.max())
    return False
