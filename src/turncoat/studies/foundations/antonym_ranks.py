"""Does a training move opposites apart? The ranks of antonyms among each other's neighbours, paired over many pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.evaluation.significance import holm, sign_flips
from turncoat.intervals import Interval, mean, median
from turncoat.studies.foundations.neighbours import Pair, WordSpace

LEAST_PAIRS = 50


@dataclass(frozen=True)
class Ranks:
    """Where the antonyms stand under one training.

    Attributes:
        name: of the training.
        ranks: of each pair (pairs,): geometric mean of both directions, and over the seeds.
        median: of them.
    """

    name: str
    ranks: NDArray[np.float64]
    median: Interval


@dataclass(frozen=True)
class Moved:
    """How much farther apart one training puts antonyms than another.

    Attributes:
        first, second: the trainings.
        factor: geometric mean over pairs of rank under `first` / rank under `second`; above 1: farther apart.
        p: two-sided, by random signs of the pairs' log factors; corrected by Holm's method if made by `compare`.
    """

    first: str
    second: str
    factor: Interval
    p: float

    @property
    def apart(self) -> bool | None:
        """Whether they are moved apart; None if it cannot be told."""
        return None if self.p >= 0.05 else self.factor.estimate > 1


def antonym_ranks(name: str, spaces: Sequence[WordSpace], pairs: Sequence[Pair]) -> Ranks:
    """Ranks under one training, of which `spaces` are the seeds.

    Raises:
        UsageError: fewer than 50 pairs, too few to tell anything; or a word that a space does not know.
    """
    if len(pairs) < LEAST_PAIRS:
        raise UsageError(f"expected at least {LEAST_PAIRS} antonym pairs, got {len(pairs)}; take more words")
    logs = [
        [(np.log(space.rank(a, b)) + np.log(space.rank(b, a))) / 2 for a, b in pairs]
        for space in spaces
    ]  # fmt: skip
    ranks = np.exp(np.mean(logs, axis=0))
    found = median(ranks)
    if found is None:
        raise UsageError(f"{name}: expected at least one space")
    return Ranks(name, ranks, found)


def compare(ranks: Mapping[str, Ranks], against: str) -> list[Moved]:
    """Every training against one of them, over the same pairs."""
    found = [_moved(each, ranks[against]) for name, each in ranks.items() if name != against]
    return [replace(each, p=p) for each, p in zip(found, holm([each.p for each in found]), strict=True)]


def _moved(first: Ranks, second: Ranks) -> Moved:
    logs = np.log(first.ranks) - np.log(second.ranks)
    found = mean(logs)
    if found is None:
        raise UsageError("expected at least one pair")
    low, high = (None if end is None else float(np.exp(end)) for end in (found.low, found.high))
    factor = Interval(float(np.exp(found.estimate)), low, high, found.method)
    return Moved(first.name, second.name, factor, sign_flips(logs))
