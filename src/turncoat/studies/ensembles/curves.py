"""Figure 1 of the transfer study: how often the texts made for an ensemble turn the models outside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.intervals import SEED, Interval
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import FEWEST
from turncoat.studies.transfer.record import FOOLED, NOT_ASKED, Verdicts
from turncoat.studies.transfer.resampling import (
    DRAWS,
    Array,
    Transfer,
    by_architecture,
    example_counts,
    matrix_of,
    model_counts,
    percentile_interval,
    resample,
    weighted_mean,
)
from turncoat.studies.verdicts import Claim, Finding, judge, judge_any

SMALL = (2, 3, 4)  # "especially when the ensemble size is small"
NEGLIGIBLE = 0.01  # rise of the rate from 6 to 7 models
NOTHING = np.array(np.nan)
SEARCH, EXPERT, PRINTED_EXPERT = "search", "expert", "printed expert"  # the choices that the claims compare

BETTER = Claim(0, "searched ensembles transfer better than the expert's while small", "mean lead at sizes 2 to 4")
SATURATED = Claim(0, "a seventh model adds next to nothing", "0.01 less the rise from 6 to 7 models")
SLOWER = Claim(
    0,
    "ensembles gain less with the genetic attack than with PWWS",
    "rise with PWWS less the rise with GA, from the smallest to the largest searched ensemble that both have",
)
BEYOND = Claim(0, "some ensemble transfers better than the mean base rate", "lead of the best size over the base rate")


@dataclass(frozen=True, eq=False)
class EnsembleRecord:
    """What targets said of the texts made for one ensemble.

    Attributes:
        members: the models attacked together.
        targets: models that were shown the texts, members or not.
        verdicts: as in `TransferRecord` (targets, examples).
    """

    members: tuple[Model, ...]
    targets: tuple[Model, ...]
    verdicts: Verdicts

    def __post_init__(self) -> None:
        if self.verdicts.ndim != 2 or len(self.verdicts) != len(self.targets):
            raise UsageError(
                f"expected verdicts (targets, examples) of {len(self.targets)} targets, got {self.verdicts.shape}"
            )
        if not self.outside.any():
            raise UsageError("expected a target outside the ensemble, got none; add targets")

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Which targets are no members (targets,)."""
        return np.array([model not in self.members for model in self.targets])

    @property
    def unreliable(self) -> bool:
        """Whether some target outside was shown fewer than `FEWEST` texts."""
        shown = (self.verdicts[self.outside] != NOT_ASKED).sum(axis=1)
        return bool(((shown > 0) & (shown < FEWEST)).any())

    @property
    def rate(self) -> float:
        """Mean over the targets outside of the share of texts that turn them."""
        return float(self.rates(np.ones((1, self.verdicts.shape[1])), np.ones((1, len(self.targets))))[0])

    def rates(self, examples: Array, targets: Array) -> NDArray[np.float64]:
        """That mean in resamples (draws,).

        Args:
            examples, targets: how often each is in a draw (draws, examples) and (draws, targets).
        """
        fooled = examples @ (self.verdicts == FOOLED).T
        asked = examples @ (self.verdicts != NOT_ASKED).T
        rates = np.where(asked > 0, fooled / np.maximum(asked, 1), np.nan)
        return weighted_mean(rates[:, None], targets[:, None], self.outside[None])


@dataclass(frozen=True)
class Curves:
    """One panel of Figure 1.

    Attributes:
        curves: mean rate over models outside the ensemble, by name of the choice and by size.
        base: mean base rate, the upper line.
        single: mean rate over all pairs of different single models, the lower line.
        claims: what the paper says of the curves.
    """

    curves: Mapping[str, Mapping[int, Interval]]
    base: Interval
    single: Interval
    claims: tuple[Finding, ...]


