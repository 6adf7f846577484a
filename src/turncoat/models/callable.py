"""Victims that are any Python function from strings to probabilities."""

from __future__ import annotations

import hashlib
import inspect
import sys
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
        name: for people; in stored results it stands for the function, with the source of the module that holds it: a
            run does not go on with another one. What that module loads is not looked at.
        unknown: what the function reads as "a word I do not know".
    """

    def __init__(
        self, function: Callable[[list[str]], Any], labels: Sequence[str], name: str = "", unknown: str = "[UNK]"
    ) -> None:
        self.function, self.labels, self.unknown = function, tuple(labels), unknown
        self.name = name or getattr(function, "__qualname__", type(function).__name__)
        self.fingerprint = f"callable:{self.name}{_source_digest(function)}"

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        return answer_in_chunks(self.function, batches, self.name)

    def visible(self, text: Text) -> int:
        return len(text)


def _source_digest(function: object) -> str:
    """ ":" and a digest of the source that a function stands in: its module's, else its own; "" where there is none."""
    module = sys.modules.get(getattr(function, "__module__", None) or type(function).__module__)
    for holder in (module, function):
        try:
            return f":{hashlib.sha256(inspect.getsource(holder).encode()).hexdigest()[:16]}"  # type: ignore[arg-type]
        except (TypeError, OSError):
            continue
    return ""
