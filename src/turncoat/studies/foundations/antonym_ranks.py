"""Does a training move opposites apart? Ranks of antonyms among each other's neighbours, paired by pair and seed."""

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
        logs: by seed, logarithm of each pair's rank (pairs,), which is the geometric mean of both directions.
        median: of the ranks, each the geometric mean over the seeds.
    """

    name: str
    logs: Mapping[int, NDArray[np.float64]]
    median: Interval


@dataclass(frozen=True)
class Moved:
    """How much farther apart one training puts antonyms than another.

    Attributes:
        first, second: the trainings.
        seeds: those that both have; no others count.
        factor: geometric mean over pairs of rank under `first` / rank under `second`; above 1: farther apart.
        p: two-sided, by random signs of the pairs' log factors; corrected by Holm's method if made by `compare`.
    """

    first: str
    second: str
    seeds: tuple[int, ...]
    factor: Interval
    p: float

    @property
    def apart(self) -> bool | None:
        """Whether they are moved apart; None if it cannot be told."""
        return None if self.p >= 0.05 else self.factor.estimate > 1


def antonym_ranks(name: str, spaces: Mapping[int, WordSpace], pairs: Sequence[Pair]) -> Ranks:
    """Ranks under one training, whose word vectors `spaces` are by seed.

    Raises:
        UsageError: fewer than 50 pairs, too few to tell anything; or a word that a space does not know.
    """
    if len(pairs) < LEAST_PAIRS:
        raise UsageError(f"expected at least {LEAST_PAIRS} antonym pairs, got {len(pairs)}; take more words")
    logs = {
        seed: np.array([(np.log(space.rank(a, b)) + np.log(space.rank(b, a))) / 2 for a, b in pairs])
        for seed, space in spaces.items()
    }
    found = median(np.exp(_over(logs, [*logs]))) if logs else None
    if found is None:
        raise UsageError(f"{name}: expected at least one space")
    return Ranks(name, logs, found)


def compare(ranks: Mapping[str, Ranks], against: str) -> list[Moved]:
    """Every training that shares a seed with one of them, against that one, over the same pairs and seeds."""
    base = ranks[against]
    found = [_moved(each, base) for each in ranks.values() if each is not base and each.logs.keys() & base.logs.keys()]
    return [replace(each, p=p) for each, p in zip(found, holm([each.p for each in found]), strict=True)]


def _moved(first: Ranks, second: Ranks) -> Moved:
    seeds = sorted(first.logs.keys() & second.logs.keys())
    logs = _over(first.logs, seeds) - _over(second.logs, seeds)
    found = mean(logs)
    if found is None:
        raise UsageError("expected at least one pair")
    low, high = (None if end is None else float(np.exp(end)) for end in (found.low, found.high))
    factor = Interval(float(np.exp(found.estimate)), low, high, found.method)
    return Moved(first.name, second.name, tuple(seeds), factor, sign_flips(logs))


def _over(logs: Mapping[int, NDArray[np.float64]], seeds: Sequence[int]) -> NDArray[np.float64]:
    return np.asarray(np.mean([logs[seed] for seed in seeds], axis=0))
