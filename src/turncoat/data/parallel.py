"""Translations by name or from files of one's own: two text files with a sentence a line, or a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from turncoat.data.example import Fault, in_order
from turncoat.data.files import SURROGATE
from turncoat.data.originals import unpacked
from turncoat.data.rows import rows_of
from turncoat.data.translation import TranslationDataset, TranslationExample
from turncoat.errors import BrokenData, UsageError
from turncoat.registry import TRANSLATION_DATASETS

TABLES = (".csv", ".tsv", ".jsonl", ".parquet")

Pair = tuple[int, object, object]  # line counted from 1, text, reference


def read_translations(
    source: str,
    split: str = "test",
    text_column: str = "text",
    reference_column: str = "reference",
    strict: bool = False,
) -> TranslationDataset:
    """A named data set; a table file (.csv, .tsv, .jsonl, .parquet); or two text files, "SOURCE,REFERENCE".

    Text files have a sentence a line, as many in both. All may be .gz or .xz. Files are one split, whatever `split`
    says.

    Args:
        text_column, reference_column: for tables.
        strict: refuse data with unusable rows instead of leaving them out.

    Raises:
        UnknownName: neither a name nor files. UsageError: no such split, file or column.
        MissingResource: the data set is not on this machine.
        BrokenData: files of other lengths, or without a usable row; or, if `strict`, with an unusable one.
    """
    if "," in source:
        first, _, second = source.partition(",")
        return read_parallel(Path(first.strip()), Path(second.strip()), strict)
    if is_translations_file(source):
        return read_table(Path(source), text_column, reference_column, strict)
    return TRANSLATION_DATASETS.get(source)(split)  # type: ignore[no-any-return]


def is_translations_file(source: str) -> bool:
    """Whether the source names files rather than a registered data set."""
    return "," in source or any(suffix in TABLES for suffix in Path(source).suffixes)


def read_parallel(source: Path, reference: Path, strict: bool = False) -> TranslationDataset:
    """Two text files, line by line; see `read_translations`."""
    texts, references = _lines(source), _lines(reference)
    if len(texts) != len(references):
        raise BrokenData(
            f"expected as many lines in both files, got {len(texts)} in {source} and {len(references)} in {reference}"
        )
    pairs = zip(range(1, len(texts) + 1), texts, references, strict=True)
    return _dataset(source, pairs, f"{source} and {reference}", strict, [])


def read_table(
    path: Path, text_column: str = "text", reference_column: str = "reference", strict: bool = False
) -> TranslationDataset:
    """A table with a column for each side; see `read_translations`."""
    columns, rows = rows_of(path)
    for column in (text_column, reference_column):
        if column not in columns:
            raise UsageError(f"{path} has no column {column!r} (it has: {', '.join(map(repr, columns)) or 'none'})")
    faults = [Fault(path.name, line, cells) for line, cells in rows if isinstance(cells, str)]
    whole = ((line, cells) for line, cells in rows if not isinstance(cells, str))
    pairs = ((line, cells.get(text_column), cells.get(reference_column)) for line, cells in whole)
    return _dataset(path, pairs, str(path), strict, faults)


def _dataset(path: Path, pairs: Iterable[Pair], source: str, strict: bool, faults: list[Fault]) -> TranslationDataset:
    examples = []
    for line, text, reference in pairs:
        if why := _why_unusable(text, "text") or _why_unusable(reference, "reference"):
            faults.append(Fault(path.name, line, why))
        else:
            name = f"{path.name.partition('.')[0]}-{line:05d}"
            examples.append(TranslationExample(name, str(text).strip(), str(reference).strip()))
    return TranslationDataset(path.name, tuple(examples), in_order(path, faults, len(examples), strict), source)


def _why_unusable(cell: object, what: str) -> str:
    if not isinstance(cell, str):
        return f"the {what} is {'missing' if cell is None else f'a {type(cell).__name__}, not a string'}"
    if not cell.strip():
        return f"the {what} is empty"
    return f"the {what} is not UTF-8" if SURROGATE.search(cell) else ""


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise UsageError(f"expected a text file at {path}, found none")
    return [*_split(unpacked(path).removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape"))]


def _split(content: str) -> Iterator[str]:
    """Lines, empty ones too, but for what follows the last line end; "\\r\\n" ends a line as well."""
    lines = content.split("\n")
    yield from (line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines))
