"""RJA: the Reversible Jump Attack (Ni, Yang and Liu)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.constraints import similarities
from turncoat.substitutions.masked_lm import MaskedLM
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.sememes import Sememes


def _masked_or_sememes() -> Substitutions:
    return MaskedLM(k=10) | Sememes(match="nearest", k=10)


@dataclass(frozen=True, kw_only=True)
class ReversibleJump(Attack):
    """Walk among texts with few replaced words: a replacement is born or dies in each step (reversible-jump MCMC).

    Source: M. Ni, Z. Yang, W. Liu. "Reversible Jump Attack to Textual Classifiers with Modification Reduction."
    The walk's target is (1 - F_label) x similarity. Whether to add or drop a replacement is drawn by the softmax of the
    summed saliency of words still unchanged and of words changed; where, uniformly; with what, by the option's weight:
    how often the substitutions propose it, so twice if both sources of `a | b` do. All steps are walked; the most
    similar text met that reaches the goal is returned. Questions: at most editable words (saliency) + `steps`. Random
    draws of a step: jump, place, option (births only), acceptance.

    Differences from the paper (equations as in its authors' code):
        - Saliency is the rise of the score's log-odds when the word is deleted (authors: the fall of the label's
          logit, which probabilities do not tell), of editable words only.
        - Births happen only at words with options (authors: anywhere, as a masked LM always has some).
        - A proposal that reaches the goal counts even if the walk rejects it.
        - Options that one source alone proposes share what the doubly proposed ones leave, by weight (authors: chosen
          with probability k / K from the k common ones, else from the rest).
        - As in the authors' code, the option's own probability is not in the acceptance: the walk's target is in truth
          weighted by it. Jumps from no or from `most` replacements are always accepted.
        - MMR, the second walk that restores words, is left out: its authors' code does not run, and its reverse
          probability is an unexplained constant.

    Attributes:
        steps: T, length of the walk.
        most: NPW, most words replaced at a time.
    """

    substitutions: Substitutions = field(default_factory=_masked_or_sememes)
    steps: int = 2000
    most: int = 5

    def __post_init__(self) -> None:
        if self.steps < 1 or self.most < 1:
            raise UsageError(f"expected at least 1 step and 1 replaced word, got {self.steps} and {self.most}")

    @property
    def asks_encoder(self) -> bool:
        return True

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        walk = _Walk(space, np.zeros(len(space.text), np.int16), goal.clean_score)
        reason = "exhausted"
        try:
            jumps = _Jumps(await _saliency(space, goal), min(self.most, len(space.positions)))
            odds = await self._odds(space)
            for _ in range(self.steps):
                row, ratio = _propose(space, walk.row, jumps, odds, rng)
                await walk.step(goal, row, ratio, rng.random())
        except BudgetSpent:
            reason = "budget"
        return walk.found(reason)

    async def _odds(self, space: Space) -> dict[int, NDArray[np.float64]]:
        """By position, the probability of each option: by how often the substitutions, asked again, propose it."""
        odds = {}
        proposed = await self.substitutions.propose(space.text)
        for i in space.positions.tolist():
            words = Counter(word.lower() for word in proposed[i])
            weights = np.array([max(1, words[option.lower()]) for option in space.options[i]])
            odds[i] = weights / weights.sum()
        return odds


async def _saliency(space: Space, goal: Goal) -> NDArray[np.float64]:
    """Rise of the score's log-odds when a word is deleted (words,); 0 for words without options."""
    scores = await goal.probe([space.text.delete(i) for i in space.positions.tolist()])
    with_all, without = (np.clip(s, 1e-9, 1 - 1e-9) for s in (np.array(goal.clean_score), scores))
    saliency = np.zeros(len(space.text))
    saliency[space.positions] = np.log(without / (1 - without)) - np.log(with_all / (1 - with_all))
    return saliency


@dataclass(frozen=True)
class _Jumps:
    """How likely replacements are to be born and to die.

    Attributes:
        saliency: (words,); 0 for words without options.
        most: most replacements at a time.
    """

    saliency: NDArray[np.float64]
    most: int

    def birth(self, row: Choices) -> float:
        """Probability that the next jump from this text is a birth."""
        changed = row != 0
        if not changed.any() or changed.sum() >= self.most:
            return float(not changed.any())
        excess = self.saliency[changed].sum() - self.saliency[~changed].sum()
        return float(1 / (1 + np.exp(np.clip(excess, -30, 30))))


def _propose(
    space: Space, row: Choices, jumps: _Jumps, odds: dict[int, NDArray[np.float64]], rng: Generator
) -> tuple[Choices, float]:
    """A neighbouring text, and the probability of the way back over that of the way there.

    The ratio is infinite from the ends of the walk (no or most replacements), whose jumps are always accepted.
    """
    changed = np.flatnonzero(row)
    unchanged = space.positions[row[space.positions] == 0]
    new, born = row.copy(), jumps.birth(row)
    if rng.random() < born:
        position = int(rng.choice(unchanged))
        new[position] = 1 + rng.choice(len(odds[position]), p=odds[position])
        there, back = born / len(unchanged), (1 - jumps.birth(new)) / (len(changed) + 1)
    else:
        new[int(rng.choice(changed))] = 0
        there, back = (1 - born) / len(changed), jumps.birth(new) / (len(unchanged) + 1)
    return new, np.inf if len(changed) in (0, jumps.most) else back / there


@dataclass
class _Walk:
    """Where the walk stands, and the most similar text that reaches the goal."""

    space: Space
    row: Choices
    target: float
    best: Choices | None = None
    similarity: float = -np.inf
    accepted: int = 0

    async def step(self, goal: Goal, row: Choices, ratio: float, chance: float) -> None:
        """Ask about the proposal, remember it if it reaches the goal, and go there or stay."""
        text = self.space.variants(row[None])
        verdict = await goal.judge(text)
        if np.isneginf(verdict.scores[0]):
            return
        similarity = float((await similarities(self.space.text, text))[0])
        if verdict.reached[0] and similarity > self.similarity:
            self.best, self.similarity = row, similarity
        target = float(verdict.scores[0]) * max(similarity, 0.0)
        if self.target == 0 or ratio == np.inf or chance < target * ratio / self.target:
            self.row, self.target = row, target
            self.accepted += 1

    def found(self, reason: str) -> Found:
        """The best success, or where the walk stands."""
        row = self.row if self.best is None else self.best
        text = self.space.variants(row[None])[0]
        return Found(text, reason if self.best is None else "flipped", {"accepted": self.accepted})
