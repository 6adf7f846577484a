"""Claims as tests of direction: an effect that is above 0 if the claim holds, and its resamples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from turncoat.evaluation.intervals import CONFIDENCE, Interval
from turncoat.studies.resampling import Array, percentile_interval

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
        verdict: "supported" if the effect and 97.5 % of the resamples are above 0, "contradicted" if they are below it.
    """

    claim: Claim
    effect: Interval
    share: float
    verdict: Verdict


def judge(claim: Claim, effect: float, draws: Array) -> Finding:
    """The verdict on a claim, by the share of resamples in which it holds."""
    interval = percentile_interval(effect, draws)
    known = draws[np.isfinite(draws)]
    if interval.low is None:
        return Finding(claim, interval, float("nan"), "not tested")
    above, below, sure = float((known > 0).mean()), float((known < 0).mean()), (1 + CONFIDENCE) / 2
    verdict: Verdict = "undecided"
    if effect > 0 and above >= sure:
        verdict = "supported"
    elif effect < 0 and below >= sure:
        verdict = "contradicted"
    return Finding(claim, interval, above, verdict)
