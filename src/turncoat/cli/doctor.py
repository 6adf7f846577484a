"""turncoat doctor"""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table

from turncoat.cli.screen import out


def doctor() -> None:
    """Say what this machine has, where, and what to run for the rest."""
    from turncoat.data.resources import survey

    table = Table("resource", "found", box=box.SIMPLE_HEAD)
    table.add_column("where, or what to do", overflow="fold")
    for resource in survey():
        mark = "[green]yes[/]" if resource.found else "[yellow]no[/]"
        table.add_row(resource.name, mark, escape(resource.where if resource.found else resource.remedy))
    out.print(table)
