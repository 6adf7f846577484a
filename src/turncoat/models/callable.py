"""Victims that are any Python function from strings to probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.models.strings import answer_in_chunks
from turncoat.models.victim import Victim
from turncoat.text import Text


class CallableVictim(Victim):
    """A function that takes a list of strings and gives probabilities (texts, classes).

    Args:
        function: anything that numpy can read as (texts, classes) will do as its answer; it is asked about at most
            256 strings a call. What it answers for a string must not depend on the other strings.
        labels: class names, in the order of the probabilities.
        name: for people; it also stands for the function in stored results.
        unknown: what the function reads as "a word I do not know".
    """

    def __init__(
        self, function: Callable[[list[str]], Any], labels: Sequence[str], name: str = "", unknown: str = "[UNK]"
    ) -> None:
        self.function, self.labels, self.unknown = function, tuple(labels), unknown
        self.name = name or getattr(function, "__qualname__", type(function).__name__)
        self.fingerprint = f"callable:{self.name}"

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        return answer_in_chunks(self.function, batches, self.name)

    def visible(self, text: Text) -> int:
        return len(text)
