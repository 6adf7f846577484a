"""How often rules turn victims: two readings of one sequence of texts, and rates with a two-level bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.intervals import SEED, Interval
from turncoat.studies.rules.prefixes import Prefixes
from turncoat.studies.transfer.resampling import DRAWS, EXAMPLES, MODELS, Cells, percentile_interval

Reading = Literal["incremental", "oblivious"]
READINGS: tuple[Reading, ...] = ("incremental", "oblivious")
Numbers = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Turns:
    """What a book did to every target on every example, under a cap.

    Attributes:
        right: whether the target is right about the clean text (targets, examples).
        wrong: whether it is wrong about the text that counts (targets, examples).
        share: share of the words changed in that text (targets, examples).
    """

    right: Cells
    wrong: Cells
    share: NDArray[np.float64]


def turns(wrong: Cells, prefixes: Prefixes, book: int, cap: float, reading: Reading) -> Turns:
    """Read off what happens under a cap.

    Args:
        wrong: whether a target is wrong about a text (targets, all texts of `prefixes`).
        reading: "oblivious": all replacements that the cap allows are made, one text for all targets. "incremental":
            as many as it takes with this target, none if it is wrong from the start.
    """
    changes = prefixes.changes(book, cap)
    right, words = ~wrong[:, prefixes.clean], np.maximum(prefixes.words, 1)
    if reading == "oblivious":
        return Turns(right, wrong[:, prefixes.at(book, changes)], np.broadcast_to(changes / words, right.shape))
    on_the_way = wrong[:, prefixes.rows[book]] & (np.arange(prefixes.rows.shape[2]) <= changes[:, None])
    turned = np.asarray(on_the_way.any(axis=2))
    return Turns(right, turned, np.where(turned, on_the_way.argmax(axis=2), changes) / words)


@dataclass(frozen=True, eq=False)
class Ratio:
    """A rate of each target: a sum over examples, by another (targets, examples)."""

    above: Numbers
    below: Numbers


def _ratio(above: NDArray[np.generic], below: NDArray[np.generic]) -> Ratio:
    return Ratio(above.astype(np.float32), below.astype(np.float32))


MEASURES: dict[str, Callable[[Turns], Ratio]] = {
    "success": lambda t: _ratio(t.wrong & t.right, t.right),
    "wrong, of all": lambda t: _ratio(t.wrong, np.ones_like(t.wrong)),
    "changed, of successes": lambda t: _ratio(t.share * (t.wrong & t.right), t.wrong & t.right),
    "changed, of attacked": lambda t: _ratio(t.share * t.right, t.right),
}


@dataclass(frozen=True, eq=False)
class Estimate:
    """A number and its resamples, which pair up with those of any other number of the same study."""

    value: float
    draws: NDArray[np.float64]

    def interval(self) -> Interval:
        """The middle 95 % of the resamples."""
        return percentile_interval(self.value, self.draws)

    def __sub__(self, other: Estimate) -> Estimate:
        return Estimate(self.value - other.value, self.draws - other.draws)


@dataclass(frozen=True, eq=False)
class Sums:
    """The two sums of a ratio (targets, 1 + draws)."""

    above: Numbers
    below: Numbers


@dataclass(frozen=True, eq=False)
class Resamples:
    """Targets drawn with replacement within their family, and examples; the same draws for everything.

    Attributes:
        targets: how often each is drawn; the first row is the study itself, all ones (1 + draws, targets).
        examples: (1 + draws, examples).
    """

    targets: Numbers
    examples: Numbers

    def sums(self, ratio: Ratio) -> Sums:
        """Both sums of each target, for the study itself and for each draw of examples."""
        return Sums(ratio.above @ self.examples.T, ratio.below @ self.examples.T)

    def over(self, sums: Sums, chosen: Cells, pooled: bool) -> Estimate:
        """A rate over some of the targets (targets,).

        Args:
            pooled: sum over all targets before dividing; else each target has its own rate, and all count alike.
        """
        above, below, weights = sums.above[chosen], sums.below[chosen], self.targets[:, chosen].T
        if not pooled:
            above = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
            below = (below > 0).astype(np.float32)
        hits, total = (weights * above).sum(axis=0), (weights * below).sum(axis=0)
        found = np.full(len(total), np.nan)
        np.divide(hits, total, out=found, where=total > 0)
        return Estimate(float(found[0]), found[1:])


def resamples(families: Sequence[str], examples: int, draws: int = DRAWS, seed: int = SEED) -> Resamples:
    """A family of one target is always drawn whole: its interval tells of examples alone."""
    drawn = np.ones((1 + draws, len(families)), np.float32)
    rng, names = np.random.default_rng([seed, MODELS]), np.array(families)
    for family in sorted(set(families)):
        members = np.flatnonzero(names == family)
        drawn[1:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), draws)
    rng = np.random.default_rng([seed, EXAMPLES])
    counts = rng.multinomial(examples, np.full(examples, 1 / max(examples, 1)), draws)
    return Resamples(drawn, np.vstack([np.ones(examples), counts]).astype(np.float32))
