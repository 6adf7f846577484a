"""Examples and data sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.errors import UsageError


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text. `id` is unique in its data set and stays the same from run to run."""

    id: str
    text: str
    label: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that could not be read: where it stands and why it was left out."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


@dataclass(frozen=True)
class Dataset(Sequence[Example]):
    """Labelled examples in a fixed order.

    Attributes:
        name: registered name or file name, with its split ("mr/test").
        examples: the examples.
        labels: class names; an example's label is an index into them.
        faults: rows left out.
        source: where it was found, for people.
    """

    name: str
    examples: tuple[Example, ...]
    labels: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    source: str = ""

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Example:  # type: ignore[override]
        return self.examples[index]

    def __iter__(self) -> Iterator[Example]:
        return iter(self.examples)

    def sample(self, size: int | None, seed: int) -> Dataset:
        """`size` examples drawn without replacement, kept in data set order; all of them for None.

        Raises:
            UsageError: if the data set is smaller than `size`.
        """
        if size is None or size == len(self):
            return self
        if not 0 < size <= len(self):
            raise UsageError(f"expected 1 to {len(self)} examples of {self.name}, got {size}")
        chosen = np.sort(np.random.default_rng(seed).permutation(len(self))[:size])
        examples = tuple(self.examples[i] for i in chosen)
        return Dataset(self.name, examples, self.labels, self.faults, self.source)
