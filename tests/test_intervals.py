from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from turncoat.intervals import Interval, mean, median, percentile, proportion


# Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
# method 3.
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_proportion_agrees_with_newcombe(hits: int, of: int, low: float, high: float) -> None:
    interval = proportion(hits, of)
    assert interval is not None
    assert interval.estimate == hits / of
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


def test_proportion_of_nothing_is_none() -> None:
    assert proportion(0, 0) is None


@pytest.mark.parametrize("of", [1, 2, 7, 1000])
def test_proportion_is_exact_at_both_ends_and_symmetric(of: int) -> None:
    none, all_of_them = proportion(0, of), proportion(of, of)
    assert none is not None
    assert all_of_them is not None
    assert (none.low, all_of_them.high) == (0.0, 1.0)
    assert none.high == pytest.approx(1 - (all_of_them.low or 0))
    assert none.high == pytest.approx(1.959963984540054**2 / (of + 1.959963984540054**2))


@pytest.mark.parametrize(("hits", "of"), [(-1, 3), (4, 3), (1, 0)])
def test_proportion_refuses_impossible_counts(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="expected 0 <= hits <= of"):
        proportion(hits, of)


def test_power_note_of_the_specification() -> None:
    interval = proportion(250, 500)
    assert interval is not None
    assert interval.high is not None
    assert interval.high - 0.5 == pytest.approx(0.044, abs=0.001)


def bca_by_hand(values: np.ndarray) -> tuple[float, float]:
    """Efron's BCa formula written out, with resamples of its own."""
    rng = np.random.default_rng(99)
    draws = np.array([rng.choice(values, len(values)).mean() for _ in range(20_000)])
    below = (draws < values.mean()).mean() + (draws == values.mean()).mean() / 2
    bias = norm.ppf(below)
    left_out = np.array([np.delete(values, i).mean() for i in range(len(values))])
    spread = left_out.mean() - left_out
    acceleration = (spread**3).sum() / (6 * (spread**2).sum() ** 1.5)
    levels = [norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in norm.ppf([0.025, 0.975])]
    low, high = np.quantile(draws, levels)
    return float(low), float(high)


def test_mean_agrees_with_the_formula_of_bca() -> None:
    values = np.random.default_rng(3).exponential(10.0, 40)
    interval = mean(values)
    assert interval is not None
    assert interval.method == "BCa bootstrap, 10,000 resamples"
    assert interval.estimate == pytest.approx(values.mean())
    low, high = bca_by_hand(values)
    assert interval.low == pytest.approx(low, abs=0.15)
    assert interval.high == pytest.approx(high, abs=0.15)
    assert high - values.mean() > values.mean() - low  # skewed data: no symmetric interval


def test_mean_of_many_is_normal() -> None:
    values = np.random.default_rng(4).normal(5, 2, 1000)
    interval = mean(values)
    half = 1.96 * values.std(ddof=1) / math.sqrt(len(values))
    assert interval is not None
    assert interval.low == pytest.approx(values.mean() - half, abs=0.01)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.01)


def test_median_holds_its_estimate() -> None:
    interval = median([1, 2, 2, 3, 100])
    assert interval is not None
    assert interval.estimate == 2
    assert interval.low is not None
    assert interval.high is not None
    assert 1 <= interval.low <= 2 <= interval.high <= 100
    assert interval.method == "percentile bootstrap, 10,000 resamples"


@pytest.mark.parametrize("measure", [mean, median])
def test_too_little_data_is_said(measure) -> None:
    assert measure([]) is None
    assert measure([3]) == Interval(3.0, None, None, "none: a single value")
    assert measure([3, 3, 3]) == Interval(3.0, 3.0, 3.0, "none: all values are equal")


@pytest.mark.parametrize("measure", [mean, median])
def test_two_values_and_lopsided_data_give_finite_ends(measure) -> None:
    for values in ([0, 1], [0] * 99 + [1], [1e-12, 2e-12], [0.1, 0.1, 0.1 + 1e-16, 0.3], [-5, 5]):
        interval = measure(values)
        assert math.isfinite(interval.low)
        assert math.isfinite(interval.high)
        assert interval.low <= interval.estimate <= interval.high


def test_same_data_same_interval() -> None:
    values = list(range(50))
    assert mean(values) == mean(values)
    assert median(values) == median(values)


def test_the_middle_of_any_draws() -> None:
    """Of 0 to 40, a fortieth lies at 1; what a draw could not measure is left out, and not counted."""
    draws = np.array([np.nan, *range(41)])
    assert percentile(7.0, draws, "drawn by hand") == Interval(
        7.0, pytest.approx(1), pytest.approx(39), "drawn by hand, 41 resamples"
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(("estimate", "draws"), [(math.nan, [1.0, 2.0]), (1.0, [1.0, math.nan]), (1.0, [])])
def test_nothing_to_take_the_middle_of(estimate: float, draws: list[float]) -> None:
    found = percentile(estimate, np.array(draws), "drawn by hand")
    assert (found.low, found.high, found.method) == (None, None, "none: nothing was measured")
