"""Tables of a study, to be written as CSV and as Markdown and shown on the screen."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from turncoat.intervals import Interval
from turncoat.rules.storing import write_file

MISSING = "–"


@dataclass(frozen=True)
class Number:
    """A number with its 95 % interval.

    Attributes:
        interval: of a number that may be missing (None, or an estimate of NaN).
        digits: behind the point.
        mark: what to beware of; behind the number.
    """

    interval: Interval | None
    digits: int = 3
    mark: str = ""

    def __str__(self) -> str:
        estimate, ends = self.parts(" to ")
        return f"{estimate} ({ends})" if ends else estimate

    def parts(self, between: str) -> tuple[str, str]:
        """The number with its mark, and its interval ("" if there is none)."""
        found = self.interval
        if found is None or math.isnan(found.estimate):
            return MISSING, ""
        estimate = f"{found.estimate:.{self.digits}f}{self.mark}"
        if found.low is None or found.high is None:
            return estimate, ""
        return estimate, f"{found.low:.{self.digits}f}{between}{found.high:.{self.digits}f}"

    def cells(self) -> list[str]:
        """Estimate, low and high end, mark; empty where they are missing."""
        found = self.interval
        if found is None or math.isnan(found.estimate):
            return ["", "", "", "missing"]
        return [
            *("" if end is None else repr(float(end)) for end in (found.estimate, found.low, found.high)),
            self.mark,
        ]


Cell = Number | str | int


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns.

    Attributes:
        name: for its files.
        title: what it shows, of what.
        columns: as many as a row has cells.
        rows: the cells.
        notes: what must be known to read it.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Title, table and notes."""
        lines = ["| " + " | ".join(map(_escaped, row)) + " |" for row in (self.columns, *self.rows)]
        rule = "|" + " --- |" * len(self.columns)
        notes = [f"{note}\n" for note in self.notes]
        return "\n".join([f"### {self.title}", "", lines[0], rule, *lines[1:], "", *notes])

    def csv(self) -> str:
        """A header and the rows; where a column holds numbers, it has three more: low and high end, and mark."""
        wide = [any(isinstance(row[i], Number) for row in self.rows) for i in range(len(self.columns))]
        header = (
            [column, *(f"{column}, {more}" for more in ("low", "high", "mark"))] if wide[i] else [column]
            for i, column in enumerate(self.columns)
        )
        lines = [[*chain.from_iterable(header)]]
        for row in self.rows:
            lines.append([*chain.from_iterable(_cells(cell, wide[i]) for i, cell in enumerate(row))])
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows(lines)
        return file.getvalue()

    def write(self, folder: Path) -> None:
        """Write NAME.csv and NAME.md."""
        write_file(self.csv(), folder / f"{self.name}.csv")
        write_file(self.markdown(), folder / f"{self.name}.md")


def _cells(cell: Cell, wide: bool) -> list[str]:
    if isinstance(cell, Number):
        return cell.cells()
    return [str(cell), "", "", ""] if wide else [str(cell)]


def _escaped(cell: Cell) -> str:
    return str(cell).replace("|", "\\|")
