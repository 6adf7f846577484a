"""What a network is shown of a text: numbers of words, of characters, or of words that are spelled out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TypeVar, cast
from weakref import WeakValueDictionary

import numpy as np
import regex

from turncoat.models.bilm import WordStates
from turncoat.models.reading import DistinctRows, Ids, Reader
from turncoat.models.vocabulary import UNKNOWN, UNKNOWN_TOKEN, Vocabulary
from turncoat.space import Variants
from turncoat.text import WORD, Text

UNKNOWN_CHARACTER = "\N{REPLACEMENT CHARACTER}"
ALPHABET = "".join(map(chr, range(32, 127)))  # printable ASCII; numbers begin behind padding and unknown
SPELLED = regex.compile(f"{WORD.pattern}|{UNKNOWN_CHARACTER}+")


class Form(ABC):
    """Texts as rows of numbers. What was read last is remembered, for other models that read the same form.

    Attributes:
        key: two forms of one key read every text alike.
        unknown: see `Victim.unknown`.
        longest: numbers of a text that are read.
    """

    key: str
    unknown: str
    longest: int

    def __init__(self) -> None:
        self._last: tuple[Sequence[Text], DistinctRows] | None = None

    def rows(self, batches: Sequence[Sequence[Text]]) -> DistinctRows:
        """The distinct rows of all texts."""
        alone = batches[0] if len(batches) == 1 else None  # the many batches of an engine do not come again
        if alone is not None and self._last is not None and _same(self._last[0], alone):
            return self._last[1]
        read = DistinctRows([*chain.from_iterable(self.read(texts) for texts in batches)])
        if alone is not None:
            self._last = (alone if isinstance(alone, Variants) else [*alone], read)
        return read

    @abstractmethod
    def read(self, texts: Sequence[Text]) -> list[Ids]:
        """Numbers as matrices (texts, numbers) that together hold a row a text, in order; none is empty."""

    @abstractmethod
    def visible(self, text: Text) -> int:
        """How many leading words are read."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write what is needed to read texts in the same way."""


class WordForm(Form):
    """Numbers of a vocabulary's words; case and punctuation are not seen."""

    unknown = UNKNOWN_TOKEN

    def __init__(self, vocabulary: Vocabulary, longest: int) -> None:
        super().__init__()
        self.vocabulary, self.longest = vocabulary, longest
        self.key = f"words {longest}\n" + "\n".join(vocabulary.words)
        self._reader = Reader(vocabulary, longest)

    def read(self, texts: Sequence[Text]) -> list[Ids]:
        return self._reader.read(texts)

    def visible(self, text: Text) -> int:
        return min(len(text), self.longest)

    def write(self, folder: Path) -> None:
        self.vocabulary.write(folder / "vocabulary.txt")


class CharacterForm(Form):
    """Numbers of printable ASCII characters, case kept; all others are one unknown character."""

    unknown = UNKNOWN_CHARACTER

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest, self.key = longest, f"characters {longest}"
        self._numbers = np.full(ord(ALPHABET[-1]) + 2, UNKNOWN, np.int32)  # the last stands for all that follow
        self._numbers[[*map(ord, ALPHABET)]] = np.arange(len(ALPHABET)) + UNKNOWN + 1

    def read(self, texts: Sequence[Text]) -> list[Ids]:
        strings = (str(text)[: self.longest] or UNKNOWN_CHARACTER for text in texts)
        codes = (np.frombuffer(string.encode("utf-32-le", "surrogatepass"), np.uint32) for string in strings)
        return [self._numbers[np.minimum(found, len(self._numbers) - 1)][None] for found in codes]

    def visible(self, text: Text) -> int:
        ends = np.cumsum([len(gap) + len(word) for gap, word in zip(text.gaps, text.words, strict=False)])
        return int(np.searchsorted(ends, self.longest, side="right"))

    def write(self, folder: Path) -> None:
        """Nothing: the alphabet is always the same."""


class SpelledForm(Form):
    """Numbers of words that a bidirectional language model reads by their spelling; punctuation is not seen."""

    unknown = UNKNOWN_CHARACTER

    def __init__(self, words: WordStates, longest: int, source: str) -> None:
        super().__init__()
        self.words, self.longest, self.key = words, longest, f"spelled {source} {longest}"

    def read(self, texts: Sequence[Text]) -> list[Ids]:
        found = [SPELLED.findall(str(text))[: self.longest] or [UNKNOWN_CHARACTER] for text in texts]
        numbers = iter(self.words.numbers([*chain.from_iterable(found)]))
        return [np.array([[next(numbers) for _ in words]], np.int32) for words in found]

    def visible(self, text: Text) -> int:
        return min(len(text), self.longest)

    def write(self, folder: Path) -> None:
        """Nothing: the language model is kept in a folder of its own, which the card names."""


_FORMS: WeakValueDictionary[str, Form] = WeakValueDictionary()
FormT = TypeVar("FormT", bound=Form)


def shared(form: FormT) -> FormT:
    """The form of that key that is in use already, or else this one."""
    return cast("FormT", _FORMS.setdefault(form.key, form))


def _same(ours: Sequence[Text], theirs: Sequence[Text]) -> bool:
    """Whether what was read is what is to be read; a list may have been changed since."""
    return ours is theirs or (isinstance(ours, list) and isinstance(theirs, list) and ours == theirs)
