"""Examples from a file of one's own: CSV, TSV, JSON lines or Parquet, the text formats also as .gz or .xz."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from turncoat.data.example import Dataset, Example, Fault, in_order
from turncoat.data.rows import Row, rows_of
from turncoat.errors import UsageError

SURROGATE = re.compile("[\ud800-\udfff]")  # what a byte that is no UTF-8 has become, or half of a JSON escape


def read_file(
    path: str | Path,
    text_column: str = "text",
    label_column: str = "label",
    labels: Sequence[str] | None = None,
    strict: bool = False,
) -> Dataset:
    """Read labelled texts. Rows that cannot be used are left out and told in `faults`.

    Args:
        path: the file; its ending tells the format (.csv, .tsv, .jsonl, .parquet; .csv.xz and so on). CSV and TSV
            start with a line of column names; in TSV quotes are letters like any other.
        text_column: column with the text.
        label_column: column with the class, by name or by index into `labels`.
        labels: class names; None takes the names found, in alphabetical order (numbers by size).
        strict: raise at a broken row instead of leaving it out.

    Raises:
        UsageError: no such file, format or column.
        BrokenData: no usable row; or, if `strict`, any broken row.
        MissingResource: Parquet without pyarrow.
    """
    path = Path(path)
    columns, rows = rows_of(path)
    for column in (text_column, label_column):
        if column not in columns:
            raise UsageError(f"{path} has no column {column!r} (it has: {', '.join(map(repr, columns)) or 'none'})")
    usable, faults = _usable(path.name, rows, text_column, label_column)
    names = _distinct([label for _, _, label in usable]) if labels is None else tuple(labels)
    examples = []
    for line, text, label in usable:
        index = _index(label, names)
        if index is None:
            faults.append(Fault(path.name, line, f"label {label!r} is none of {', '.join(names)}"))
        else:
            examples.append(Example(f"{path.name.partition('.')[0]}-{line:05d}", text, index))
    return Dataset(path.name, tuple(examples), names, in_order(path, faults, len(examples), strict), str(path))


def _usable(
    file: str, rows: Sequence[Row], text_column: str, label_column: str
) -> tuple[list[tuple[int, str, str]], list[Fault]]:
    """(line, text, label) of the rows that have a text and a label; faults for the others."""
    usable, faults = [], []
    for line, cells in rows:
        why = cells if isinstance(cells, str) else _why_unusable(cells.get(text_column), cells.get(label_column))
        if why or isinstance(cells, str):
            faults.append(Fault(file, line, why))
        else:
            usable.append((line, str(cells[text_column]), _name(cells[label_column])))
    return usable, faults


def _why_unusable(text: object, label: object) -> str:
    if text is None:
        return "no text"
    if not isinstance(text, str):
        return f"the text is a {type(text).__name__}, not a string: {text!r:.60}"
    if not text.strip():
        return "the text is empty"
    if label is None or not str(label).strip():
        return "no label"
    if SURROGATE.search(text) or SURROGATE.search(str(label)):
        return "not UTF-8"
    if isinstance(label, list | dict):
        return f"the label is a {type(label).__name__}: {label!r:.60}"
    return ""


def _name(label: object) -> str:
    whole = isinstance(label, float) and label.is_integer()  # tables with gaps turn 1 into 1.0
    return str(int(label) if whole else label).strip()  # type: ignore[call-overload]


def _distinct(labels: Sequence[str]) -> tuple[str, ...]:
    distinct = set(labels)
    if all(_is_index(label) for label in distinct):
        return tuple(sorted(distinct, key=lambda label: (int(label), label)))
    return tuple(sorted(distinct))


def _index(label: str, names: Sequence[str]) -> int | None:
    if label in names:
        return names.index(label)
    return int(label) if _is_index(label) and int(label) < len(names) else None


def _is_index(label: str) -> bool:
    return label.isascii() and label.isdecimal()
