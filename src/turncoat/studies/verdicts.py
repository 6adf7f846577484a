"""Claims as tests of direction: an effect that is above 0 if the claim holds, and its resamples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.evaluation.significance import holm
from turncoat.intervals import CONFIDENCE, Interval
from turncoat.studies.transfer.resampling import Array, percentile_interval

Verdict = Literal["supported", "contradicted", "undecided", "not tested"]


@dataclass(frozen=True)
class Claim:
    """What a paper says, and how it is measured.

    Attributes:
        number: of the finding in Section 3.4 of the transfer study; 0 for what it says elsewhere.
        text: the claim.
        measure: what the effect is.
    """

    number: int
    text: str
    measure: str


@dataclass(frozen=True)
class Finding:
    """What became of a claim.

    Attributes:
        claim: what was tested.
        effect: above 0 if the claim holds, with the middle 95 % of its resamples; NaN if nothing could be measured.
        share: share of the resamples above 0.
        p: two-sided, from the share of resamples on the other side of 0; never 0, and NaN if nothing was measured.
        verdict: "supported" if the effect and 97.5 % of the resamples (or its simultaneous interval) are above 0,
            "contradicted" if they are below it.
    """

    claim: Claim
    effect: Interval
    share: float
    p: float
    verdict: Verdict


def judge(claim: Claim, effect: float, draws: Array) -> Finding:
    """The verdict on a claim, by the share of resamples in which it holds."""
    interval = percentile_interval(effect, draws)
    known = draws[np.isfinite(draws)]
    if interval.low is None:
        return Finding(claim, interval, float("nan"), float("nan"), "not tested")
    above, below, sure = float((known > 0).mean()), float((known < 0).mean()), (1 + CONFIDENCE) / 2
    verdict: Verdict = "undecided"
    if effect > 0 and above >= sure:
        verdict = "supported"
    elif effect < 0 and below >= sure:
        verdict = "contradicted"
    against = known <= 0 if effect > 0 else known >= 0
    return Finding(claim, interval, above, min(1.0, 2 * p_of(against)), verdict)


def judge_all(claim: Claim, found: Array, draws: Array) -> Finding:
    """The verdict on a claim that holds if all its parts do: the least of `found` (parts,) is above 0.

    All parts are tested together: each is as sure as the largest of them lets it be. Resampled minima alone would lie
    below what was found even where all parts are equal.

    Args:
        draws: resamples (draws, parts).
    """
    return _judge_parts(claim, found, draws, np.min)


def judge_any(claim: Claim, found: Array, draws: Array) -> Finding:
    """The verdict on a claim that holds if some part does: the largest of `found` is above 0; see `judge_all`."""
    return _judge_parts(claim, found, draws, np.max)


def _judge_parts(claim: Claim, found: Array, draws: Array, best: Callable[..., Any]) -> Finding:
    draws = draws[np.isfinite(draws).all(axis=-1)]
    if not found.size or not np.isfinite(found).all() or len(draws) < 2:
        return judge(claim, float("nan"), np.full(2, np.nan))
    errors, largest = together(draws)
    reach = float(np.quantile(largest, CONFIDENCE)) * errors
    low, effect, high = (float(best(found + side * reach)) for side in (-1, 0, 1))
    method = f"all {len(found)} parts together, two-level bootstrap, {len(draws):,} resamples"
    verdict: Verdict = "supported" if low > 0 else "contradicted" if high < 0 else "undecided"
    share = float((best(draws, axis=1) > 0).mean())
    p = p_of(largest >= abs(float(best(found / errors))))
    return Finding(claim, Interval(effect, low, high, method), share, p, verdict)


def together(draws: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard errors of parts (parts,) from their resamples (draws, parts), and how far in these units each resample's
    farthest part is from the mean of its resamples (draws,).
    """
    errors = np.maximum(draws.std(axis=0, dtype=np.float64), 1e-12)
    return errors, (np.abs(draws - draws.mean(axis=0)) / errors).max(axis=1)


def p_of(against: NDArray[np.bool_]) -> float:
    """Share of the resamples that speak against an effect; what was found counts as one of them: it is never 0."""
    return float((against.sum() + 1) / (len(against) + 1))


def read_together(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of one table: p corrected by Holm's method, and only what stays below 5 % keeps its verdict."""
    corrected = iter(holm([finding.p for finding in findings if finding.verdict != "not tested"]))

    def among_others(finding: Finding) -> Finding:
        if finding.verdict == "not tested":
            return finding
        p = next(corrected)
        return replace(finding, p=p, verdict=finding.verdict if p < 1 - CONFIDENCE else "undecided")

    return [among_others(finding) for finding in findings]
