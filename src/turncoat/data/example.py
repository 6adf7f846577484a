"""Examples and data sets."""

from __future__ import annotations

import hashlib
import json
from abc import ABC
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from turncoat.errors import BrokenData, UsageError

Row = TypeVar("Row")
Self = TypeVar("Self", bound="Examples[Any]")


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


def in_order(path: Path, faults: Sequence[Fault], fine: int, strict: bool) -> tuple[Fault, ...]:
    """The faults of a file by line, if the file may be used with them.

    Raises:
        BrokenData: not one of its rows is `fine`; or, if `strict`, there is a fault.
    """
    faults = sorted(faults, key=lambda fault: fault.line)
    if faults and (strict or not fine):
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise BrokenData(f"broken row at {faults[0]}{more}; {fine} rows are fine")
    if not fine:
        raise BrokenData(f"{path}: the file has no rows")
    return tuple(faults)


class Examples(Sequence[Row], ABC, Generic[Row]):
    """Examples of one kind in a fixed order; each kind is a frozen dataclass with these fields.

    Attributes:
        name: registered name or file name, with its split.
        examples: the examples.
        faults: rows left out.
        source: where it was found, for people.
    """

    name: str
    examples: tuple[Row, ...]
    faults: tuple[Fault, ...]
    source: str

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Row:  # type: ignore[override]
        return self.examples[index]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.examples)

    @property
    def digest(self) -> str:
        """sha256 over all fields of the examples, 16 digits of it: the same digest means the same questions."""
        content = json.dumps([astuple(example) for example in self])  # type: ignore[call-overload]
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def sample(self: Self, size: int | None, seed: int) -> Self:
        """`size` examples drawn without replacement, kept in data set order; all of them for None.

        Raises:
            UsageError: if the data set is smaller than `size`.
        """
        if size is None or size == len(self):
            return self
        if not 0 < size <= len(self):
            raise UsageError(f"expected 1 to {len(self)} examples of {self.name}, got {size}")
        chosen = np.sort(np.random.default_rng(seed).permutation(len(self))[:size])
        return replace(self, examples=tuple(self.examples[i] for i in chosen))  # type: ignore[type-var]


@dataclass(frozen=True)
class Dataset(Examples[Example]):
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
