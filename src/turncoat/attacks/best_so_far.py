"""Asking a goal about many texts at once, as far as the budget reaches, without losing sight of the best one."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from turncoat.engine.query import Spent
from turncoat.goals.goal import Goal, Verdict
from turncoat.space import Variants
from turncoat.text import Text


@dataclass
class BestSoFar:
    """The best text that a search has asked about: one that reaches the goal, then the highest score, then the first.

    Attributes:
        goal: whom to ask.
        text: the best text; at first the untouched one.
        score: its score.
        reached: whether it reaches the goal.
    """

    goal: Goal
    text: Text
    score: float
    reached: bool = False

    async def judge(self, texts: Variants) -> Verdict:
        """The goal's verdict. Each text is asked about once: all together, or, where the budget may not suffice, as
        many at a time as it surely does.

        Raises:
            BudgetSpent: the budget ended before all were asked; what was asked counts for the best text.
        """
        rows: dict[Hashable, int] = {}
        same = [rows.setdefault(key, i) for i, key in enumerate(texts.keys())]  # index of the first equal text
        distinct = np.array([*rows.values()], np.int64)
        scores, reached = np.empty(len(texts)), np.empty(len(texts), bool)
        while len(distinct):
            left = (await Spent()).left
            count = len(distinct) if left is None else max(left, 1)
            now, distinct = distinct[:count], distinct[count:]
            part = texts.take(now)
            verdict = await self.goal.judge(part)
            self._note(part, verdict)
            scores[now], reached[now] = verdict.scores, verdict.reached
        return Verdict(scores[same], reached[same])

    def _note(self, texts: Variants, verdict: Verdict) -> None:
        best = int(np.lexsort((-verdict.scores, ~verdict.reached))[0])
        score, reached = float(verdict.scores[best]), bool(verdict.reached[best])
        if (reached, score) > (self.reached, self.score):
            self.text, self.score, self.reached = texts[best], score, reached
