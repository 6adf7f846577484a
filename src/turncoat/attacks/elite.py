"""The cross-entropy method's middle stages: the score of every drawn text, and the elite."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.goals.goal import Goal, Verdict
from turncoat.space import Variants
from turncoat.substitutions.constraints import similarities
from turncoat.text import Text

Objective = Literal["ranked", "plain", "literal"]


def model_score(verdict: Verdict, goal: Goal, objective: Objective) -> NDArray[np.float64]:
    """m, the model's side of the score (texts,): Eq. 6 for hard labels, Eq. 5 in three readings for soft ones."""
    scores = verdict.scores
    if goal.hard or objective == "plain":
        return scores
    if objective == "literal":
        return np.where(np.isfinite(scores), np.maximum(scores, goal.success_floor), scores)
    return np.where(verdict.reached, np.maximum(scores, goal.success_floor), scores)


async def weigh(bounds: NDArray[np.float64], original: Text, texts: Variants, needed: int) -> NDArray[np.float64]:
    """f = bound x Sim (texts,), with Sim clamped to [0, 1]; exact for the `needed` best.

    As Sim <= 1, a text whose f would not be among them even with Sim = 1 need not be embedded: it keeps its bound,
    which is below all of theirs.

    Args:
        bounds: what f would be with Sim = 1 (texts,); -inf for texts that are out of the question.
    """
    fitness = bounds.copy()

    async def embed(rows: NDArray[np.int64]) -> None:
        if len(rows):
            fitness[rows] *= np.clip(await similarities(original, texts.take(rows)), 0, 1)

    hopeful = np.flatnonzero(bounds > 0)
    ranked = hopeful[np.argsort(-bounds[hopeful], kind="stable")]
    best, others = ranked[:needed], ranked[needed:]
    await embed(best)
    await embed(others[bounds[others] >= fitness[best].min(initial=np.inf)])
    return fitness


def choose_elite(fitness: NDArray[np.float64], share: float, rng: Generator) -> tuple[float, NDArray[np.int64]]:
    """Threshold gamma and the indices of exactly ceil(share x N) best texts.

    Ties are broken at random; forbidden texts (f = -inf) are never elite.

    Differences from the paper: gamma is the least f of the elite; Eq. 18's f_(ceil((1 - share) N)), in ascending order,
    lies one place lower where (1 - share) N is whole. It only shows in the trace: the elite is a count of texts, not
    "at least gamma".
    """
    count = elite_count(share, len(fitness))
    shuffled = rng.permutation(len(fitness))
    best = shuffled[np.argsort(-fitness[shuffled], kind="stable")][:count]
    permitted = best[np.isfinite(fitness[best])]
    return (float(fitness[best[-1]]), permitted)


def elite_count(share: float, samples: int) -> int:
    """ceil(share x N), safe against the last bit of the product."""
    return int(np.ceil(share * samples - 1e-9))
