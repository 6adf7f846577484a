"""Tables 3 and 4 of the transfer study: mean rates between classes of models."""

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
    resample,
    weighted_mean,
    with_factors,
)

Grouping = Literal["architecture", "family"]
CLASSES: dict[Grouping, tuple[str, ...]] = {
    "architecture": ("LSTM", "BiLSTM", "CNN", "BERT"),
    "family": ("Random", "GloVe", "W2vec", "fastText", "Character", "ELMo", "BERT"),
}


@dataclass(frozen=True, eq=False)
class BlockTable:
    """Mean rate over all pairs of a source of one class and a target of another, base rates included.

    Classes without a model are left out. A margin is the unweighted mean of its cells, NaN if one of them is missing.

    Attributes:
        sources, targets: classes in rows and in columns.
        cells: means with intervals; an estimate of NaN where nothing was measured (sources, targets).
        pairs: pairs measured in each block (sources, targets).
        by_source, by_target: margins, one a row and one a column.
        average: of all cells.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    cells: tuple[tuple[Interval, ...], ...]
    pairs: NDArray[np.int64]
    by_source: tuple[Interval, ...]
    by_target: tuple[Interval, ...]
    average: Interval

    @property
    def means(self) -> NDArray[np.float64]:
        """The cells' estimates (sources, targets)."""
        return np.array([[cell.estimate for cell in row] for row in self.cells])


def block_table(transfer: Transfer, grouping: Grouping, draws: int = DRAWS, seed: int = SEED) -> BlockTable:
    """Table 3 (by architecture) or Table 4 (by family: input form and embedding), with intervals of the bootstrap.

    Models without factors are left out.

    Raises:
        UsageError: no model has factors.
    """
    transfer = with_factors(transfer)
    matrix = matrix_of(transfer)
    rows, columns = (
        [name for name in CLASSES[grouping] if name in {class_of(model, grouping) for model in models}]
        for models in (matrix.sources, matrix.targets)
    )
    drawn = resample(transfer, lambda model: class_of(model, grouping), draws, seed)
    means = block_means(matrix, matrix.rates, np.ones_like(matrix.rates), grouping, rows, columns)
    drawn_means = block_means(matrix, drawn.rates, drawn.weights, grouping, rows, columns)
    cells = tuple(_intervals(means[i], drawn_means[:, i]) for i in range(len(rows)))
    measured = np.isfinite(matrix.rates)
    pairs = [[(_block(matrix, grouping, row, column) & measured).sum() for column in columns] for row in rows]
    return BlockTable(
        tuple(rows),
        tuple(columns),
        cells,
        np.array(pairs, np.int64),
        _intervals(means.mean(axis=1), drawn_means.mean(axis=2)),
        _intervals(means.mean(axis=0), drawn_means.mean(axis=1)),
        percentile_interval(float(means.mean()), drawn_means.mean(axis=(1, 2))),
    )


def block_means(
    matrix: TransferMatrix,
    rates: Array,
    weights: Array,
    grouping: Grouping,
    rows: Sequence[str],
    columns: Sequence[str],
) -> NDArray[np.float64]:
    """Mean rates from classes to classes, NaN where nothing was measured (..., rows, columns).

    Args:
        matrix: says which model stands where.
        rates, weights: of the matrix or of resamples of it (..., sources, targets).
    """
    lines = [
        np.stack([weighted_mean(rates, weights, _block(matrix, grouping, row, column)) for column in columns], axis=-1)
        for row in rows
    ]
    return np.stack(lines, axis=-2)


def class_of(model: Model, grouping: Grouping) -> str:
    """The class of a model in Table 3 or Table 4; "" for a model without factors."""
    return (model.architecture if grouping == "architecture" else model.family) or ""


def _block(matrix: TransferMatrix, grouping: Grouping, source: str, target: str) -> Cells:
    rows = np.array([class_of(model, grouping) == source for model in matrix.sources])
    columns = np.array([class_of(model, grouping) == target for model in matrix.targets])
    return np.asarray(rows[:, None] & columns)


def _intervals(means: Array, drawn: Array) -> tuple[Interval, ...]:
    """Intervals of means (classes,) from their resamples (draws, classes)."""
    return tuple(percentile_interval(float(mean), drawn[:, i]) for i, mean in enumerate(means))
