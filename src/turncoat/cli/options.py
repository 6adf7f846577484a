"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

from typer import Option

TextColumn = Annotated[str, Option(help="Column of a data file.")]
LabelColumn = Annotated[str, Option(help="Column of a data file.")]
Strict = Annotated[bool, Option("--strict", help="Refuse a data file that has broken rows.")]
Online = Annotated[bool, Option("--online", help="Allow downloads from the hub.")]
