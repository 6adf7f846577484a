"""turncoat names"""

from __future__ import annotations

from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from turncoat.cli.screen import out
from turncoat.errors import TurncoatError
from turncoat.registry import (
    ATTACKS,
    DATASETS,
    READING_ATTACKS,
    READING_DATASETS,
    SUBSTITUTIONS,
    TRANSLATION_DATASETS,
    VICTIMS,
    Registry,
)

REGISTRIES: tuple[Registry[Any], ...] = (
    ATTACKS, DATASETS, VICTIMS, SUBSTITUTIONS, READING_ATTACKS, READING_DATASETS, TRANSLATION_DATASETS
)  # fmt: skip


def names() -> None:
    """List the attacks, data sets, victims and word sources (`--candidates`) that can be named, plug-ins included."""
    table = Table("kind", "name", "what it is", box=box.SIMPLE_HEAD)
    for registry in REGISTRIES:
        for name in registry.names():
            table.add_row(registry.kind, escape(name), escape(_about(registry, name)))
    out.print(table)


def _about(registry: Registry[Any], name: str) -> str:
    """First line of the entry's docstring, or why a plug-in cannot be loaded."""
    try:
        return (registry.get(name).__doc__ or "").strip().split("\n")[0]
    except TurncoatError as error:
        return str(error)
