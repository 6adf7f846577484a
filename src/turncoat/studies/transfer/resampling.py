"""The two-level bootstrap of a transfer matrix: models first, then examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.intervals import SEED, Interval, percentile
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import TransferMatrix
from turncoat.studies.transfer.record import FOOLED, NOT_ASKED, TransferRecord

DRAWS = 2000
BOOTSTRAP = "bootstrap over models and examples"
MODELS, EXAMPLES = 0, 1  # generators of their own
Transfer = TransferMatrix | TransferRecord
Array = NDArray[np.floating]
Cells = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Draws:
    """Resampled matrices; NaN where a draw has no text for a cell.

    Attributes:
        rates: (draws, sources, targets).
        weights: how often the draw holds each pair of models, 1 on average (draws, sources, targets).
    """

    rates: NDArray[np.float32]
    weights: NDArray[np.float32]


def matrix_of(transfer: Transfer) -> TransferMatrix:
    """The matrix itself, or that of a record."""
    return transfer.matrix() if isinstance(transfer, TransferRecord) else transfer


def with_factors(transfer: Transfer) -> Transfer:
    """The part of it whose models have factors; all of it if all have.

    Raises:
        UsageError: nothing is left.
    """
    sources, targets = ([model for model in side if model.has_factors] for side in (transfer.sources, transfer.targets))
    if not sources or not targets:
        raise UsageError("expected sources and targets with factors (models of the zoo), got none")
    return transfer.part(sources, targets)


def by_architecture(model: Model) -> str:
    """The stratum of a model, unless a table has classes of its own; models without factors are one."""
    return model.architecture or ""


def resample(
    transfer: Transfer, stratum: Callable[[Model], str] = by_architecture, draws: int = DRAWS, seed: int = SEED
) -> Draws:
    """Draw models with replacement within each stratum, then examples.

    A record's examples are drawn as a whole, so that cells stay paired; equal seeds draw equal models and examples of
    records of one shape. A matrix alone does not hold its examples: there each cell is drawn as a binomial number.

    A model drawn twice is not a pair: pairs of two models weigh their numbers multiplied (and n / (n - 1) within a
    stratum of n, which keeps their weight at 1 on average), a model with itself its number alone.

    Raises:
        UsageError: fewer than 2 draws.
    """
    if draws < 2:
        raise UsageError(f"expected at least 2 draws, got {draws}")
    matrix = matrix_of(transfer)
    weights = _pair_weights(matrix, stratum, draws, seed)
    if isinstance(transfer, TransferRecord):
        return Draws(_resampled_rates(transfer, draws, seed), weights)
    rng = np.random.default_rng([seed, EXAMPLES])
    fooled = rng.binomial(matrix.texts, np.nan_to_num(matrix.rates), (draws, *matrix.rates.shape))
    with np.errstate(invalid="ignore"):
        return Draws((fooled / matrix.texts).astype(np.float32), weights)


def model_counts(
    models: Sequence[Model], stratum: Callable[[Model], str], draws: int, seed: int
) -> NDArray[np.float32]:
    """How often each model is drawn, with replacement within its stratum (draws, models); in any order of models."""
    rng = np.random.default_rng([seed, MODELS])
    counts: dict[Model, NDArray[np.float32]] = {}
    zoo = sorted(models, key=lambda model: model.name)
    for name in sorted({stratum(model) for model in zoo}):
        members = [model for model in zoo if stratum(model) == name]
        drawn = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), draws)
        counts |= zip(members, drawn.astype(np.float32).T, strict=True)
    return np.stack([counts[model] for model in models], axis=1)


def example_counts(examples: int, draws: int, seed: int) -> NDArray[np.float32]:
    """How often each example is drawn, with replacement (draws, examples)."""
    rng = np.random.default_rng([seed, EXAMPLES])
    return rng.multinomial(examples, np.full(examples, 1 / examples), draws).astype(np.float32)


def weighted_mean(values: Array, weights: Array, cells: Cells) -> NDArray[np.float64]:
    """Mean of chosen cells that are not missing; NaN without any. Leading axes are kept.

    Args:
        values, weights: (..., sources, targets).
        cells: (sources, targets).
    """
    chosen = values[..., cells]
    known = np.isfinite(chosen)
    weight = np.where(known, weights[..., cells], 0).astype(np.float64)
    total = weight.sum(axis=-1)
    mean = (weight * np.where(known, chosen, 0)).sum(axis=-1) / np.where(total > 0, total, 1)
    return np.asarray(np.where(total > 0, mean, np.nan))


def percentile_interval(estimate: float, draws: Array) -> Interval:
    """The middle 95 % of the draws."""
    return percentile(estimate, draws, f"percentile {BOOTSTRAP}")


def reflected_interval(estimate: float, draws: Array) -> Interval:
    """The draws' middle 95 %, mirrored at the estimate and cut at 0: for means of absolute values.

    Noise makes absolute values larger, and resampling adds as much noise again; mirroring takes it off.
    """
    found = percentile(estimate, draws, f"basic {BOOTSTRAP}")
    if found.low is None or found.high is None:
        return found
    return replace(found, low=max(0.0, 2 * estimate - found.high), high=max(0.0, 2 * estimate - found.low))


def _pair_weights(
    matrix: TransferMatrix, stratum: Callable[[Model], str], draws: int, seed: int
) -> NDArray[np.float32]:
    zoo = list(dict.fromkeys((*matrix.sources, *matrix.targets)))
    counts, strata = model_counts(zoo, stratum, draws, seed), np.array([stratum(model) for model in zoo])
    rows, columns = ([zoo.index(model) for model in side] for side in (matrix.sources, matrix.targets))
    sizes = (strata[:, None] == strata).sum(axis=1)[rows][:, None]
    apart = np.where(strata[rows][:, None] == strata[columns], sizes / np.maximum(sizes - 1, 1), 1)
    weights = counts[:, rows, None] * counts[:, None, columns] * apart.astype(np.float32)
    return np.where(matrix.same, counts[:, rows, None], weights)


def _resampled_rates(record: TransferRecord, draws: int, seed: int) -> NDArray[np.float32]:
    examples = len(record.examples)
    counts = example_counts(examples, draws, seed)
    flat = record.verdicts.reshape(-1, examples)
    fooled = (flat == FOOLED).astype(np.float32) @ counts.T
    texts = (flat != NOT_ASKED).astype(np.float32) @ counts.T
    with np.errstate(invalid="ignore"):
        return np.asarray((fooled / texts).T.reshape(draws, *record.verdicts.shape[:2]), np.float32)
