"""Texts as word numbers, without building a string where the texts are numbers already."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from turncoat.models.vocabulary import PADDING, UNKNOWN, Vocabulary
from turncoat.space import Space, Variants
from turncoat.text import WORD, Text

Ids = NDArray[np.int32]


class Reader:
    """Reads the first `max_words` words of texts. A text without words reads as one unknown word."""

    def __init__(self, vocabulary: Vocabulary, max_words: int) -> None:
        self.vocabulary, self.max_words = vocabulary, max_words
        self._tables: WeakKeyDictionary[Space, _Table | None] = WeakKeyDictionary()

    def read(self, texts: Sequence[Text]) -> list[Ids]:
        """Word numbers as matrices (texts, words) that together hold a row a text, in order."""
        if isinstance(texts, Variants) and (table := self._table(texts.space)) is not None:
            return [table.look_up(texts)]
        rows = [self.vocabulary.ids_of_string(str(text))[: self.max_words] or [UNKNOWN] for text in texts]
        return [np.array([row], np.int32) for row in rows]

    def _table(self, space: Space) -> _Table | None:
        """The space's table; None if an option is not just one word, so that its texts must be read as strings."""
        if space not in self._tables:
            words = chain(*space.options)
            plain = len(space.text) > 0 and all(WORD.fullmatch(word) for word in chain(space.text.words, words))
            self._tables[space] = _Table(space, self.vocabulary, self.max_words) if plain else None
        return self._tables[space]


class _Table:
    """Numbers of all words of a space in one row: for each position unknown, the original, its options."""

    def __init__(self, space: Space, vocabulary: Vocabulary, max_words: int) -> None:
        self.seen = min(len(space.text), max_words)
        places = [
            (UNKNOWN, *vocabulary.ids((word, *options)))
            for word, options in zip(space.text.words[: self.seen], space.options, strict=False)
        ]
        sizes = np.array([len(place) for place in places])
        self.originals = np.cumsum(sizes) - sizes + 1  # choices count from the original, with unknown (-1) before it
        self.ids = np.fromiter(chain(*places), np.int32)

    def look_up(self, texts: Variants) -> Ids:
        ids: Ids = np.take(self.ids, texts.choices[:, : self.seen] + self.originals)
        return ids


class DistinctRows:
    """Rows of word numbers, each kept once.

    Attributes:
        numbers: for each row put in, the index of its distinct row (texts,).
        lengths: words of each distinct row (rows,).
    """

    def __init__(self, matrices: Sequence[Ids]) -> None:
        rows: dict[bytes, int] = {}
        numbers: list[int] = []
        for matrix in matrices:
            keys: list[bytes] = matrix.view(f"V{matrix.shape[1] * matrix.itemsize}").ravel().tolist()
            numbers += [rows.setdefault(key, len(rows)) for key in keys]
        self.numbers = np.array(numbers, np.int64)
        self.lengths = np.array([len(row) for row in rows], np.int64) // np.dtype(np.int32).itemsize
        self._ids = np.frombuffer(b"".join(rows), np.int32)
        self._starts = np.cumsum(self.lengths) - self.lengths

    def padded(self, rows: NDArray[np.int64], length: int) -> Ids:
        """Some distinct rows as one matrix (rows, length)."""
        steps = np.arange(length)
        places = self._starts[rows, None] + steps
        lengths = self.lengths[rows]
        if lengths.min() == length:
            return np.take(self._ids, places)
        inside = steps < lengths[:, None]
        return np.where(inside, self._ids[np.where(inside, places, 0)], np.int32(PADDING))
