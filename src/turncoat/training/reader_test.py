"""How well a reader answers what it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.data.reading import ReadingDataset
from turncoat.engine.query import Asked
from turncoat.goals.answer_overlap import exact, f1
from turncoat.models.reader import Reader, read
from turncoat.text import Text

RESAMPLES = 10_000
SEED = 14


def scores(reader: Reader, dataset: ReadingDataset) -> NDArray[np.float64]:
    """F1 and exact match of every answer, (questions, 2), 0 to 1."""
    (readings,) = read(reader, [[Asked(Text(example.text), example.question) for example in dataset]])
    pairs = [(found.answer, example.answers) for found, example in zip(readings, dataset, strict=True)]
    return np.array([(f1(*pair), exact(*pair)) for pair in pairs], np.float64).reshape(-1, 2)


def examine(reader: Reader, test_set: ReadingDataset) -> dict[str, Any]:
    """Mean F1 and exact match on a data set, with their 95 % intervals, as plain values for a card."""
    found = scores(reader, test_set)
    rng = np.random.default_rng(SEED)
    resamples = np.array([found[rng.integers(len(found), size=len(found))].mean(0) for _ in range(RESAMPLES)])
    low, high = np.quantile(resamples, [0.025, 0.975], axis=0)
    return {
        "data": test_set.name,
        "n": len(test_set),
        "articles": len({example.article for example in test_set}),
        **{
            name: {"mean": round(mean, 4), "low": round(first, 4), "high": round(last, 4)}
            for name, mean, first, last in zip(
                ("f1", "exact"), found.mean(0).tolist(), low.tolist(), high.tolist(), strict=True
            )
        },
        "interval": f"percentile bootstrap over questions, {RESAMPLES:,} resamples",
    }
