"""Transfer matrices as CSV: our own table of cells, and the grid of a printed figure."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from turncoat.data.rows import rows_of
from turncoat.errors import BrokenData, UnknownName, UsageError
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import Rates, TransferMatrix
from turncoat.studies.zoo_names import ZOO, model_named, zoo_model

COLUMNS = ("source", "target", "rate", "texts")
MORE = ("low", "high", "mark")  # for people: the Wilson interval, and what to beware of
PUBLISHED_TEXTS = 500  # "we randomly choose 500 adversarial examples", says the study


def write_matrix(matrix: TransferMatrix, path: Path) -> None:
    """Write a row a cell, with its interval; missing rates are empty, and they and unreliable ones are marked."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*COLUMNS, *MORE))
        for (i, j), rate in np.ndenumerate(matrix.rates):
            pair, texts = (matrix.sources[i], matrix.targets[j]), int(matrix.texts[i, j])
            if (found := matrix.interval(*pair)) is None:
                writer.writerow([*pair, "", texts, "", "", "missing"])
                continue
            mark = "unreliable" if matrix.unreliable[i, j] else ""
            writer.writerow([*pair, repr(float(rate)), texts, f"{found.low:.4f}", f"{found.high:.4f}", mark])


def read_matrix(path: Path) -> TransferMatrix:
    """A matrix that `write_matrix` wrote; cells that have no row are missing.

    Raises:
        UsageError: there is no such file. BrokenData: it holds something else.
    """
    columns, rows = rows_of(path)
    if columns[: len(COLUMNS)] != COLUMNS:
        raise BrokenData(f"{path}: expected the columns {', '.join(COLUMNS)}, got {', '.join(columns) or 'none'}")
    cells: dict[tuple[Model, Model], tuple[float, int]] = {}
    for line, row in rows:
        if isinstance(row, str):
            raise BrokenData(f"{path}:{line}: {row}")
        try:
            pair = model_named(str(row["source"])), model_named(str(row["target"]))
            value = float(str(row["rate"]) or "nan"), int(str(row["texts"]))
        except ValueError as error:
            raise BrokenData(f"{path}:{line}: {error}") from error
        if pair in cells:
            raise BrokenData(f"{path}:{line}: expected each pair once, got {pair[0]} to {pair[1]} again")
        cells[pair] = value
    sources, targets = (tuple(dict.fromkeys(pair[side] for pair in cells)) for side in (0, 1))
    found = np.array([[cells.get((s, t), (np.nan, 0)) for t in targets] for s in sources]).reshape(
        len(sources), len(targets), 2
    )
    return _checked(path, sources, targets, found[..., 0], found[..., 1].astype(np.int64))


def read_figure(path: Path) -> TransferMatrix:
    """A printed figure as a grid: columns source_id, source, then "37:CNN-W-Random-1", ..., a row a source.

    Rates have two decimals; each is taken to stand on `PUBLISHED_TEXTS` texts.

    Raises:
        UsageError: there is no such file. BrokenData: a number and a name do not belong together, or no rate.
    """
    columns, rows = rows_of(path)
    targets = tuple(_numbered(path, 1, *column.partition(":")[::2]) for column in columns[2:])
    sources, rates = [], []
    for line, row in rows:
        if isinstance(row, str):
            raise BrokenData(f"{path}:{line}: {row}")
        number, name, *values = (str(row[column]) for column in columns)
        sources.append(_numbered(path, line, number, name))
        try:
            rates.append([float(value or "nan") for value in values])
        except ValueError as error:
            raise BrokenData(f"{path}:{line}: expected rates, got {error}") from error
    found = np.array(rates).reshape(len(sources), len(targets))
    return _checked(path, tuple(sources), targets, found, np.where(np.isnan(found), 0, PUBLISHED_TEXTS))


def _numbered(path: Path, line: int, number: str, name: str) -> Model:
    try:
        model = zoo_model(name)
    except UnknownName as error:
        raise BrokenData(f"{path}:{line}: {error}") from error
    own = ZOO.index(model) + 1 if model in ZOO else "none"
    if number != str(own):
        raise BrokenData(f"{path}:{line}: expected {model} under number {own}, got {number}")
    return model


def _checked(
    path: Path, sources: tuple[Model, ...], targets: tuple[Model, ...], rates: Rates, texts: NDArray[np.int64]
) -> TransferMatrix:
    try:
        return TransferMatrix(sources, targets, rates, texts)
    except UsageError as error:
        raise BrokenData(f"{path}: {error}") from error
