"""Misleading a reader: making it answer with nothing of what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Answer, Asked, Reading
from turncoat.errors import HardLabelOnly
from turncoat.goals.answer_overlap import expected_f1, f1
from turncoat.goals.goal import Goal, Verdict
from turncoat.space import take
from turncoat.substitutions.constraints import Constraint
from turncoat.text import Text


@dataclass(frozen=True, kw_only=True)
class Mislead(Goal):
    """Lower the reader's F1. Reached when its answer shares no word with any gold answer, F1 = 0, whatever its score.

    Scores: 1 - F1 of the answer, or 1 - expected F1 over the likely answers (Jia and Liang 2017).

    Attributes:
        original: the untouched paragraph, for the constraints.
        question: what the reader is asked.
        golds: the gold answers; the nearest one counts.
        starts: where each stands in the paragraph, in characters; () if that is not known.
        clean: the reader's answer on the untouched paragraph.
        expected: score by the expected F1; the reader must tell its likely answers.
        constraints: rules that a text must keep to be asked about at all.
    """

    original: Text
    question: str
    golds: tuple[str, ...]
    clean: Reading
    starts: tuple[int, ...] = ()
    expected: bool = False
    constraints: tuple[Constraint, ...] = ()

    hard = False

    @property
    def clean_score(self) -> float:
        return self._score(self.clean)

    @property
    def success_floor(self) -> float:
        return 1.0

    async def judge(self, texts: Sequence[Text]) -> Verdict:
        permitted = await self.permitted(texts)
        scores = np.full(len(texts), -np.inf)
        reached = np.zeros(len(texts), bool)
        if permitted.any():
            readings = await self._ask(take(texts, np.flatnonzero(permitted)))
            scores[permitted] = [self._score(reading) for reading in readings]
            reached[permitted] = self.reached_by(readings)
        return Verdict(scores, reached)

    async def probe(self, texts: Sequence[Text]) -> NDArray[np.float64]:
        return np.array([self._score(reading) for reading in await self._ask(texts)])

    def reached_by(self, readings: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which of the reader's answers (texts,) reach the goal."""
        return np.array([f1(reading.answer, self.golds) == 0 for reading in readings], bool)

    async def _ask(self, texts: Sequence[Text]) -> NDArray[np.object_]:
        return await Answer([Asked(text, self.question) for text in texts])

    def _score(self, reading: Reading) -> float:
        if not self.expected:
            return 1 - f1(reading.answer, self.golds)
        if not reading.likely:
            raise HardLabelOnly(
                "expected a reader that tells its likely answers with their probabilities, got one that tells its "
                "answer alone; choose an attack that needs no more (AddOneSent, AddSent)"
            )
        return 1 - expected_f1(reading.likely, self.golds)
