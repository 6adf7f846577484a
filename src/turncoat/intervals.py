"""95 % intervals: Wilson for proportions, bootstrap over examples for means and medians, and of any resamples."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
Z = 1.959963984540054  # the normal distribution's quantile at 97.5 %
RESAMPLES = 10_000
SEED = 14
NUMBERS_AT_ONCE = 5_000_000  # keeps the resamples of 5,000 examples within some tens of megabytes


@dataclass(frozen=True)
class Interval:
    """An estimate and its 95 % interval.

    Attributes:
        estimate: in the unit of what was measured; a proportion lies in [0, 1].
        low, high: ends of the interval; None where there is too little data for one.
        method: how the ends were found, or why there are none.
    """

    estimate: float
    low: float | None
    high: float | None
    method: str


def proportion(hits: int, of: int) -> Interval | None:
    """Wilson interval of `hits` out of `of`; None for 0 of 0.

    Raises:
        ValueError: unless 0 <= hits <= of.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"expected 0 <= hits <= of, got {hits} of {of}")
    if of == 0:
        return None
    share, shrink = hits / of, Z * Z / of
    centre = (share + shrink / 2) / (1 + shrink)
    half = Z / (1 + shrink) * math.sqrt(share * (1 - share) / of + shrink / (4 * of))
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == of else centre + half
    return Interval(share, low, high, "Wilson")


def mean(values: Sequence[float] | NDArray[np.floating]) -> Interval | None:
    """Mean with a BCa bootstrap interval over examples; None without values."""
    return _bootstrap(np.asarray(values, np.float64), np.mean, "BCa")


def median(values: Sequence[float] | NDArray[np.floating]) -> Interval | None:
    """Median with a percentile bootstrap interval over examples; None without values.

    BCa would need the jackknife, which does not work for medians (it sees two or three values, or one).
    """
    return _bootstrap(np.asarray(values, np.float64), np.median, "percentile")


def percentile(estimate: float, draws: NDArray[np.floating], what: str) -> Interval:
    """An estimate with the middle 95 % of what it is in resamples; without ends if it or nearly all of them are none.

    Args:
        draws: (resamples,); NaN where a resample has nothing to measure, which is left out.
        what: was resampled, and how: "percentile bootstrap over sentences".
    """
    known = draws[~np.isnan(draws)]
    if math.isnan(estimate) or len(known) < 2:
        return Interval(estimate, None, None, "none: nothing was measured")
    tail = (1 - CONFIDENCE) / 2
    low, high = (float(end) for end in np.quantile(known, [tail, 1 - tail]))
    return Interval(estimate, low, high, f"{what}, {len(known):,} resamples")


def _bootstrap(
    values: NDArray[np.float64], statistic: Callable[..., Any], method: Literal["BCa", "percentile"]
) -> Interval | None:
    if not len(values):
        return None
    estimate = float(statistic(values))
    if len(values) == 1:
        return Interval(estimate, None, None, "none: a single value")
    if np.ptp(values) == 0:
        return Interval(estimate, estimate, estimate, "none: all values are equal")
    from scipy.stats import bootstrap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # degenerate resamples answer nan, which is met below
        result = bootstrap(
            (values,),
            statistic,
            n_resamples=RESAMPLES,
            batch=max(1, NUMBERS_AT_ONCE // len(values)),
            confidence_level=CONFIDENCE,
            method=method,
            rng=np.random.default_rng(SEED),
        )
    low, high = (float(end) for end in result.confidence_interval)
    if not (math.isfinite(low) and math.isfinite(high)):
        return percentile(estimate, result.bootstrap_distribution, "percentile bootstrap")
    return Interval(estimate, low, high, f"{method} bootstrap, {RESAMPLES:,} resamples")
