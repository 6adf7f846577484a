"""The texts that one search has had answered, as points of the space of choices."""

from __future__ import annotations

import numpy as np

from turncoat.engine.query import Spent
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space, Variants
from turncoat.text import Text


class Answered:
    """Points in the order asked, over the editable positions only; the untouched text is point 0.

    Texts that a constraint forbids are no points; they are remembered only so as not to be tried again.

    Attributes:
        sizes: number of options of each position (positions,).
        points: choices (points, positions).
        margins: wanted class minus best other, (points,); see `Verdict`.
        reached: (points,) bool.
    """

    def __init__(self, space: Space, goal: Goal) -> None:
        self._space, self._goal = space, goal
        self._keys: set[bytes] = set()
        self.sizes = space.sizes[space.positions]
        self.points: Choices = np.empty((0, len(self.sizes)), np.int16)
        self.margins = np.empty(0)
        self.reached = np.empty(0, bool)

    def __len__(self) -> int:
        return len(self.points)

    async def ask(self, points: Choices) -> None:
        """Ask about new points, as many of them as the budget allows, and remember the answers.

        Raises:
            BudgetSpent: it allows none.
        """
        left = (await Spent()).left
        points = points if left is None else points[: max(left, 1)]
        verdict = await self._goal.judge(self._variants(points))
        kept = np.isfinite(verdict.margins) | (len(self) == 0)  # the untouched text is a start even where forbidden
        self.points = np.concatenate([self.points, points[kept]])
        self.margins = np.concatenate([self.margins, np.maximum(verdict.margins[kept], -1)])
        self.reached = np.concatenate([self.reached, verdict.reached[kept]])
        self._keys.update(_keys(points))

    def new(self, points: Choices) -> Choices:
        """Those that were not asked yet, each once, in the given order."""
        first = first_rows(points)
        return points[sorted(map(first.__getitem__, first.keys() - self._keys))]

    @property
    def best(self) -> int:
        """The point with the largest margin; ties to the earlier one."""
        return int(self.margins.argmax())

    @property
    def success(self) -> int | None:
        """The success with the fewest changed words; ties to the larger margin, then to the earlier one."""
        reached = np.flatnonzero(self.reached)
        if not len(reached):
            return None
        changed = np.count_nonzero(self.points[reached], axis=1)
        return int(reached[np.lexsort((-self.margins[reached], changed))[0]])

    def best_within(self, radius: int) -> int:
        """The point with the largest margin among those with at most `radius` changed words."""
        return int(np.where(np.count_nonzero(self.points, axis=1) <= radius, self.margins, -np.inf).argmax())

    def text(self, point: int) -> Text:
        return self._variants(self.points[[point]])[0]

    def _variants(self, points: Choices) -> Variants:
        choices = np.zeros((len(points), len(self._space.text)), np.int16)
        choices[:, self._space.positions] = points
        return self._space.variants(choices)


def first_rows(points: Choices) -> dict[bytes, int]:
    """The distinct points: where each is found first, by its bytes."""
    keys = _keys(points)
    return dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))


def _keys(points: Choices) -> list[bytes]:
    row_bytes = points.shape[1] * points.itemsize
    keys: list[bytes] = np.ascontiguousarray(points).view(f"V{row_bytes}").ravel().tolist()
    return keys
