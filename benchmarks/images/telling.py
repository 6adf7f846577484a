"""How the numbers of this study are told: rates with Wilson intervals, seeds as mean and deviation, verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from scipy.stats import t as student

from study import percent
from turncoat.evaluation.intervals import CONFIDENCE, proportion

Row = Mapping[str, str]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim: its row in the list of what is to be shown, and what speaks for or against it."""

    row: str
    claim: str
    measured: str
    verdict: str


@dataclass(frozen=True)
class Section:
    """One part of the study.

    Attributes:
        title, about: of the part; `about` tells sizes and what differs from the papers.
        tables: rows by caption; the caption's first word names the CSV file.
        figures: content by file name.
    """

    title: str
    about: str
    tables: Mapping[str, Sequence[Row]]
    verdicts: Sequence[Verdict]
    figures: Mapping[str, str | bytes] = field(default_factory=dict)

    def told(self) -> list[Row]:
        """The verdicts as rows of a table."""
        return [asdict(verdict) for verdict in self.verdicts]


@dataclass(frozen=True)
class Paired:
    """Mean of differences, seed by seed, and Student's 95 % interval; infinite for a single seed."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if self.n < 2:
            return f"{100 * self.mean:+.2f} points (one seed, no interval)"
        return f"{100 * self.mean:+.2f} points ({100 * self.low:+.2f} to {100 * self.high:+.2f}; {self.n} seeds)"

    def shows(self) -> str:
        """Whether the mean lies above 0, with its interval."""
        return _sign(self.low > 0, self.high < 0)


def paired(first: Sequence[float], second: Sequence[float]) -> Paired:
    """Of first - second."""
    found = np.asarray(first) - np.asarray(second)
    mean, n = float(found.mean()), len(found)
    if n < 2:
        return Paired(mean, -math.inf, math.inf, n)
    half = float(student.ppf((1 + CONFIDENCE) / 2, n - 1) * found.std(ddof=1) / math.sqrt(n))
    return Paired(mean, mean - half, mean + half, n)


def rate(hits: int, of: int, digits: int = 2) -> str:
    """A share in percent and its Wilson interval."""
    return percent(proportion(hits, of), digits)


def over_seeds(values: Sequence[float], digits: int = 2, scale: float = 100) -> str:
    """Mean and standard deviation over seeds; in percent, unless the scale is another."""
    found = scale * np.asarray(values)
    if len(found) < 2:
        return f"{found.mean():.{digits}f} (one seed)"
    return f"{found.mean():.{digits}f} ± {found.std(ddof=1):.{digits}f} ({len(found)} seeds)"


def apart(first: tuple[int, int], second: tuple[int, int]) -> str:
    """Whether the first share lies above the second: intervals that do not touch; hits and number of each."""
    one, two = proportion(*first), proportion(*second)
    if one is None or two is None or None in (one.low, one.high, two.low, two.high):
        return "not tested"
    return _sign(one.low > two.high, one.high < two.low)  # type: ignore[operator]


def above(hits: int, of: int, least: float) -> str:
    """Whether a share lies above `least`, with its interval."""
    found = proportion(hits, of)
    if found is None or found.low is None or found.high is None:
        return "not tested"
    return _sign(found.low > least, found.high < least)


def together(verdicts: Sequence[str]) -> str:
    """A claim of several halves: confirmed where all are, refuted where one is."""
    return next((each for each in ("refuted", "not tested", "undecided") if each in verdicts), "confirmed")


def _sign(holds: bool, fails: bool) -> str:
    return "confirmed" if holds else "refuted" if fails else "undecided"
