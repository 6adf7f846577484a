"""Data sets by name, and any data by name or file."""

from __future__ import annotations

from pathlib import Path

from turncoat.data.example import Dataset
from turncoat.data.files import read_file
from turncoat.data.hub import HUB, load_from_hub
from turncoat.errors import BrokenData, MissingResource, UsageError
from turncoat.registry import DATASETS

FILES = (".csv", ".tsv", ".jsonl", ".parquet")


def load(name: str, split: str = "test", online: bool = False) -> Dataset:
    """A split of a named data set. The same examples in the same order every time.

    Args:
        online: allow the hub if the data set is not on this machine.

    Raises:
        UnknownName: nobody offers the name.
        UsageError: the data set has no such split.
        MissingResource: it is not on this machine; the message says how to get it.
        BrokenData: its files are not those that were published.
    """
    loader = DATASETS.get(name)
    try:
        dataset: Dataset = loader(split)
    except MissingResource:
        if not online or name not in HUB:
            raise
        return load_from_hub(name, split)
    return dataset


def read(
    source: str,
    split: str = "test",
    text_column: str = "text",
    label_column: str = "label",
    strict: bool = False,
    online: bool = False,
) -> Dataset:
    """A named data set, or a CSV, TSV, JSONL or Parquet file (also .gz and .xz).

    Args:
        split: for named data sets; a file is one split.
        text_column, label_column: for files.
        strict: refuse data with broken rows instead of leaving them out.

    Raises:
        UsageError: neither a name nor a file. MissingResource: the data is not on this machine.
        BrokenData: `strict`, and rows are broken.
    """
    if is_file(source):
        if not Path(source).is_file():
            raise UsageError(f"expected a data file at {source}, found none")
        return read_file(Path(source), text_column, label_column, strict=strict)
    if source not in DATASETS.names() and Path(source).exists():
        raise UsageError(f"{source}: expected a file that ends in {', '.join(FILES)}, or a data set's name")
    dataset = load(source, split, online)
    if strict and dataset.faults:
        raise BrokenData(f"{len(dataset.faults)} broken rows in {dataset.name}, the first: {dataset.faults[0]}")
    return dataset


def is_file(source: str) -> bool:
    """Whether the source names a file rather than a registered data set."""
    return any(suffix in FILES for suffix in Path(source).suffixes)
