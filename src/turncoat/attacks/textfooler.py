"""TextFooler (Jin, Jin, Zhou and Szolovits, AAAI 2020)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.constraints import similarities
from turncoat.substitutions.lexicon import CounterFitted
from turncoat.substitutions.narrowing import SamePartOfSpeech, WithoutStopWords
from turncoat.substitutions.proposing import Substitutions


def _similar_words() -> Substitutions:
    return WithoutStopWords(SamePartOfSpeech(CounterFitted(), noun_for_verb=True))


@dataclass(frozen=True, kw_only=True)
class TextFooler(Attack):
    """Replace words one after another, those first whose deletion hurts most, each by the candidate that helps most.

    Source: D. Jin, Z. Jin, J. T. Zhou, P. Szolovits. "Is BERT Really Robust? A Strong Baseline for Natural Language
    Attack on Text Classification and Entailment." AAAI 2020. If candidates of a word turn the verdict, the one that
    keeps the words around it most similar ends the search; else the one with the highest score stays, if it raises the
    score. Questions: one for each word with candidates (the ranking), and at most one a candidate.

    Similarity is angular, 1 - arccos(cosine) / pi, of `window` words around the replaced one, before and after the
    replacement. The authors' code asks for 1 - arccos(cosine) >= 0.5, which is angular similarity 1 - 0.5 / pi =
    0.840845 and cosine 0.877583.

    Differences from the paper:
        - Sentence vectors are those of whatever model answers `Embed`, not of the Universal Sentence Encoder, for which
          the threshold was chosen.
        - Words are ranked by the rise of the score on deletion alone; the paper adds the rise of the new class where
          the verdict turns (the same order with two classes), and its code puts an unknown word instead of deleting.
        - Words without candidates are not deleted: their rank is not needed.
        - Only candidates that are similar enough are shown to the victim; the authors' code asks about all.
        - A replacement must raise the current score, as in the paper; in the code, the original text's.
        - Texts with fewer words than the window are not held to the threshold; the authors' code lowers it so much that
          it hardly matters.
        - Parts of speech are compared in the original text, before the search (see `SamePartOfSpeech`).
        - The published tables of counter-fitted words hold 8 neighbours a word, not 50.

    Attributes:
        min_similarity: least angular similarity of a replacement; None for no limit.
        window: words compared, the replaced one in the middle where the text allows it.
    """

    substitutions: Substitutions = field(default_factory=_similar_words)
    min_similarity: float | None = 0.840845
    window: int = 15

    def __post_init__(self) -> None:
        if self.min_similarity is not None and not 0 <= self.min_similarity <= 1:
            raise UsageError(f"expected min_similarity in [0, 1], got {self.min_similarity}")
        if self.window < 1:
            raise UsageError(f"expected window >= 1, got {self.window}")

    @property
    def asks_encoder(self) -> bool:
        return True

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        row, score = np.zeros(len(space.text), np.int16), goal.clean_score
        reason = "exhausted"
        try:
            for position in await _by_importance(space, goal):
                swaps = space.swaps(row, [position])
                if self.min_similarity is not None and len(space.text) >= self.window:
                    similar = await self._similarities(space, row, position, swaps.choices)
                    swaps = swaps.take(np.flatnonzero(similar >= self.min_similarity))
                    if not len(swaps):
                        continue
                verdict = await goal.judge(swaps)
                if verdict.reached.any():
                    row = await self._most_similar(space, row, position, swaps.choices[verdict.reached])
                    reason = "flipped"
                    break
                if verdict.scores.max() > score:
                    row, score = swaps.choices[verdict.scores.argmax()], float(verdict.scores.max())
        except BudgetSpent:
            reason = "budget"
        return Found(space.variants(row[None])[0], reason)

    async def _most_similar(self, space: Space, row: Choices, position: int, swaps: Choices) -> Choices:
        best = 0
        if len(swaps) > 1:
            best = int((await self._similarities(space, row, position, swaps)).argmax())
        chosen: Choices = swaps[best]
        return chosen

    async def _similarities(self, space: Space, row: Choices, position: int, swaps: Choices) -> NDArray[np.float64]:
        """Angular similarities of texts that differ from `row` at one position, looking at the words around it."""
        text, words = space.variants(row[None])[0], space.options[position]
        start = max(0, min(position - self.window // 2, len(text) - self.window))
        before = text.part(start, start + self.window)
        after = [before.replace(position - start, words[swap[position] - 1]) for swap in swaps]
        return 1 - np.arccos(np.clip(await similarities(before, after), -1, 1)) / np.pi


async def _by_importance(space: Space, goal: Goal) -> list[int]:
    """Positions with candidates, those first whose deletion raises the score most; ties to the lower position."""
    positions = space.positions
    if len(positions) == 1:
        return [int(positions[0])]
    scores = await goal.probe([space.text.delete(int(i)) for i in positions])
    return [int(i) for i in positions[np.argsort(-scores, kind="stable")]]
