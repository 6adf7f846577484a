"""A plug-in in one module: an attack, words to attack with, a victim and a data set, found through entry points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.data.example import Dataset, Example
from turncoat.goals.goal import Goal
from turncoat.models.victim import Victim
from turncoat.space import Space
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text

COOLER = {"wonderful": ("fine", "decent"), "good": ("fair",), "loved": ("watched",)}


@dataclass(frozen=True, kw_only=True)
class OneSwap(Attack):
    """The best single replacement."""

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        swaps = space.swaps()
        if not len(swaps):
            return Found(space.text, "no options")
        verdict = await goal.judge(swaps)
        best = int(verdict.scores.argmax())
        return Found(swaps[best], "flipped" if verdict.reached[best] else "exhausted")


@dataclass(frozen=True)
class Cooler(Substitutions):
    """Less warm words."""

    async def propose(self, text: Text, where: Where = None) -> Options:
        return [COOLER.get(word.lower(), ()) for word in text.words]


def one_swap() -> OneSwap:
    """The attack as `--attack one-swap` runs it."""
    return OneSwap(substitutions=Cooler())


class Moods(Victim):
    """Warm if it sees a warm word."""

    name, labels, unknown, fingerprint = "moods", ("cold", "warm"), "[UNK]", "moods 0.1"

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        return [np.array([self._probabilities(text) for text in texts]) for texts in batches]

    def visible(self, text: Text) -> int:
        return len(text)

    def _probabilities(self, text: Text) -> tuple[float, float]:
        warm = sum(word.lower() in COOLER for word in text.words)
        return (0.25**warm * 0.9, 1 - 0.25**warm * 0.9)


def moods(split: str) -> Dataset:
    """Two examples, the same in every split."""
    examples = (Example("a", "A wonderful day.", 1), Example("b", "Good cast; I loved it!", 1))
    return Dataset(f"moods/{split}", examples, ("cold", "warm"))
