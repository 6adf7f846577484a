"""Transfer matrices as CSV, for people and other programs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from turncoat.studies.transfer.matrix import TransferMatrix

COLUMNS = ("source", "target", "rate", "texts", "low", "high", "mark")  # Wilson interval, and what to beware of


def write_matrix(matrix: TransferMatrix, path: Path) -> None:
    """Write a row a cell, with its interval; missing rates are empty, and they and unreliable ones are marked."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (i, j), rate in np.ndenumerate(matrix.rates):
            pair, texts = (matrix.sources[i], matrix.targets[j]), int(matrix.texts[i, j])
            if (found := matrix.interval(*pair)) is None:
                writer.writerow([*pair, "", texts, "", "", "missing"])
                continue
            mark = "unreliable" if matrix.unreliable[i, j] else ""
            writer.writerow([*pair, repr(float(rate)), texts, f"{found.low:.4f}", f"{found.high:.4f}", mark])
