"""What the raters said: means against controls, preserved labels, agreement, all with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.evaluation.rating.agreement import alpha_interval, fleiss_kappa, pairwise_weighted_kappa
from turncoat.evaluation.rating.sheets import Task, Unit, read_key, read_sheet
from turncoat.intervals import Interval, mean, proportion

UNNATURAL = 2  # a fluency up to this ...
RATERS_WHO_SAY_SO = 2  # ... from so many raters flags a text
UNCLEAR = "unclear"
LIKERT = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class Agreement:
    """How far raters agree; NaN where a number is not defined.

    Attributes:
        alpha: Krippendorff's, ordinal (nominal for labels).
        weighted_kappa: Cohen's with quadratic weights, mean over pairs of raters.
        fleiss_kappa: of the flag "unnatural" (fluency only).
    """

    alpha: Interval
    weighted_kappa: float
    fleiss_kappa: float


@dataclass(frozen=True)
class Rated:
    """One task, one stratum.

    Attributes:
        units, ratings: how many were rated at all, and how often.
        adversarial: mean rating of attacked texts, or share of them whose majority gave the gold class (label).
        control: the same of untouched texts; None for consistency.
        unnatural: share of attacked texts that two raters found unnatural (fluency only).
        agreement: None with a single rater.
    """

    task: Task
    stratum: str
    units: int
    ratings: int
    adversarial: Interval | None
    control: Interval | None
    unnatural: Interval | None
    agreement: Agreement | None


def score_kit(folder: Path) -> list[Rated]:
    """Read all `rater-*.csv` of a kit; one result a task, and one more a stratum where there are several.

    Raises:
        UsageError: a sheet is damaged, a rating is none, or nobody has rated anything.
    """
    labels, units = read_key(folder)
    sheets = sorted(folder.glob("rater-*.csv"))
    allowed = [label.lower() for label in labels] + [UNCLEAR]
    ratings = np.array([_read_sheet(sheet, units, allowed) for sheet in sheets]).reshape(len(sheets), len(units))
    if np.isnan(ratings).all():
        raise UsageError(f"{folder}: nobody has rated anything yet; fill the column `rating` of rater-1.csv, ...")
    results = []
    for task in dict.fromkeys(unit.task for unit in units):
        mine = np.array([unit.task == task for unit in units])
        strata = sorted({unit.stratum for unit, own in zip(units, mine, strict=True) if own and unit.adversarial})
        for stratum in ["", *(strata if len(strata) > 1 else [])]:
            chosen = [i for i in np.flatnonzero(mine) if not stratum or units[i].stratum == stratum]
            results.append(_rated(task, stratum, [units[i] for i in chosen], ratings[:, chosen], allowed))
    return results


def units_needed(difference: float, deviation: float, power: float = 0.8) -> int:
    """Texts a group that a two-sided 5 % test of two means needs (equal deviations, normal approximation).

    Raises:
        UsageError: a number is out of range.
    """
    if difference <= 0 or deviation <= 0 or not 0 < power < 1:
        raise UsageError(
            f"expected difference, deviation > 0 and power in (0, 1), got {difference}, {deviation}, {power}"
        )
    z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(power)
    return int(np.ceil(2 * (z * deviation / difference) ** 2))


def _rated(
    task: Task, stratum: str, units: Sequence[Unit], ratings: NDArray[np.float64], allowed: Sequence[str]
) -> Rated:
    attacked = np.array([unit.adversarial for unit in units], bool)
    rated = ~np.isnan(ratings).all(axis=0)
    if task == "label":
        gold = np.array([allowed.index(unit.gold.lower()) for unit in units])
        right = np.array([_majority(column) for column in ratings.T]) == gold
        adversarial = proportion(int(right[attacked & rated].sum()), int((attacked & rated).sum()))
        control = proportion(int(right[~attacked & rated].sum()), int((~attacked & rated).sum()))
    else:
        means = np.full(len(units), np.nan)
        means[rated] = np.nanmean(ratings[:, rated], axis=0)
        adversarial, control = mean(means[attacked & rated]), mean(means[~attacked & rated])
    flags = (ratings <= UNNATURAL).sum(axis=0) >= RATERS_WHO_SAY_SO
    unnatural = None
    if task == "fluency" and len(ratings) >= RATERS_WHO_SAY_SO:
        unnatural = proportion(int(flags[attacked & rated].sum()), int((attacked & rated).sum()))
    count = int((~np.isnan(ratings)).sum())
    return Rated(task, stratum, int(rated.sum()), count, adversarial, control, unnatural, _agreement(task, ratings))


def _agreement(task: Task, ratings: NDArray[np.float64]) -> Agreement | None:
    if not (np.count_nonzero(~np.isnan(ratings), axis=0) >= 2).any():
        return None
    if task == "label":
        return Agreement(alpha_interval(ratings, "nominal"), float("nan"), float("nan"))
    complete = ratings[:, ~np.isnan(ratings).any(axis=0)]
    low = (complete <= UNNATURAL).sum(axis=0)
    fleiss = float("nan")
    if task == "fluency" and complete.size:
        fleiss = fleiss_kappa(np.stack([low, len(complete) - low], axis=1))
    return Agreement(alpha_interval(ratings), pairwise_weighted_kappa(ratings), fleiss)


def _majority(column: NDArray[np.float64]) -> int:
    """The class that most raters named, -1 for a tie or nobody."""
    values, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    winners = values[counts == counts.max()] if len(counts) else []
    return int(winners[0]) if len(winners) == 1 else -1


def _read_sheet(path: Path, units: Sequence[Unit], allowed: Sequence[str]) -> NDArray[np.float64]:
    """Ratings (units,), NaN where there is none; labels as their place in `allowed`."""
    ratings = np.full(len(units), np.nan)
    for number, content in read_sheet(path, len(units), "rating"):
        labelled, answer = units[number].task == "label", content.lower()
        scale = allowed if labelled else LIKERT
        if answer not in scale:
            raise UsageError(
                f"{path.name}, row {number}: expected a rating among {', '.join(scale)}, or nothing; got {answer!r}"
            )
        ratings[number] = scale.index(answer) + (not labelled)
    return ratings
