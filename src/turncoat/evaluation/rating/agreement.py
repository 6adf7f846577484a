"""Agreement between raters: Krippendorff's alpha, Fleiss' kappa, quadratically weighted kappa."""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.intervals import SEED, Interval, percentile

Level = Literal["nominal", "ordinal", "interval"]
RESAMPLES = 1000
RELIABLE = 0.667  # below it, Krippendorff advises to discard the ratings


def krippendorff_alpha(ratings: NDArray[np.float64], level: Level = "ordinal") -> float:
    """Krippendorff's alpha of ratings (raters, units); NaN where a rater did not rate. 1 is full agreement, 0 chance.

    Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.

    Raises:
        UsageError: no unit was rated twice.
    """
    values, coincidences = _coincidences(ratings)
    totals = coincidences.sum(axis=1)
    if totals.sum() < 2:
        raise UsageError("agreement needs a unit that two raters have rated; there is none")
    distances = _squared_distances(values, totals, level)
    expected = (np.outer(totals, totals) * distances).sum()
    if expected == 0:  # everybody said the same everywhere: no variation that could be reliable
        return float("nan")
    return float(1 - (totals.sum() - 1) * (coincidences * distances).sum() / expected)


def alpha_interval(ratings: NDArray[np.float64], level: Level = "ordinal") -> Interval:
    """Alpha with a percentile bootstrap interval over units."""
    rng, units = np.random.default_rng(SEED), ratings.shape[1]
    draws = np.full(RESAMPLES, np.nan)
    for i in range(RESAMPLES):
        with suppress(UsageError):  # a resample without a unit that was rated twice
            draws[i] = krippendorff_alpha(ratings[:, rng.integers(units, size=units)], level)
    return percentile(krippendorff_alpha(ratings, level), draws, "percentile bootstrap over units")


def fleiss_kappa(counts: NDArray[np.int64]) -> float:
    """Fleiss' kappa of counts (units, categories): how many raters put a unit into a category.

    Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters", 1971.

    Raises:
        UsageError: the units were not all rated by the same number (at least two) of raters.
    """
    raters = counts.sum(axis=1)
    if not len(counts) or raters.min() != raters.max() or raters[0] < 2:
        raise UsageError("Fleiss' kappa needs units that the same two or more raters have all rated")
    n = int(raters[0])
    observed = ((counts**2).sum(axis=1) - n).mean() / (n * (n - 1))
    expected = ((counts.sum(axis=0) / counts.sum()) ** 2).sum()
    return float("nan") if expected == 1 else float((observed - expected) / (1 - expected))


def pairwise_weighted_kappa(ratings: NDArray[np.float64]) -> float:
    """Cohen's kappa with quadratic weights, mean over all pairs of raters on what both rated; NaN without any pair."""
    from sklearn.metrics import cohen_kappa_score

    kappas = []
    for first, second in combinations(ratings, 2):
        both = ~np.isnan(first) & ~np.isnan(second)
        if both.any() and len(np.unique(np.concatenate([first[both], second[both]]))) > 1:
            kappas.append(cohen_kappa_score(first[both].astype(int), second[both].astype(int), weights="quadratic"))
    return float(np.mean(kappas)) if kappas else float("nan")


def _coincidences(ratings: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distinct values, ascending, and how often each two of them met within a unit."""
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = np.array([(ratings == value).sum(axis=0) for value in values], np.float64).reshape(len(values), -1)
    raters = counts.sum(axis=0)
    paired = counts[:, raters > 1]
    pairs = raters[raters > 1] - 1
    return values, (paired / pairs) @ paired.T - np.diag((paired / pairs).sum(axis=1))


def _squared_distances(values: NDArray[np.float64], totals: NDArray[np.float64], level: Level) -> NDArray[np.float64]:
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "interval":
        return (values[:, None] - values) ** 2
    ranks = np.cumsum(totals) - totals / 2  # ordinal: how many ratings lie between two values
    return (ranks[:, None] - ranks) ** 2
