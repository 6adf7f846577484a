"""How the numbers of this study are told: rates with Wilson intervals, seeds as mean and deviation, verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from study import percent
from turncoat.evaluation.significance import holm
from turncoat.intervals import CONFIDENCE, Interval, proportion

Row = Mapping[str, str]
LEVEL = 1 - CONFIDENCE


@dataclass(frozen=True, eq=False)
class Paired:
    """Mean of differences, seed by seed, Student's 95 % interval, infinite for a single seed, and the t test's p.

    A test is itself and no other's equal: told twice in a section, it counts once.
    """

    mean: float
    low: float
    high: float
    n: int
    p: float

    def __str__(self) -> str:
        if self.n < 2:
            return f"{100 * self.mean:+.2f} points (one seed, no interval)"
        return f"{100 * self.mean:+.2f} points ({100 * self.low:+.2f} to {100 * self.high:+.2f}; {self.n} seeds)"

    def shows(self, p: float) -> str:
        """Whether the mean lies above 0, by the corrected p. A gain of exactly 0 with every seed is none."""
        if self.low == self.high == 0:
            return "refuted"
        return _sign(self.mean > 0 and p < LEVEL, self.mean < 0 and p < LEVEL)


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        row: in the list of what is to be shown.
        measured: what speaks for or against it.
        found: "confirmed", "refuted", "undecided" or "not tested"; or the tests that decide, all of which must show it.
    """

    row: str
    claim: str
    measured: str
    found: str | Sequence[Paired]


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
        """The verdicts as rows of a table, the p of all tests of the section corrected together (Holm)."""
        tests = [test for each in self.verdicts if not isinstance(each.found, str) for test in each.found]
        family = list(dict.fromkeys(tests))
        p = dict(zip(family, holm([test.p for test in family]), strict=True))
        return [_told(verdict, p) for verdict in self.verdicts]


def _told(verdict: Verdict, p: Mapping[Paired, float]) -> Row:
    found = verdict.found
    tests = () if isinstance(found, str) else found
    return {
        "row": verdict.row,
        "claim": verdict.claim,
        "measured": verdict.measured,
        "p (Holm)": " and ".join(f"{p[test]:.2g}" for test in tests) or "-",
        "verdict": found if isinstance(found, str) else together([test.shows(p[test]) for test in tests]),
    }


def paired(first: Sequence[float], second: Sequence[float]) -> Paired:
    """Of first - second."""
    found = np.asarray(first) - np.asarray(second)
    mean, n = float(found.mean()), len(found)
    if n < 2:
        return Paired(mean, -math.inf, math.inf, n, 1.0)
    if np.ptp(found) == 0:
        return Paired(mean, mean, mean, n, float(mean == 0))
    half = float(student.ppf((1 + CONFIDENCE) / 2, n - 1) * found.std(ddof=1) / math.sqrt(n))
    return Paired(mean, mean - half, mean + half, n, float(ttest_1samp(found, 0).pvalue))


def rate(hits: int, of: int, digits: int = 2) -> str:
    """A share in percent and its Wilson interval."""
    return percent(proportion(hits, of), digits)


def over_seeds(values: Sequence[float], digits: int = 2, scale: float = 100) -> str:
    """Mean and standard deviation over seeds; in percent, unless the scale is another."""
    found = scale * np.asarray(values)
    if len(found) < 2:
        return f"{found.mean():.{digits}f} (one seed)"
    return f"{found.mean():.{digits}f} ± {found.std(ddof=1):.{digits}f} ({len(found)} seeds)"


def above(found: Interval | None, least: float = 0) -> str:
    """Whether what was measured lies above `least`, with its interval."""
    if found is None or found.low is None or found.high is None:
        return "not tested"
    return _sign(found.low > least, found.high < least)


def below(found: Interval | None, most: float) -> str:
    """Whether what was measured lies below `most`, with its interval."""
    return {"confirmed": "refuted", "refuted": "confirmed"}.get(told := above(found, most), told)


def together(verdicts: Sequence[str]) -> str:
    """A claim of several halves: confirmed where all are, refuted where one is."""
    return next((each for each in ("refuted", "not tested", "undecided") if each in verdicts), "confirmed")


def _sign(holds: bool, fails: bool) -> str:
    return "confirmed" if holds else "refuted" if fails else "undecided"
