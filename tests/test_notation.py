"""How numbers and their intervals are written."""

from __future__ import annotations

import math

import pytest

from turncoat.intervals import Interval
from turncoat.notation import IN_PERCENT, Write, cosine, decimal, ends, estimate, fixed, p_value, percent, points, told

SHARE = Interval(0.811, 0.74, 0.8661, "Wilson")
COUNT = Interval(1234.0, 900.25, 2000.0, "by hand")
ALONE = Interval(0.5, None, None, "none: a single value")
NONE = Interval(math.nan, None, None, "none: nothing was measured")


@pytest.mark.parametrize(
    ("interval", "write", "whole", "parts"),
    [
        (SHARE, IN_PERCENT, "81.1 (74.0 to 86.6)", ("81.1", "74.0 to 86.6")),
        (SHARE, percent, "81.1 % (74.0 to 86.6 %)", ("81.1 %", "74.0 to 86.6 %")),
        (SHARE, points, "81.1 points (74.0 to 86.6 points)", ("81.1 points", "74.0 to 86.6 points")),
        (SHARE, cosine, "0.811 (0.740 to 0.866)", ("0.811", "0.740 to 0.866")),
        (SHARE, fixed(0, percent=True), "81 (74 to 87)", ("81", "74 to 87")),
        (SHARE, fixed(2), "0.81 (0.74 to 0.87)", ("0.81", "0.74 to 0.87")),
        (COUNT, decimal, "1,234 (900.2 to 2,000)", ("1,234", "900.2 to 2,000")),
        (ALONE, percent, "50.0 %", ("50.0 %", "–")),
        (NONE, percent, "–", ("–", "–")),
        (None, percent, "–", ("–", "–")),
    ],
)
def test_an_estimate_and_its_interval(
    interval: Interval | None, write: Write, whole: str, parts: tuple[str, str]
) -> None:
    assert told(interval, write) == whole
    assert (estimate(interval, write), ends(interval, write)) == parts


def test_a_mark_stands_behind_the_estimate_and_never_alone() -> None:
    assert told(SHARE, IN_PERCENT, "*") == "81.1* (74.0 to 86.6)"
    assert (told(ALONE, cosine, "*"), told(NONE, cosine, "*")) == ("0.500*", "–")


def test_p_values() -> None:
    assert (p_value(0.0432), p_value(0.0009)) == ("0.043", "< 0.001")
