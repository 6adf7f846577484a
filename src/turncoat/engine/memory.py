"""What one example has already been told, so that no question is asked twice."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.space import Variants
from turncoat.text import Text


class Memory:
    """Answers to one kind of query for one example."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, int] = {}
        self._answers: NDArray[Any] | None = None
        self._filled = 0

    def __len__(self) -> int:
        return self._filled

    def look_up(self, texts: Sequence[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row number of each text, and the indices of the texts that must still be asked (first occurrences).

        The new texts' answers are expected by the next `learn`, in that order.
        """
        rows, known = self._rows, self._filled
        numbers = np.array([rows.setdefault(key, len(rows)) for key in keys_of(texts)], dtype=np.int64)
        if len(rows) == known:
            return numbers, np.empty(0, np.int64)
        new_numbers, first = np.unique(numbers, return_index=True)
        return numbers, first[new_numbers >= known]

    def learn(self, answers: NDArray[Any]) -> None:
        """Append the answers of the texts that `look_up` said to ask."""
        needed = self._filled + len(answers)
        if self._answers is None:
            self._answers = answers
        else:
            if needed > len(self._answers):
                room = np.empty((max(needed, 2 * len(self._answers)), *answers.shape[1:]), answers.dtype)
                room[: self._filled] = self._answers[: self._filled]
                self._answers = room
            self._answers[self._filled : needed] = answers
        self._filled = needed

    def forget_unanswered(self) -> None:
        """Undo a `look_up` whose texts will not be asked."""
        while len(self._rows) > self._filled:
            self._rows.popitem()

    def recall(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """Answers by row number."""
        if self._answers is None:
            raise LookupError("nothing has been learned yet")
        return self._answers[numbers]


def keys_of(texts: Sequence[Any]) -> list[Hashable]:
    """One key a text, equal for equal texts; the untouched text has the same key in every form."""
    if not isinstance(texts, Variants):
        return [str(text) if isinstance(text, Text) else text for text in texts]
    space, rows = texts.space, texts.keys()
    keys: list[Hashable] = [(space, row) for row in rows]
    for i in np.flatnonzero(texts.changed == 0):
        keys[i] = str(space.text)
    return keys
