"""turncoat doctor"""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from turncoat.cli.screen import out


def doctor() -> None:
    """Say what this machine has, where, and what to run for the rest."""
    from turncoat.data.resources import survey

    table = Table("resource", "found", "where, or what to do", title="What turncoat can use here", title_justify="left")
    for resource in survey():
        mark = "[green]yes[/]" if resource.found else "[yellow]no[/]"
        table.add_row(resource.name, mark, escape(resource.where if resource.found else resource.remedy))
    out.print(table)
