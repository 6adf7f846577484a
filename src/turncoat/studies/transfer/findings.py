"""The six findings of the transfer study (Section 3.4) as tests of direction, on our own rates or on printed ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.intervals import CONFIDENCE, SEED, Interval
from turncoat.studies.transfer.blocks import CLASSES, block_means
from turncoat.studies.transfer.contrasts import CONTRASTS
from turncoat.studies.transfer.factors import deviations, factor_cells
from turncoat.studies.transfer.resampling import (
    DRAWS,
    Array,
    Transfer,
    matrix_of,
    resample,
    weighted_mean,
    with_factors,
)
from turncoat.studies.verdicts import Claim, Finding, Verdict, judge, judge_all, p_of, together

Effect = Callable[[Array, Array], NDArray[np.float64]]  # rates, weights (..., sources, targets) -> (...)

ORDER = Claim(
    1,
    "input form matters most, then architecture, embedding and capacity",
    "smallest step down in mean |deviation from the base rate|",
)
ASYMMETRY = Claim(3, "transfer is not symmetric", "clearest difference between two directions of two architectures")
INSIDE = Claim(
    3, "rates within an architecture are higher than to or from others", "smallest lead of an architecture's own rate"
)
OVERFITTING = Claim(4, "PWWS fits its source more closely than GA", "difference of mean |deviation| over all factors")
BASE = Claim(0, "base rates of PWWS are higher than those of GA", "difference of mean base rates")


def findings(transfer: Transfer, draws: int = DRAWS, seed: int = SEED) -> list[Finding]:
    """What one data set and attack say of the findings, by number; the fourth needs two attacks.

    Models without factors are left out.

    Raises:
        UsageError: no model has factors.
    """
    transfer = with_factors(transfer)
    matrix, drawn = matrix_of(transfer), resample(transfer, draws=draws, seed=seed)
    cells, ones = factor_cells(matrix), np.ones_like(matrix.rates)

    def tested(claim: Claim, effect: Effect) -> Finding:
        return judge(claim, float(effect(matrix.rates, ones)), effect(drawn.rates, drawn.weights))

    def steps(rates: Array, weights: Array) -> NDArray[np.float64]:
        return -np.diff(deviations(matrix, rates, weights, cells), axis=-1)

    names = CLASSES["architecture"]
    blocks, drawn_blocks = (
        block_means(matrix, rates, weights, "architecture", names, names)
        for rates, weights in ((matrix.rates, ones), (drawn.rates, drawn.weights))
    )
    return sorted(
        [
            judge_all(ORDER, steps(matrix.rates, ones), steps(drawn.rates, drawn.weights)),
            *(tested(contrast.claim, partial(contrast.effect, matrix)) for contrast in CONTRASTS),
            asymmetry(blocks, drawn_blocks),
            judge_all(INSIDE, leads(blocks, blocks), leads(drawn_blocks, blocks)),
        ],
        key=lambda finding: finding.claim.number,
    )


def attack_findings(pwws: Transfer, ga: Transfer, draws: int = DRAWS, seed: int = SEED) -> list[Finding]:
    """What two attacks on one data set say: who fits its source more closely, and whose base rates are higher.

    Raises:
        UsageError: the two do not have the same sources and targets, or no model has factors.
    """
    pwws, ga = with_factors(pwws), with_factors(ga)
    first, second = matrix_of(pwws), matrix_of(ga)
    if (first.sources, first.targets) != (second.sources, second.targets):
        raise UsageError(
            f"expected the same sources and targets for both attacks, got {len(first.sources)} x {len(first.targets)} "
            f"and {len(second.sources)} x {len(second.targets)} models; compare the part that both have"
        )
    cells, ones = factor_cells(first), np.ones_like(first.rates)
    drawn = [resample(transfer, draws=draws, seed=seed) for transfer in (pwws, ga)]

    def compared(claim: Claim, effect: Effect) -> Finding:
        estimate = effect(first.rates, ones) - effect(second.rates, ones)
        return judge(claim, float(estimate), np.subtract(*(effect(each.rates, each.weights) for each in drawn)))

    return [
        compared(OVERFITTING, lambda rates, weights: deviations(first, rates, weights, cells).mean(axis=-1)),
        compared(BASE, lambda rates, weights: weighted_mean(rates, weights, first.same)),
    ]


def leads(blocks: Array, others: Array) -> NDArray[np.float64]:
    """By how much each class's own mean rate leads each other one of its row and column (..., leads).

    Args:
        blocks: mean rates or their resamples (..., classes, classes).
        others: the mean rates (classes, classes): where they are missing, there is no lead.
    """
    count = len(others)
    pairs = [
        (own, cell)
        for own in range(count)
        for i in range(count)
        for cell in ((own, i), (i, own))
        if i != own and np.isfinite(others[own, own] - others[cell])
    ]
    found = [blocks[..., own, own] - blocks[(..., *cell)] for own, cell in pairs]
    return np.stack(found, axis=-1) if found else np.empty((*blocks.shape[:-2], 0))


def asymmetry(blocks: Array, drawn: Array) -> Finding:
    """Whether any two classes transfer better one way than the other.

    The differences of all pairs are tested together, each in units of its standard error, against the largest one among
    the resamples (around their mean): `share` is the share of resamples that stay below what was found.
    """
    pairs = [(i, j) for i, j in combinations(range(len(blocks)), 2) if np.isfinite(blocks[i, j] - blocks[j, i])]
    if not pairs:
        return judge(ASYMMETRY, np.nan, np.full(2, np.nan))
    found = np.array([blocks[i, j] - blocks[j, i] for i, j in pairs])
    draws = np.stack([drawn[:, i, j] - drawn[:, j, i] for i, j in pairs], axis=-1)
    draws = draws[np.isfinite(draws).all(axis=1)]
    errors, largest = together(draws)
    clearest = int((np.abs(found) / errors).argmax())
    size, reach = abs(float(found[clearest])), float(np.quantile(largest, CONFIDENCE) * errors[clearest])
    method = f"all pairs together, two-level bootstrap, {len(drawn):,} resamples"
    verdict: Verdict = "supported" if size > reach else "undecided"
    below = largest < size / errors[clearest]
    interval = Interval(size, max(0.0, size - reach), size + reach, method)
    return Finding(ASYMMETRY, interval, float(below.mean()), p_of(~below), verdict)
