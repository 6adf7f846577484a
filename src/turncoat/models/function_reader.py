"""Readers that are any Python function from paragraphs and questions to answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Asked, Reading
from turncoat.errors import VictimError
from turncoat.models.batching import split_like
from turncoat.models.reader import Reader
from turncoat.text import Text

Answerer = Callable[[list[tuple[str, str]]], Sequence[str]]


class FunctionReader(Reader):
    """Any function from a list of (paragraph, question) to as many answers, each a part of its paragraph.

    An answer stands where it is found first; what is no part of the paragraph is no answer.

    Args:
        function: asked about each distinct pair of a call once.
        name: for people; it also stands for the function in stored results.
    """

    def __init__(self, function: Answerer, name: str = "") -> None:
        self.function, self.unknown = function, "[UNK]"
        self.name = name or getattr(function, "__qualname__", type(function).__name__)
        self.fingerprint = f"callable:{self.name}"

    def read(self, batches: Sequence[Sequence[Asked]]) -> list[NDArray[np.object_]]:
        asked = [(str(each.text), each.question) for each in chain.from_iterable(batches)]
        distinct = list(dict.fromkeys(asked))
        answers = list(self.function(distinct))
        if len(answers) != len(distinct):
            raise VictimError(f"{self.name}: expected {len(distinct)} answers, got {len(answers)}")
        readings = {pair: self._reading(pair, answer) for pair, answer in zip(distinct, answers, strict=True)}
        rows = np.empty(len(asked), object)
        rows[:] = [readings[pair] for pair in asked]
        return split_like(rows, batches)

    def visible(self, text: Text) -> int:
        return len(text)

    def _reading(self, pair: tuple[str, str], answer: str) -> Reading:
        paragraph, question = pair
        if not isinstance(answer, str) or answer not in paragraph:
            raise VictimError(
                f"{self.name}: expected an answer to {question!r:.60} that is part of its paragraph, got {answer!r:.60}"
            )
        start = paragraph.index(answer)
        return Reading(answer, start, start + len(answer))
