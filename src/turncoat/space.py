"""The texts an attack may build: one text, and for each of its words what may stand there instead."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from turncoat.text import Text, match_case, unknown_word

Choices = NDArray[np.int16]  # (texts, words): 0 keeps the word, j takes option j - 1, MASK makes it unknown
MASK = -1
MOST_OPTIONS = np.iinfo(np.int16).max


class Space:
    """All texts that arise from `text` by putting `options[i]` at position i.

    Options are cleaned on the way in: case is transferred from the original word; the word itself, repeats, and (unless
    `multiword`) anything holding white space are dropped. Words past `visible` are not seen by the victim and get none.

    Args:
        text: the untouched text.
        options: per word, what may replace it, best first.
        visible: how many leading words the victim can see; None for all.
        unknown: the victim's token for a word it does not know; see `text.unknown_word`.
    """

    def __init__(
        self,
        text: Text,
        options: Sequence[Iterable[str]],
        visible: int | None = None,
        unknown: str = "[UNK]",
        multiword: bool = False,
    ) -> None:
        if len(options) != len(text):
            raise ValueError(f"expected options for {len(text)} words, got {len(options)}")
        self.text = text
        self.visible = len(text) if visible is None else min(visible, len(text))
        self.unknown = unknown
        self.options: tuple[tuple[str, ...], ...] = tuple(
            _clean(words, text.words[i], multiword) if i < self.visible else () for i, words in enumerate(options)
        )

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Number of options of each word (words,)."""
        return np.array([len(words) for words in self.options], dtype=np.int64)

    @cached_property
    def positions(self) -> NDArray[np.int64]:
        """Positions that have an option, ascending."""
        return np.flatnonzero(self.sizes)

    def variants(self, choices: NDArray[np.integer]) -> Variants:
        """The texts of a choice matrix (texts, words)."""
        return Variants(self, np.ascontiguousarray(choices, dtype=np.int16))

    def original(self) -> Variants:
        """The untouched text alone."""
        return self.variants(np.zeros((1, len(self.text)), np.int16))

    def masked(self) -> Variants:
        """Each visible word made unknown in turn (visible, words)."""
        return self.variants(np.eye(self.visible, len(self.text), dtype=np.int16) * MASK)

    def swaps(self, base: Choices | None = None, positions: Sequence[int] | None = None) -> Variants:
        """Every single replacement at `positions` (default: all) on top of `base`, by position, then by option."""
        where = self.positions if positions is None else np.asarray(positions, dtype=np.int64)
        sizes = self.sizes[where]
        start = np.zeros(len(self.text), np.int16) if base is None else base
        rows = np.tile(start, (int(sizes.sum()), 1))
        columns = np.repeat(where, sizes)
        firsts = np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows[np.arange(len(rows)), columns] = np.arange(len(rows)) - firsts + 1
        return self.variants(rows)


class Variants(Sequence[Text]):
    """Texts of one space, kept as numbers: built as strings only for those who ask.

    Models that read words look their ids up by array; see `turncoat.models`.
    """

    def __init__(self, space: Space, choices: Choices) -> None:
        if choices.ndim != 2 or choices.shape[1] != len(space.text):
            raise ValueError(f"expected choices (texts, {len(space.text)}), got {choices.shape}")
        self.space, self.choices = space, choices

    def __len__(self) -> int:
        return len(self.choices)

    @overload
    def __getitem__(self, index: int) -> Text: ...
    @overload
    def __getitem__(self, index: slice) -> Variants: ...
    def __getitem__(self, index: int | slice) -> Text | Variants:
        if isinstance(index, slice):
            return Variants(self.space, self.choices[index])
        row, space = self.choices[index], self.space
        changes = {
            int(i): unknown_word(space.text.words[i], space.unknown) if row[i] == MASK else space.options[i][row[i] - 1]
            for i in np.flatnonzero(row)
        }
        return space.text.replace_all(changes) if changes else space.text

    def __iter__(self) -> Iterator[Text]:
        return (self[i] for i in range(len(self)))

    def take(self, rows: NDArray[np.integer] | Sequence[int]) -> Variants:
        """Some of the texts, by index."""
        return Variants(self.space, self.choices[rows])

    @property
    def changed(self) -> NDArray[np.int64]:
        """Number of replaced words of each text (texts,)."""
        return np.asarray(np.count_nonzero(self.choices, axis=1), np.int64)

    def keys(self) -> list[Hashable]:
        """One hashable key a text; equal keys of one space mean equal texts."""
        if self.choices.shape[1] == 0:
            return [b""] * len(self)
        row_bytes = self.choices.shape[1] * self.choices.itemsize
        return self.choices.view(f"V{row_bytes}").ravel().tolist()


def take(texts: Sequence[Any], rows: NDArray[np.integer]) -> Sequence[Any]:
    """Some of the texts, by index, kept as numbers where they are numbers."""
    return texts.take(rows) if isinstance(texts, Variants) else [texts[i] for i in rows]


def _clean(words: Iterable[str], original: str, multiword: bool) -> tuple[str, ...]:
    seen = {original.lower()}
    kept = []
    for word in words:
        one_word = word.split() == [word]
        cased = match_case(word, original)  # may make two words one: "straße" and "strasse" in capitals
        if not (one_word or (multiword and word.strip())) or cased.lower() in seen:
            continue
        seen.add(cased.lower())
        kept.append(cased)
    return tuple(kept[:MOST_OPTIONS])
