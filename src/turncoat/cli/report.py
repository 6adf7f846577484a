"""turncoat report"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from turncoat.cli.screen import err, plain_errors, print_summary, tell


def report(
    folders: Annotated[list[Path], Argument(help="Run folders.")],
    out: Annotated[
        Path | None,
        Option(
            "--out",
            "-o",
            help="HTML file; default: report.html in the folder of a single run, comparison.html here for several.",
        ),
    ] = None,
    common: Annotated[
        bool, Option("--common", help="Compare runs whose examples differ on the examples they share.")
    ] = False,
) -> None:
    """Write the report of one run, or compare several on the same examples.

    Comparisons use McNemar's exact test and paired bootstrap, corrected after Holm.

    Examples:

    - `turncoat report runs/pwws`

    - `turncoat report runs/pwws runs/cea-min --out comparison.html`
    """
    from turncoat.evaluation.publishing import compare, named_apart, publish, read_run

    with plain_errors():
        with err.status("computing intervals"):
            runs = [read_run(folder) for folder in folders]
            one = len(runs) == 1
            path = publish(runs[0], out) if one else compare(runs, out or Path("comparison.html"), common=common)
            print_summary(runs if one else named_apart(runs))
        tell(f"report: {path}")
