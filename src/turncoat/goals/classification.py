"""Turning a classifier's verdict: away from the gold label, or to a chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Decide, Predict
from turncoat.goals.goal import Goal, Verdict
from turncoat.space import take
from turncoat.substitutions.constraints import Constraint
from turncoat.text import Text


@dataclass(frozen=True)
class Turn(Goal):
    """Make the victim say something else than `label`; with `target`, make it say just that.

    Scores (soft label): 1 - F_label(x), or F_target(x).

    Attributes:
        original: the untouched text, for the constraints.
        label: gold class.
        classes: number of classes.
        clean: the victim's answer on the untouched text: probabilities (classes,), or a label () if hard.
        target: class to reach; None for any other than the gold one.
        hard: ask labels only.
        constraints: rules that a text must keep to be asked about at all.
    """

    original: Text
    label: int
    classes: int
    clean: NDArray[np.float64] | NDArray[np.int64]
    target: int | None = None
    hard: bool = False
    constraints: tuple[Constraint, ...] = ()

    @property
    def clean_score(self) -> float:
        return float(self._scores(self.clean[None])[0])

    @property
    def success_floor(self) -> float:
        return 1 - 1 / self.classes if self.target is None else 1 / 2

    async def judge(self, texts: Sequence[Text]) -> Verdict:
        permitted = await self.permitted(texts)
        scores = np.full(len(texts), -np.inf)
        reached = np.zeros(len(texts), bool)
        margins = np.full(len(texts), -np.inf)
        if permitted.any():
            answers = await self._ask(texts if permitted.all() else take(texts, np.flatnonzero(permitted)))
            scores[permitted] = self._scores(answers)
            reached[permitted] = self.reached_by(answers)
            margins[permitted] = self._margins(answers)
        return Verdict(scores, reached, margins)

    async def probe(self, texts: Sequence[Text]) -> NDArray[np.float64]:
        return self._scores(await self._ask(texts))

    async def _ask(self, texts: Sequence[Text]) -> NDArray[np.generic]:
        return await (Decide(texts) if self.hard else Predict(texts))

    def reached_by(self, answers: NDArray[np.generic]) -> NDArray[np.bool_]:
        """Which of the victim's answers, (texts, classes) or labels (texts,), reach the goal."""
        labels = answers if self.hard else answers.argmax(axis=1)
        return np.asarray(labels != self.label if self.target is None else labels == self.target)

    def _scores(self, answers: NDArray[np.generic]) -> NDArray[np.float64]:
        if self.hard:
            return self.reached_by(answers).astype(np.float64)
        return np.asarray(1 - answers[:, self.label] if self.target is None else answers[:, self.target], np.float64)

    def _margins(self, answers: NDArray[np.generic]) -> NDArray[np.float64]:
        if self.hard:
            return np.where(self.reached_by(answers), 1.0, -1.0)
        pivot = self.label if self.target is None else self.target
        ahead = np.asarray(np.delete(answers, pivot, axis=1).max(axis=1) - answers[:, pivot], np.float64)
        return ahead if self.target is None else -ahead
