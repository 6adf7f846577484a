"""Beam search, exhaustive where the space is small: a ceiling that shows what other searches leave lying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import WordNet

AT_ONCE = 1024  # texts of one question in the exhaustive search


@dataclass(frozen=True, kw_only=True)
class Beam(Attack):
    """Ask every text of a small space; in a large one follow the `width` best texts, one more changed word at a time.

    Source: no paper; the ceiling against which the share of attainable success is told. Exhaustive: a failure proves
    that no text of the space turns the verdict. Beam: a failure proves nothing. The trace says which it was.
    Texts are asked by number of changed words, so a success has as few changes as the search could find.

    Attributes:
        width: texts that are followed; 1 is greedy search.
        most_texts: spaces of at most so many texts are searched exhaustively.
    """

    substitutions: Substitutions = field(default_factory=WordNet)
    width: int = 32
    most_texts: int = 20_000

    needs_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.width < 1 or self.most_texts < 1:
            raise UsageError(f"expected width and most_texts of at least 1, got {self.width} and {self.most_texts}")

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates", {"exhaustive": True})
        exhaustive = float(np.prod(space.sizes + 1.0)) <= self.most_texts
        try:
            search = self._all(space, goal) if exhaustive else self._beam(space, goal)
            row, reason = await search
        except BudgetSpent:
            return Found(space.text, "budget", {"exhaustive": False})
        text = space.text if row is None else space.variants(row[None])[0]
        return Found(text, reason, {"exhaustive": exhaustive})

    async def _all(self, space: Space, goal: Goal) -> tuple[Choices | None, str]:
        best, best_score = None, -np.inf
        for rows in _every_text(space):
            verdict = await goal.judge(space.variants(rows))
            if verdict.reached.any():
                return rows[np.flatnonzero(verdict.reached)[0]], "flipped"
            if verdict.scores.max() > best_score:
                best, best_score = rows[verdict.scores.argmax()], verdict.scores.max()
        return best, "exhausted"

    async def _beam(self, space: Space, goal: Goal) -> tuple[Choices | None, str]:
        beam = np.zeros((1, len(space.text)), np.int16)
        best, best_score = None, -np.inf
        for _ in range(len(space.positions)):
            rows = _extended(space, beam)
            verdict = await goal.judge(space.variants(rows))
            if verdict.reached.any():
                turned = np.flatnonzero(verdict.reached)
                return rows[turned[verdict.scores[turned].argmax()]], "flipped"
            order = np.argsort(-verdict.scores, kind="stable")[: self.width]
            order = order[np.isfinite(verdict.scores[order])]
            if not len(order):
                break
            beam = rows[order]
            if verdict.scores[order[0]] > best_score:
                best, best_score = beam[0], verdict.scores[order[0]]
        return best, "exhausted"


def _extended(space: Space, beam: Choices) -> Choices:
    """Every text with one more changed word than a text of the beam, each once."""
    blocks = []
    for row in beam:
        free = [int(i) for i in space.positions if row[i] == 0]
        if free:
            blocks.append(space.swaps(row, free).choices)
    rows = np.concatenate(blocks)
    _, first = np.unique(rows, axis=0, return_index=True)
    return rows[np.sort(first)]


def _every_text(space: Space) -> Iterator[Choices]:
    """All changed texts, fewest changes first, in chunks that do not mix numbers of changes."""
    counts = space.sizes[space.positions] + 1
    digits = np.stack(np.unravel_index(np.arange(1, int(counts.prod())), tuple(counts)), axis=1)
    changed: NDArray[np.int64] = np.count_nonzero(digits, axis=1)
    for number in range(1, len(counts) + 1):
        wanted = digits[changed == number]
        for start in range(0, len(wanted), AT_ONCE):
            rows = np.zeros((len(wanted[start : start + AT_ONCE]), len(space.text)), np.int16)
            rows[:, space.positions] = wanted[start : start + AT_ONCE]
            yield rows
