"""Spoiling a translation: making a translator say something else of a text that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Translate
from turncoat.errors import UsageError
from turncoat.goals.bleu import sentence_bleu
from turncoat.goals.goal import Goal, Verdict
from turncoat.goals.likeness import Likeness, SentenceVectors
from turncoat.space import take
from turncoat.substitutions.constraints import Constraint
from turncoat.text import Text

DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Distort(Goal):
    """Move the translation of a text away from that of the untouched text.

    Source: the objective of the Cross-Entropy Attack on translators (Ni, Gong and Liu, arXiv 2501.11852), as in its
    authors' code. Scores: f = 1 - BLEU x likeness of the two translations, in [0, 1]; reached where f >= eta (margins
    are f - eta). An untouched text scores 0. BLEU: see `goals.bleu`. No person's translation is read: an attacker would
    not have one.

    Differences from the authors' code: its BLEU is a constant; it names no eta. How much the texts themselves still
    say the same is no part of the score: attacks count it (CEA multiplies by it) or constraints bound it
    (`MinSimilarity`), as when they attack classifiers.

    Attributes:
        original: the untouched text, for the constraints.
        clean: its translation.
        eta: the least score that reaches the goal.
        likeness: of the translations.
        constraints: rules that a text must keep to be asked about at all.
    """

    original: Text
    clean: str
    eta: float = 0.5
    likeness: Likeness = field(default_factory=SentenceVectors)
    constraints: tuple[Constraint, ...] = ()

    hard = False

    def __post_init__(self) -> None:
        if not 0 < self.eta <= 1:
            raise UsageError(f"expected eta in (0, 1], got {self.eta}")

    @property
    def clean_score(self) -> float:
        return 0.0

    @property
    def success_floor(self) -> float:
        return self.eta

    async def judge(self, texts: Sequence[Text]) -> Verdict:
        permitted = await self.permitted(texts)
        scores = np.full(len(texts), -np.inf)
        if permitted.any():
            scores[permitted] = await self.probe(take(texts, np.flatnonzero(permitted)))
        return Verdict(scores, self.reached_by(scores), scores - self.eta)

    async def probe(self, texts: Sequence[Text]) -> NDArray[np.float64]:
        return await self.distortion((await Translate(texts)).tolist())

    async def distortion(self, translations: Sequence[str]) -> NDArray[np.float64]:
        """f of each translation (texts,), rounded to six digits. Asks for the likeness only where BLEU is not 0."""
        overlap = np.array([sentence_bleu(self.clean, translation) for translation in translations], np.float64)
        if some := [i for i, value in enumerate(overlap) if value]:
            overlap[some] *= await self.likeness.of(self.clean, [translations[i] for i in some])
        return np.round(1 - overlap, DIGITS)

    def reached_by(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which scores (texts,) reach the goal."""
        return scores >= self.eta
