"""Rows of a table file, with the physical line where each starts, or with what is wrong with them."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turncoat.data.originals import unpacked
from turncoat.errors import BrokenData, MissingResource, UsageError

if TYPE_CHECKING:
    from _csv import Reader

Row = tuple[int, Mapping[str, object] | str]  # line counted from 1; the cells by column, or why there are none
Table = tuple[tuple[str, ...], list[Row]]  # column names, rows


def rows_of(path: Path) -> Table:
    """
    Raises:
        UsageError: no such file, or a format that is not known.
        BrokenData: the file as a whole cannot be read.
        MissingResource: Parquet without pyarrow.
    """
    if not path.is_file():
        raise UsageError(f"no such file: {path}")
    ending = next((s for s in reversed(path.suffixes) if s not in (".xz", ".gz")), "").lower()
    if ending not in FORMATS:
        raise UsageError(
            f"{path}: expected a file that ends in {', '.join(FORMATS)} (or .xz, .gz after it), got {ending!r}"
        )
    return FORMATS[ending](path)


def _csv(path: Path) -> Table:
    return _table(path, lambda lines: csv.reader(lines, strict=True))


def _tsv(path: Path) -> Table:
    return _table(path, lambda lines: csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _table(path: Path, open_reader: Callable[[Iterator[str]], Reader]) -> Table:
    csv.field_size_limit(sys.maxsize)  # Python's own limit of 128 KiB loses long texts
    reader = open_reader(io.StringIO(_text(path), newline=""))
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    for line, cells in _records(reader):
        if not header and not isinstance(cells, str):
            header = tuple(cells)
        elif isinstance(cells, str):
            rows.append((line, cells))
        elif len(cells) != len(header):
            rows.append((line, f"expected {len(header)} cells, got {len(cells)}"))
        else:
            rows.append((line, dict(zip(header, cells, strict=True))))
    return header, rows


def _records(reader: Reader) -> Iterator[tuple[int, list[str] | str]]:
    """Records with the line each starts on (a quoted cell may span lines), or what is wrong with them."""
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            span = f" (up to line {reader.line_num})" if reader.line_num > start else ""
            yield start, f"{error}{span}"
            continue
        if cells:
            yield start, cells


def _jsonl(path: Path) -> Table:
    rows: list[Row] = []
    columns: dict[str, None] = {}
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        row = _json_row(line)
        rows.append((number, row))
        columns.update(dict.fromkeys(row) if not isinstance(row, str) else {})
    return tuple(columns), rows


def _json_row(line: str) -> Mapping[str, object] | str:
    try:
        value = json.loads(line)
    except ValueError as error:
        return f"bad JSON: {error}"
    return value if isinstance(value, dict) else f"expected a JSON object, got {line.strip():.40}"


def _parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise MissingResource("reading Parquet needs a package: pip install 'turncoat[parquet]'") from error
    try:
        table: Any = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        raise BrokenData(f"{path}: not a Parquet file ({error})") from error
    return tuple(table.column_names), list(enumerate(table.to_pylist(), 1))


def _text(path: Path) -> str:
    """The file's text; bytes that are no UTF-8 become lone surrogates, so that only their row is lost."""
    return unpacked(path).removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")


FORMATS: dict[str, Callable[[Path], Table]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
