"""How well a reader answers what it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap

from turncoat.data.reading import ReadingDataset
from turncoat.engine.query import Asked
from turncoat.goals.answer_overlap import exact, f1
from turncoat.models.reader import Reader, read
from turncoat.text import Text

RESAMPLES, SEED = 10_000, 14


def scores(reader: Reader, dataset: ReadingDataset) -> NDArray[np.float64]:
    """F1 and exact match of every answer, (questions, 2), 0 to 1."""
    (readings,) = read(reader, [[Asked(Text(example.text), example.question) for example in dataset]])
    pairs = [(found.answer, example.answers) for found, example in zip(readings, dataset, strict=True)]
    return np.array([(f1(*pair), exact(*pair)) for pair in pairs], np.float64).reshape(-1, 2)


def examine(reader: Reader, test_set: ReadingDataset) -> dict[str, Any]:
    """Mean F1 and exact match on a data set, with their 95 % intervals, as plain values for a card."""
    found = scores(reader, test_set)
    matches = int(found[:, 1].sum())
    wilson = binomtest(matches, len(found)).proportion_ci(method="wilson")
    return {
        "data": test_set.name,
        "n": len(test_set),
        "articles": len({example.article for example in test_set}),
        "f1": _plain(float(found[:, 0].mean()), *_ends(found[:, 0]), "BCa bootstrap over questions"),
        "exact": _plain(matches / len(found), float(wilson.low), float(wilson.high), "Wilson"),
    }


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Of the interval of a mean; the mean itself where all values are equal."""
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    rng = np.random.default_rng(SEED)
    interval = bootstrap((values,), np.mean, n_resamples=RESAMPLES, batch=100, rng=rng).confidence_interval
    return float(interval.low), float(interval.high)


def _plain(mean: float, low: float, high: float, interval: str) -> dict[str, Any]:
    return {"mean": round(mean, 4), "low": round(low, 4), "high": round(high, 4), "interval": interval}