def ensemble_curves(
    transfer: Transfer, choices: Mapping[str, Sequence[EnsembleRecord]], draws: int = DRAWS, seed: int = SEED
) -> Curves:
    """One panel with a curve for each way of choosing, with bootstrap intervals over targets and examples.

    Args:
        transfer: single models on the same data set and by the same attack.
        choices: one record a size, by the name of the choice; the claims are about `SEARCH` and the expert.

    Raises:
        UsageError: two records of one size, or records on other examples or targets than the rest.
    """
    records = {name: _by_size(chosen) for name, chosen in choices.items()}
    redraw = _draws([record for chosen in choices.values() for record in chosen], draws, seed)
    drawn = {name: {size: redraw(each) for size, each in sizes.items()} for name, sizes in records.items()}
    found = {name: {size: each.rate for size, each in sizes.items()} for name, sizes in records.items()}

    matrix, resampled = matrix_of(transfer), resample(transfer, draws=draws, seed=seed)
    ones = np.ones_like(matrix.rates)
    lines = [
        (float(weighted_mean(matrix.rates, ones, cells)), weighted_mean(resampled.rates, resampled.weights, cells))
        for cells in (matrix.same, ~matrix.same)
    ]
    points = {
        name: {size: percentile_interval(rate, drawn[name][size]) for size, rate in sorted(sizes.items())}
        for name, sizes in found.items()
    }
    claims = (
        judge(BETTER, *(_lead(rates.get(SEARCH, {}), _expert(rates)) for rates in (found, drawn))),
        judge(SATURATED, *(_flatness(rates.get(SEARCH, {})) for rates in (found, drawn))),
        judge_any(
            BEYOND,
            np.array([rate for sizes in found.values() for rate in sizes.values()]) - lines[0][0],
            np.stack([rates - lines[0][1] for sizes in drawn.values() for rates in sizes.values()], axis=-1),
        ),
    )
    return Curves(points, percentile_interval(*lines[0]), percentile_interval(*lines[1]), claims)


def slower_growth(
    pwws: Sequence[EnsembleRecord], ga: Sequence[EnsembleRecord], draws: int = DRAWS, seed: int = SEED
) -> Finding:
    """Whether the curve of the searched ensembles rises less with the genetic attack; not tested without two sizes.

    Raises:
        UsageError: as for `ensemble_curves`.
    """
    sides = [(_by_size(records), _draws(records, draws, seed)) for records in (pwws, ga) if records]
    sizes = sorted(set.intersection(*(set(side) for side, _ in sides))) if len(sides) == 2 else []
    if len(sizes) < 2:
        return judge(SLOWER, np.nan, np.full(2, np.nan))
    rises = [side[sizes[-1]].rate - side[sizes[0]].rate for side, _ in sides]
    drawn = [redraw(side[sizes[-1]]) - redraw(side[sizes[0]]) for side, redraw in sides]
    return judge(SLOWER, rises[0] - rises[1], drawn[0] - drawn[1])


def agreement(
    coverages: Sequence[float], records: Sequence[EnsembleRecord], draws: int = DRAWS, seed: int = SEED
) -> Interval:
    """Pearson correlation of the fitness of ensembles with what they reached; NaN for fewer than three, or equal ones.

    The interval is over targets and examples, for these ensembles.
    """
    reached, drawn = np.array([record.rate for record in records]), _draws(records, draws, seed)
    return percentile_interval(
        float(_correlation(coverages, reached)),
        np.array([_correlation(coverages, rates) for rates in zip(*map(drawn, records), strict=True)]),
    )


def _correlation(first: Sequence[float], second: Sequence[float] | Array) -> float:
    if len(first) < 3 or np.ptp(first) == 0 or not np.ptp(second) > 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _draws(records: Sequence[EnsembleRecord], draws: int, seed: int) -> Callable[[EnsembleRecord], NDArray[np.float64]]:
    """Gives a record's rates in resamples of examples and targets (draws,), which are the same for all records."""
    _check_alike(records)
    examples, targets = records[0].verdicts.shape[1], records[0].targets
    counts = example_counts(examples, draws, seed), model_counts(targets, by_architecture, draws, seed)
    return lambda record: record.rates(*counts)


def _lead(first: Mapping[int, Any], second: Mapping[int, Any]) -> Any:
    """Mean difference at the small sizes that both have, of rates or of their resamples."""
    sizes = [size for size in SMALL if size in first and size in second]
    return np.mean([first[size] - second[size] for size in sizes], axis=0) if sizes else NOTHING


def _expert(rates: Mapping[str, Mapping[int, Any]]) -> dict[int, Any]:
    """The paper's own expert where his models are there, else the rule that follows him."""
    return {**rates.get(EXPERT, {}), **rates.get(PRINTED_EXPERT, {})}


def _flatness(rates: Mapping[int, Any]) -> Any:
    return NEGLIGIBLE - (rates[7] - rates[6]) if 6 in rates and 7 in rates else NOTHING


def _by_size(records: Sequence[EnsembleRecord]) -> dict[int, EnsembleRecord]:
    sizes = {len(record.members): record for record in records}
    if not records or len(sizes) < len(records):
        raise UsageError(f"expected one ensemble a size, got sizes {[len(record.members) for record in records]}")
    return sizes


def _check_alike(records: Sequence[EnsembleRecord]) -> None:
    shapes = {(record.targets, record.verdicts.shape) for record in records}
    if len(shapes) != 1:
        raise UsageError(
            "expected all ensembles to be shown to the same targets on the same examples, got verdicts of shapes "
            f"{sorted(shape for _, shape in shapes)}"
        )
