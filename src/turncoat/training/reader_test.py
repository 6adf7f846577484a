"""How well a reader answers what it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.data.reading import ReadingDataset
from turncoat.engine.query import Asked
from turncoat.goals.answer_overlap import exact, f1
from turncoat.intervals import Interval, mean, proportion
from turncoat.models.reader import Reader, read
from turncoat.text import Text


def scores(reader: Reader, dataset: ReadingDataset) -> NDArray[np.float64]:
    """F1 and exact match of every answer, (questions, 2), 0 to 1."""
    (readings,) = read(reader, [[Asked(Text(example.text), example.question) for example in dataset]])
    pairs = [(found.answer, example.answers) for found, example in zip(readings, dataset, strict=True)]
    return np.array([(f1(*pair), exact(*pair)) for pair in pairs], np.float64).reshape(-1, 2)


def examine(reader: Reader, test_set: ReadingDataset) -> dict[str, Any]:
    """Mean F1 and exact match on a data set, with their 95 % intervals, as plain values for a card."""
    found = scores(reader, test_set)
    return {
        "data": test_set.name,
        "n": len(test_set),
        "articles": len({example.article for example in test_set}),
        "f1": _plain(mean(found[:, 0])),
        "exact": _plain(proportion(int(found[:, 1].sum()), len(found))),
    }


def _plain(found: Interval | None) -> dict[str, Any]:
    """What a card can hold: without ends if there are none, empty if there were no questions."""
    if found is None:
        return {}
    ends = {"mean": found.estimate, "low": found.low, "high": found.high}
    return {name: round(end, 4) for name, end in ends.items() if end is not None} | {"interval": found.method}
