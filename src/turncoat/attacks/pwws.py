"""PWWS: Probability Weighted Word Saliency (Ren, Deng, He and Che, ACL 2019)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.errors import BudgetSpent
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import WordNet


@dataclass(frozen=True, kw_only=True)
class PWWS(Attack):
    """Replace words one after another, in an order fixed from the start: softmax(saliency) x best gain.

    Source: S. Ren, Y. Deng, K. He, W. Che. "Generating Natural Language Adversarial Examples through Probability
    Weighted Word Saliency." ACL 2019. Questions: 1 + n (saliency) + sum of candidates (gains) + at most n (greedy).

    Differences from the paper:
        - Saliency makes the word unknown in the text; the authors' code erases by index in the padded id vector, which
          hits the wrong word as soon as punctuation or an unknown word stands before it.
        - Multi-word lemmas are dropped; the authors' code silently keeps their first token.
        - No named-entity substitutes (`use_NE`): the transfer study that follows the paper leaves them out too.
        - A text without any candidate fails; the authors' code divides by zero.
        - Words that the victim cannot see are neither salient nor replaced.
        - Under constraints (none in the paper) a forbidden replacement is left out and the next one is tried.
        - Works for a target too: gains are then rises of the target's probability.
    """

    substitutions: Substitutions = field(default_factory=WordNet)

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        text = space.text
        try:
            saliency = await goal.probe(space.masked()) - goal.clean_score
            if not len(space.positions):
                return Found(text, "no_candidates")
            swaps = space.swaps()
            gains = (await goal.judge(swaps)).scores - goal.clean_score
            ranking = rank(space, saliency, gains)
            trace = {"words": list(ranking.table(space))}
            row = np.zeros((1, len(space.text)), np.int16)
            for position in ranking.order:
                step = row.copy()
                step[0, position] = ranking.best[position]
                verdict = await goal.judge(space.variants(step))
                if np.isneginf(verdict.scores[0]):
                    continue
                row, text = step, space.variants(step)[0]
                if verdict.reached[0]:
                    return Found(text, "flipped", trace)
        except BudgetSpent:
            return Found(text, "budget")
        return Found(text, "exhausted", trace)


@dataclass(frozen=True)
class Ranking:
    """What PWWS decides before it replaces anything; arrays over the visible words.

    Attributes:
        saliency: S, rise of the score when the word becomes unknown.
        weight: softmax of S over all words, with or without candidates.
        best: option number (1-based) with the largest gain, 0 where there is none.
        gain: that option's gain from the untouched text.
        priority: H = weight x gain.
        order: positions with candidates, highest priority first; ties to the lower position.
    """

    saliency: NDArray[np.float64]
    weight: NDArray[np.float64]
    best: Choices
    gain: NDArray[np.float64]
    priority: NDArray[np.float64]
    order: NDArray[np.int64]

    def table(self, space: Space) -> Iterator[dict[str, Any]]:
        """One record a ranked word, in the order of replacement."""
        for i in self.order.tolist():
            yield {
                "position": i,
                "saliency": round(float(self.saliency[i]), 6),
                "weight": round(float(self.weight[i]), 6),
                "best": space.options[i][self.best[i] - 1],
                "gain": round(float(self.gain[i]), 6),
                "priority": round(float(self.priority[i]), 9),
            }


def rank(space: Space, saliency: NDArray[np.float64], gains: NDArray[np.float64]) -> Ranking:
    """Order the replacements.

    Args:
        saliency: (visible words,).
        gains: (number of single replacements,), in the order of `space.swaps()`; -inf where forbidden.
    """
    exponents = np.exp(saliency - saliency.max())
    weight = exponents / exponents.sum()
    best = np.zeros(len(saliency), np.int16)
    gain = np.full(len(saliency), -np.inf)
    ends = np.cumsum(space.sizes[space.positions])
    for position, block in zip(space.positions, np.split(gains, ends[:-1]), strict=True):
        best[position] = block.argmax() + 1
        gain[position] = block.max()
    ranked = space.positions[np.isfinite(gain[space.positions])]
    priority = np.full(len(saliency), -np.inf)
    priority[ranked] = weight[ranked] * gain[ranked]
    order = ranked[np.argsort(-priority[ranked], kind="stable")]
    return Ranking(saliency, weight, best, gain, priority, order)
