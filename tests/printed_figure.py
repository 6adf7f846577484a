"""The printed half of the transfer study's Figure 3: rates from all 63 models to the last 27, of two decimals."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import TransferMatrix
from turncoat.studies.zoo_names import ZOO, zoo_model

PATH = Path(__file__).parent / "data/fig3_part2.csv"
TEXTS = 500  # "we randomly choose 500 adversarial examples", says the study


def read_figure() -> TransferMatrix:
    """Columns source_id, source, then "37:CNN-W-Random-1", ...; a row a source."""
    with PATH.open(newline="", encoding="utf-8") as file:
        (_, _, *targets), *rows = csv.reader(file)
    rates = np.array([[float(value or "nan") for value in row[2:]] for row in rows])
    return TransferMatrix(
        tuple(_numbered(number, name) for number, name, *_ in rows),
        tuple(_numbered(*target.split(":")) for target in targets),
        rates,
        np.where(np.isnan(rates), 0, TEXTS),
    )


def _numbered(number: str, name: str) -> Model:
    model = zoo_model(name)
    assert ZOO[int(number) - 1] == model
    return model


FIGURE = read_figure()
