"""Asking a function of strings about many texts: each distinct string once, so many a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import VictimError
from turncoat.models.batching import split_like
from turncoat.text import Text

CHUNK = 256


def answer_in_chunks(
    function: Callable[[list[str]], Any], batches: Sequence[Sequence[Text]], name: str
) -> list[NDArray[np.floating]]:
    """Answers (texts, classes) of each batch.

    Raises:
        VictimError: an answer has not one row of numbers a string.
    """
    distinct: dict[str, int] = {}
    numbers = [distinct.setdefault(str(text), len(distinct)) for text in chain.from_iterable(batches)]
    strings = list(distinct)
    chunks = [strings[start : start + CHUNK] for start in range(0, len(strings), CHUNK)]
    answers = np.concatenate([_checked(function(chunk), len(chunk), name) for chunk in chunks])
    return [*split_like(answers[numbers], batches)]


def _checked(answer: Any, texts: int, name: str) -> NDArray[np.float64]:
    try:
        rows = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise VictimError(f"{name}: expected rows of probabilities, got {type(answer).__name__}: {error}") from error
    if rows.ndim != 2 or len(rows) != texts:
        raise VictimError(f"{name}: expected probabilities (texts, classes) of {texts} texts, got shape {rows.shape}")
    return rows
