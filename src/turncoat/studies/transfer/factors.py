"""Table 2 of the transfer study: how far one changed factor takes the rate from the target's base rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.intervals import SEED, Interval
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import TransferMatrix
from turncoat.studies.transfer.resampling import (
    DRAWS,
    Array,
    Cells,
    Transfer,
    matrix_of,
    percentile_interval,
    reflected_interval,
    resample,
    weighted_mean,
    with_factors,
)

Factor = Literal["input form", "architecture", "embedding", "capacity"]
FACTORS: tuple[Factor, ...] = ("input form", "architecture", "embedding", "capacity")  # the order that is claimed
ASPECT = {"input form": "form", "architecture": "architecture", "embedding": "embedding", "capacity": "layers"}
ASPECTS = tuple(ASPECT.values())


@dataclass(frozen=True)
class FactorRow:
    """One factor of Table 2.

    Attributes:
        factor: what source and target differ in.
        pairs: number of (source, target) pairs that do.
        absolute: mean of |r(s, t) - b(t)| over them.
        signed: mean of r(s, t) - b(t); negative if the changed models transfer worse.
        floor: what `absolute` would be if all rates were equal but for the luck of so many texts; without the pairing
            of a record this luck is counted too high rather than too low.
    """

    factor: Factor
    pairs: int
    absolute: Interval
    signed: Interval
    floor: float


@dataclass(frozen=True)
class FactorTable:
    """Table 2 for one data set and attack.

    Attributes:
        rows: in the claimed order, the strongest factor first.
        in_order: whether the means fall in that order.
        share_in_order: share of the resamples in which they do; None if a factor has no pair.
    """

    rows: tuple[FactorRow, ...]
    in_order: bool
    share_in_order: float | None


def factor_table(transfer: Transfer, all_words: bool = False, draws: int = DRAWS, seed: int = SEED) -> FactorTable:
    """Table 2 with intervals of the two-level bootstrap; models without factors are left out.

    Args:
        all_words: compare input forms with all word embeddings, not with random ones alone.

    Raises:
        UsageError: no model has factors.
    """
    transfer = with_factors(transfer)
    matrix, drawn = matrix_of(transfer), resample(transfer, draws=draws, seed=seed)
    cells, ones, luck = factor_cells(matrix, all_words), np.ones_like(matrix.rates), _luck(matrix)
    absolute, signed = (deviations(matrix, matrix.rates, ones, cells, kind) for kind in (True, False))
    drawn_absolute, drawn_signed = (
        deviations(matrix, drawn.rates, drawn.weights, cells, kind) for kind in (True, False)
    )
    rows = tuple(
        FactorRow(
            factor,
            int((cells[i] & np.isfinite(luck)).sum()),
            reflected_interval(float(absolute[i]), drawn_absolute[:, i]),
            percentile_interval(float(signed[i]), drawn_signed[:, i]),
            float(weighted_mean(luck, ones, cells[i])),
        )
        for i, factor in enumerate(FACTORS)
    )
    known = drawn_absolute[np.isfinite(drawn_absolute).all(axis=1)]
    share = float((smallest_step(known) > 0).mean()) if len(known) else None
    return FactorTable(rows, bool(smallest_step(absolute) > 0), share)


def deviations(
    matrix: TransferMatrix, rates: Array, weights: Array, cells: Sequence[Cells], absolute: bool = True
) -> NDArray[np.float64]:
    """Mean deviation from the target's base rate over each set of cells (..., sets).

    Args:
        matrix: says which model stands where.
        rates, weights: of the matrix or of resamples of it (..., sources, targets).
        cells: see `factor_cells`.
        absolute: mean of the deviations' absolute values.
    """
    found = rates - _base(matrix, rates)[..., None, :]
    found = np.abs(found) if absolute else found
    return np.stack([weighted_mean(found, weights, chosen) for chosen in cells], axis=-1)


def factor_cells(matrix: TransferMatrix, all_words: bool = False) -> list[Cells]:
    """The neighbours of each factor, in the order of `FACTORS`."""
    return [neighbours(factor, matrix, all_words) for factor in FACTORS]


def smallest_step(means: Array) -> NDArray[np.float64]:
    """By how much the means (..., factors) fall at least from one factor to the next; above 0 if all are in order."""
    return np.asarray(-np.diff(means, axis=-1).max(axis=-1))


def neighbours(factor: Factor, matrix: TransferMatrix, all_words: bool = False) -> Cells:
    """Pairs of models that differ in one factor alone (sources, targets); transformers have none.

    Input forms are words, characters, and both by ELMo; of the word models those with random embeddings, or all.
    """

    def chosen(source: Model, target: Model) -> bool:
        if source.layers is None or target.layers is None:
            return False
        differing = {aspect for aspect in ASPECTS if getattr(source, aspect) != getattr(target, aspect)}
        if factor != "input form":
            return differing == {ASPECT[factor]}
        compared = all_words or all(model.form != "W" or model.embedding == "Random" for model in (source, target))
        return compared and differing in ({"form"}, {"form", "embedding"})

    return np.array([[chosen(source, target) for target in matrix.targets] for source in matrix.sources], bool)


def _base(matrix: TransferMatrix, rates: Array) -> Array:
    """Base rates of the targets in rates (..., sources, targets): (..., targets)."""
    base = np.full((*rates.shape[:-2], rates.shape[-1]), np.nan)
    rows, columns = matrix.same.nonzero()
    base[..., columns] = rates[..., rows, columns]
    return base


def _luck(matrix: TransferMatrix) -> NDArray[np.float64]:
    """Mean |difference| of two shares of that many texts that are equal in truth (sources, targets)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = matrix.rates * (1 - matrix.rates) / matrix.texts
    return np.asarray(np.sqrt((variance + _base(matrix, variance)) * 2 / np.pi))
