"""Questions about paragraphs: the examples and data sets of reading comprehension."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from turncoat.data.example import Fault
from turncoat.errors import UsageError


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """One question about a paragraph.

    Attributes:
        id: unique in its data set, the same from run to run.
        text: the paragraph.
        question: what is asked.
        answers: gold answers, one an annotator, so that equal ones may repeat.
        starts: where each stands in `text`, in characters.
        article: title of the article that the paragraph is from.
    """

    id: str
    text: str
    question: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]
    article: str = ""


@dataclass(frozen=True)
class ReadingDataset(Sequence[ReadingExample]):
    """Questions in a fixed order.

    Attributes:
        name: registered name or file name, with its split ("squad/test").
        examples: the examples.
        faults: questions left out.
        source: where it was found, for people.
    """

    name: str
    examples: tuple[ReadingExample, ...]
    faults: tuple[Fault, ...] = ()
    source: str = ""

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> ReadingExample:  # type: ignore[override]
        return self.examples[index]

    def __iter__(self) -> Iterator[ReadingExample]:
        return iter(self.examples)

    def sample(self, size: int | None, seed: int) -> ReadingDataset:
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
