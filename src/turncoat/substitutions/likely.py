"""Fewer words: only those that a masked language model finds likely in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from turncoat.engine.query import Cloze, Weigh
from turncoat.errors import UsageError
from turncoat.space import Space
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class Likely(Substitutions):
    """The `keep` proposals with the highest probability in the original's place, in the inner source's order.

    Proposals are weighed as they would stand in the text (see `Space`); where there are no more than `keep`, nothing is
    asked. Equal ones: the earlier proposal is kept.

    Attributes:
        inner: where the proposals come from.
        keep: most candidates a word.
    """

    inner: Substitutions
    keep: int = 4

    asks_masked_lm: ClassVar[bool] = True  # so that a run names the model in its configuration

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise UsageError(f"expected keep >= 1, got {self.keep}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        options = list(Space(text, await self.inner.propose(text, where)).options)
        among = sorted(set(range(len(text)) if where is None else where))
        crowded = [i for i in among if len(options[i]) > self.keep]
        if not crowded:
            return options
        weights = await Weigh([Cloze(text, i, word) for i in crowded for word in options[i]])
        ends = np.cumsum([len(options[i]) for i in crowded])
        for i, block in zip(crowded, np.split(weights, ends[:-1]), strict=True):
            best = np.argsort(-block, kind="stable")[: self.keep]
            options[i] = tuple(options[i][j] for j in np.sort(best))
        return options
