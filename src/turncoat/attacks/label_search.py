"""Where searches that see labels only begin: a random text that turns the verdict, with all words restored it can bear.

HLBB (Maheshwary, Maheshwary and Pudi, AAAI 2021) and TextHoaxer (Ye et al., AAAI 2022) share these two steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Found
from turncoat.engine.query import Spent
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.constraints import similarities

GROUP = 1 / 4  # how many texts `first` asks about at once, as a share of those asked before: so many may be in vain


@dataclass
class LabelSearch:
    """A label-only search under way. Where several texts are asked about, they come as choice rows (texts, words).

    Attributes:
        row: the best text that reaches the goal (words,); the untouched text until one does.
        turned: whether there is one.
        trace: what the attack wants kept beside the outcome.
    """

    space: Space
    goal: Goal
    row: Choices
    turned: bool = False
    trace: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def on(cls, space: Space, goal: Goal) -> LabelSearch:
        """A search that has asked nothing yet."""
        return cls(space, goal, np.zeros(len(space.text), np.int16))

    @property
    def changes(self) -> int:
        """Number of words replaced in the best text."""
        return int(np.count_nonzero(self.row))

    def found(self, reason: str) -> Found:
        """The best text; `reason` says why there is none that reaches the goal."""
        return Found(self.space.variants(self.row[None])[0], "flipped" if self.turned else reason, self.trace)

    async def reached(self, rows: Choices) -> NDArray[np.bool_]:
        """Which texts reach the goal (texts,)."""
        if not len(rows):
            return np.zeros(0, bool)
        return (await self.goal.judge(self.space.variants(rows))).reached

    async def similarities(self, rows: Choices) -> NDArray[np.float64]:
        """Cosine of each text's sentence vector with the original's (texts,)."""
        return await similarities(self.space.text, self.space.variants(rows)) if len(rows) else np.zeros(0)

    async def first(self, rows: Choices) -> int | None:
        """Index of the first text that reaches the goal.

        Asks in groups, each a quarter of what was asked before: one by one at first, later in few calls.
        """
        asked = 0
        while asked < len(rows):
            left = (await Spent()).left
            size = max(1, min(int(asked * GROUP), len(rows) if left is None else left))
            hits = np.flatnonzero(await self.reached(rows[asked : asked + size]))
            if len(hits):
                return asked + int(hits[0])
            asked += size
        return None

    async def turn(self, rng: Generator, tries: int) -> bool:
        """Put random options at the first, the first two, ... of the shuffled positions until the goal is reached.

        At most one text for every word of the original; then up to `tries` texts with all positions replaced. Draws the
        order, then the options of all these texts.
        """
        order = rng.permutation(self.space.positions)
        rows = np.zeros((len(self.space.text) + tries, len(self.space.text)), np.int16)
        options = 1 + rng.integers(self.space.sizes[order], size=(len(rows), len(order)))
        rows[:, order] = options * np.tri(*options.shape, dtype=np.bool_)
        index = await self.first(rows)
        if index is not None:
            self.row, self.turned = rows[index], True
            self.trace["turned_with"] = self.changes
        return self.turned

    async def restore(self) -> None:
        """Put original words back until no single one can be put back any more.

        A round asks about every changed word alone, then restores those that may be, one on top of the other, most
        similar text first, until the goal is lost.
        """
        while True:
            changed = np.flatnonzero(self.row)
            singles = restored(self.row, changed)
            may = np.flatnonzero(await self.reached(singles))
            if not len(may):
                break
            similar = await self.similarities(singles[may])
            for position in changed[may[np.argsort(-similar, kind="stable")]]:
                fewer = restored(self.row, position)
                if not (await self.reached(fewer))[0]:
                    break
                self.row = fewer[0]
        self.trace["restored_to"] = self.changes


def restored(row: Choices, positions: NDArray[np.int64]) -> Choices:
    """The text with one original word put back, at each of the positions in turn (positions, words)."""
    rows = np.tile(row, (np.size(positions), 1))
    rows[np.arange(len(rows)), positions] = 0
    return rows
