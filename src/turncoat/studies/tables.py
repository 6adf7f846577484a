"""Tables of a study, to be written as CSV and as Markdown and shown on the screen."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from turncoat.disk import write_file
from turncoat.evaluation.markdown import Markdown, tabulated
from turncoat.intervals import Interval
from turncoat.notation import fixed, told


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
        return told(self.interval, fixed(self.digits), self.mark)

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
        rows = ([Markdown(cell) if isinstance(cell, Number) else str(cell) for cell in row] for row in self.rows)
        notes = [f"{note}\n" for note in self.notes]
        return "\n".join([f"### {self.title}", "", tabulated(self.columns, rows), "", *notes])

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
