"""Every text that rule books make of a data set, replacement by replacement, each distinct one once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.rules.applying import most_changes, put, steps
from turncoat.rules.rule import RuleBook
from turncoat.text import Text

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Prefixes:
    """The texts on the way of each book through each example.

    A book's replacements under a lower cap are the first ones of those under a higher cap; one sequence serves all.

    Attributes:
        texts: for each example its distinct texts, the clean one first; show the same objects to every victim.
        rows: which text stands after 0, 1, ... replacements, by index into all texts, one example after the other; the
            last one repeats (books, examples, longest + 1).
        applied: how many replacements there are under the largest cap (books, examples).
        words: of each example (examples,).
        labels: gold classes (examples,).
    """

    texts: tuple[tuple[Text, ...], ...]
    rows: Counts
    applied: Counts
    words: Counts
    labels: Counts

    @property
    def clean(self) -> Counts:
        """Where the clean texts stand among all texts (examples,)."""
        return np.asarray(self.rows[0, :, 0])

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints mean equal texts, sixteen digits."""
        found = hashlib.sha256()
        for texts in self.texts:
            found.update(repr([str(text) for text in texts]).encode("utf-8", "surrogatepass"))
        return found.hexdigest()[:16]

    def changes(self, book: int, cap: float) -> Counts:
        """How many replacements a book makes under a cap, at most the one the prefixes were made for (examples,)."""
        allowed = [most_changes(int(words), cap) for words in self.words]
        return np.asarray(np.minimum(self.applied[book], allowed), np.int64)

    def at(self, book: int, changes: Counts) -> Counts:
        """Which text stands after so many replacements (examples,)."""
        return np.asarray(self.rows[book, np.arange(len(changes)), changes])

    def text(self, example: int, row: int) -> Text:
        """The text of a row, which belongs to this example."""
        return self.texts[example][row - int(self.clean[example])]


def make_prefixes(dataset: Dataset, books: Sequence[RuleBook], cap: float) -> Prefixes:
    """All texts up to the largest cap that matters."""
    texts: list[tuple[Text, ...]] = []
    ways: list[list[list[int]]] = []  # by example, book, number of replacements
    start = 0
    for example in dataset:
        clean = Text(example.text)
        known = {clean: start}
        ways.append([])
        for book in books:
            found = steps(clean, example.label, book, cap)
            way = (put(clean, found[:count]) for count in range(len(found) + 1))
            ways[-1].append([known.setdefault(text, start + len(known)) for text in way])
        texts.append(tuple(known))
        start += len(known)
    longest = max((len(way) for each in ways for way in each), default=1)
    shape = (len(dataset), len(books), longest)
    rows = np.array([[way + way[-1:] * (longest - len(way)) for way in each] for each in ways], np.int64).reshape(shape)
    applied = np.array([[len(way) - 1 for way in each] for each in ways], np.int64).reshape(shape[:2])
    return Prefixes(
        tuple(texts),
        rows.swapaxes(0, 1),
        applied.swapaxes(0, 1),
        np.array([len(each[0]) for each in texts], np.int64),
        np.array([example.label for example in dataset], np.int64),
    )
