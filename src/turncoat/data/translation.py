"""Sentences and their translations: the examples and data sets of machine translation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from turncoat.data.example import Fault
from turncoat.errors import UsageError


@dataclass(frozen=True, slots=True)
class TranslationExample:
    """One sentence (or more) and its translation by a person.

    Attributes:
        id: unique in its data set, the same from run to run.
        text: what is to be translated.
        reference: the person's translation.
    """

    id: str
    text: str
    reference: str


@dataclass(frozen=True)
class TranslationDataset(Sequence[TranslationExample]):
    """Sentences in a fixed order.

    Attributes:
        name: registered name or file name, with its split ("multi30k_en_de/test").
        examples: the examples.
        faults: rows left out.
        source: where it was found, for people.
    """

    name: str
    examples: tuple[TranslationExample, ...]
    faults: tuple[Fault, ...] = ()
    source: str = ""

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> TranslationExample:  # type: ignore[override]
        return self.examples[index]

    def __iter__(self) -> Iterator[TranslationExample]:
        return iter(self.examples)

    def sample(self, size: int | None, seed: int) -> TranslationDataset:
        """`size` examples drawn without replacement, kept in data set order; all of them for None.

        Raises:
            UsageError: if the data set is smaller than `size`.
        """
        if size is None or size == len(self):
            return self
        if not 0 < size <= len(self):
            raise UsageError(f"expected 1 to {len(self)} examples of {self.name}, got {size}")
        chosen = np.sort(np.random.default_rng(seed).permutation(len(self))[:size])
        return replace(self, examples=tuple(self.examples[i] for i in chosen))
