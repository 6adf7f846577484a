"""TextHoaxer: hard-label attack by a perturbation matrix (Ye, Miao, Wang and Ma, AAAI 2022)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.hard_label_genetic import near_content_words
from turncoat.attacks.label_search import LabelSearch, restored
from turncoat.attacks.word_shifts import WordShifts
from turncoat.engine.query import Spent
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.proposing import Substitutions

SMALLEST = 1e-4  # least scale of a row; the authors add as much where they divide by it


@dataclass(frozen=True, kw_only=True)
class TextHoaxer(Attack):
    """Turn the verdict at random, restore words, then climb in similarity by one-sample gradients over word vectors.

    Source: M. Ye, C. Miao, T. Wang, F. Ma. "TextHoaxer: Budgeted Hard-Label Adversarial Attacks on Text." AAAI 2022.
    The matrix Theta has a row an editable word: vector of its replacement minus its own. Steps 1 and 2 stand in
    `LabelSearch`. Random draws: those of `LabelSearch.turn`, then noise (positions, dimensions) in each iteration.

    Differences from the paper:
        - Word vectors are sentence vectors of the single words unless a file is named in `vectors` (the paper:
          counter-fitted vectors); similarity is that of the project's encoder (the paper: Universal Sentence Encoder).
        - The scale of a row never falls below 1e-4; the authors' may pass through zero.
        - The similarity of restoring a word is asked only for replaced words; for others it is zero anyway.
        - Questions are unique ones: a text met again costs nothing.

    Attributes:
        questions: end the climb after so many questions to the victim, those of steps 1 and 2 (not cut short) included.
        iterations: most steps of the climb.
        step: step size of Theta.
        noise: scale of the Gaussian noise.
        penalty: lambda 2, weight of |Theta|^2.
        sparsity: lambda 1, threshold of the rows' scales gamma.
        scale: initial gamma.
        scale_step: step size of gamma.
        tries: most texts with all editable words replaced, before the search for a first success is given up.
        vectors: file of word vectors (see `turncoat.data.vectors`); None to ask the sentence encoder.
    """

    substitutions: Substitutions = field(default_factory=near_content_words)
    questions: int = 1000
    iterations: int = 100
    step: float = 0.3
    noise: float = 0.5
    penalty: float = 0.1
    sparsity: float = 0.1
    scale: float = 0.3
    scale_step: float = 0.05
    tries: int = 2500
    vectors: str | None = None

    needs_probabilities: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if min(self.questions, self.iterations) < 1 or self.tries < 0:
            raise UsageError(
                f"expected at least 1 question, 1 iteration and 0 tries, got {self.questions}, {self.iterations} and "
                f"{self.tries}"
            )
        if self.noise <= 0 or self.scale < SMALLEST:
            raise UsageError(f"expected noise > 0 and scale >= {SMALLEST}, got {self.noise} and {self.scale}")

    @property
    def asks_encoder(self) -> bool:
        return True

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        state = LabelSearch.on(space, goal)
        try:
            if await state.turn(rng, self.tries):
                await state.restore()
                if state.changes > 1:
                    await self._climb(state, rng)
        except BudgetSpent:
            return state.found("budget")
        return state.found("exhausted")

    async def _climb(self, state: LabelSearch, rng: Generator) -> None:
        """Move the best text along the estimated gradient of its similarity."""
        words = await WordShifts.on(state.space, self.vectors)
        scales = np.full((len(words.originals), 1), self.scale)
        climb = _Climb(state, words, self.questions, float((await state.similarities(state.row[None]))[0]))
        for iteration in range(1, self.iterations + 1):
            if (await Spent()).unique >= self.questions:
                break
            state.trace["iterations"] = iteration
            theta, before = words.of(state.row), climb.similarity
            noise = rng.standard_normal(theta.shape)
            jittered = np.where(theta.any(axis=1, keepdims=True), theta + self.noise * noise, 0)
            if (near := await climb.to(jittered)) is None:
                continue
            gradient = (before - near[1]) / self.noise * noise
            moved = await climb.to(theta - self.step * (gradient + 2 * self.penalty * theta))
            if moved is None:
                continue
            old, scales = scales, await self._rescaled(state, words, scales, *moved)
            await climb.to(words.of(moved[0]) / old * scales)

    async def _rescaled(
        self, state: LabelSearch, words: WordShifts, scales: NDArray[np.float64], row: Choices, similarity: float
    ) -> NDArray[np.float64]:
        """Scales (positions, 1) after one step: words that cost much similarity shrink most."""
        changed = np.flatnonzero(row[words.space.positions])
        gain = np.zeros_like(scales)
        fewer = await state.similarities(restored(row, words.space.positions[changed]))
        gain[changed, 0] = similarity - fewer
        gradient = np.maximum(scales - self.sparsity, 0) - gain / (scales + SMALLEST)
        return np.maximum(scales - self.scale_step * gradient, SMALLEST)


@dataclass
class _Climb:
    """The best text's similarity, and the way from shifts to texts that reach the goal."""

    state: LabelSearch
    words: WordShifts
    questions: int
    similarity: float

    async def to(self, shifts: NDArray[np.float64]) -> tuple[Choices, float] | None:
        """The first text on the way of the shifts that reaches the goal, with its similarity; kept if it is the best.

        None if there is none, or the questions are spent before.
        """
        path = self.words.path(shifts)
        index = await self.state.first(path[: max(0, self.questions - (await Spent()).unique)])
        if index is None:
            return None
        similarity = float((await self.state.similarities(path[index][None]))[0])
        if similarity > self.similarity:
            self.state.row, self.similarity = path[index], similarity
        return path[index], similarity
