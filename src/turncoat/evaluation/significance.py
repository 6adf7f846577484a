"""Tests of two runs on the same examples, and what to do about many tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from turncoat.intervals import NUMBERS_AT_ONCE, RESAMPLES, SEED


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p of McNemar's test, from the examples on which just one of the two succeeded."""
    if only_first + only_second == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(only_first, only_first + only_second, 0.5).pvalue)


def sign_flips(differences: NDArray[np.float64]) -> float:
    """Two-sided p of a mean paired difference: how often random signs give a mean as far from zero.

    Monte Carlo with a fixed generator; the observed signs count as one draw, so that p is never 0.
    """
    rng = np.random.default_rng(SEED)
    observed = abs(differences.sum()) * (1 - 1e-12)  # equal sums may differ in their last bits
    at_once = max(1, NUMBERS_AT_ONCE // max(1, len(differences)))
    extreme = 0
    for start in range(0, RESAMPLES, at_once):
        shape = (min(at_once, RESAMPLES - start), len(differences))
        signs = rng.integers(0, 2, shape, dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ differences) >= observed).sum())
    return (extreme + 1) / (RESAMPLES + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """p values corrected for being read together (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected
