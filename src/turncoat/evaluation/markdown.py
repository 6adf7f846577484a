"""Strings that nobody vouches for in Markdown, and tables of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from turncoat.evaluation.visible import visible

# What Markdown would read as more than a character: of underscores, those that are not within a word.
MARKS = re.compile(r"([\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_]))")


class Markdown(str):
    """Markdown of ours, such as a link: it stands in a table as it is."""

    __slots__ = ()


def plain(string: str) -> str:
    """On one line, with nothing that Markdown or HTML would act on."""
    marked = MARKS.sub(r"\\\1", " ".join(visible(string).split())).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub("^>", "&gt;", marked)  # only there is it a mark


def tabulated(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a line a row; all cells are plain but those that are `Markdown`."""
    head, *body = ([_cell(cell) for cell in row] for row in (columns, *rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(columns), *body))


def _cell(cell: str) -> str:
    return cell.replace("|", "\\|") if isinstance(cell, Markdown) else plain(cell)
