"""How numbers are written for people: units, digits, and estimates with their 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from turncoat.intervals import Interval

MISSING = "–"
Write = Callable[[float], str]


def told(interval: Interval | None, write: Write, mark: str = "") -> str:
    """ "81.1 (74.0 to 86.6)"; the estimate alone if it has no ends, "–" if there is none.

    Args:
        mark: what to beware of; behind the estimate.
    """
    found, near = estimate(interval, write), ends(interval, write)
    if found == MISSING:
        return MISSING
    return f"{found}{mark}" if near == MISSING else f"{found}{mark} ({near})"


def estimate(interval: Interval | None, write: Write) -> str:
    """The estimate alone; "–" if there is none."""
    return MISSING if interval is None or math.isnan(interval.estimate) else write(interval.estimate)


def ends(interval: Interval | None, write: Write) -> str:
    """ "86.2 to 94.2 %", or "–" without an interval."""
    if interval is None or interval.low is None or interval.high is None:
        return MISSING
    low, high = write(interval.low), write(interval.high)
    _, blank, unit = high.partition(" ")
    return f"{low.removesuffix(blank + unit)} to {high}"


def fixed(digits: int, percent: bool = False) -> Write:
    """Writes so many digits behind the point; a share in percent, but without the sign, if asked for."""
    scale = 100 if percent else 1
    return lambda number: f"{scale * number:.{digits}f}"


IN_PERCENT = fixed(1, percent=True)  # for columns and sentences that say "%" themselves


def percent(share: float) -> str:
    """0.91 as "91.0 %"."""
    return f"{100 * share:.1f} %"


def points(share: float) -> str:
    """A difference of two shares in percentage points."""
    return f"{100 * share:.1f} points"


def decimal(number: float) -> str:
    """A count or an average: no decimals where there is nothing behind the point, one elsewhere."""
    return f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"


def cosine(number: float) -> str:
    """A similarity, three decimals."""
    return f"{number:.3f}"


def p_value(p: float) -> str:
    """A p value to two digits, or "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"{p:.2g}"
