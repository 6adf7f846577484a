"""turncoat rate kit | score | size | approve"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from typer import Argument, Option

from turncoat.cli.rate_approve import approve
from turncoat.cli.screen import err, out, plain_errors
from turncoat.disk import write_file
from turncoat.errors import UsageError
from turncoat.notation import fixed, told

rate = typer.Typer(help="Let people rate what an attack wrote, and score what they said.", no_args_is_help=True)
rate.command()(approve)


@rate.command()
def kit(
    run: Annotated[Path, Argument(help="A run folder.")],
    folder: Annotated[Path, Option("--out", "-o", help="Where the kit goes.")],
    items: Annotated[int, Option(help="Successes to rate.")] = 100,
    controls: Annotated[int, Option(help="Untouched texts mixed in (fluency, label).")] = 25,
    raters: Annotated[int, Option(help="Sheets to make, each in its own order.")] = 3,
    tasks: Annotated[str, Option(help="Of fluency, consistency and label, with commas.")] = "fluency,consistency",
    source: Annotated[
        str | None, Option(help='Split results by whether this word source has the new words, such as "sememes".')
    ] = None,
    seed: Annotated[int, Option(help="Decides what is drawn, and the orders.")] = 0,
) -> None:
    """Write blinded sheets, instructions and a key.

    Examples:

    - `turncoat rate kit runs/cea --out kits/cea`

    - `turncoat rate kit runs/cea --out kits/cea --items 50 --tasks consistency,label --source sememes`
    """
    from turncoat.evaluation.publishing import read_run
    from turncoat.evaluation.rating.origins import origin
    from turncoat.evaluation.rating.sheets import TASKS, draw_units, write_kit

    with plain_errors():
        wanted = [task for task in TASKS if task in tasks.split(",")]
        if unknown := set(tasks.split(",")) - set(TASKS):
            raise UsageError(f"expected tasks among {', '.join(TASKS)}, got {', '.join(sorted(unknown))}")
        found = read_run(run)
        stratum = origin(source) if source else (lambda outcome: "")
        units = draw_units(found.outcomes, found.labels, items, controls, wanted, seed, stratum)
        write_kit(units, folder, raters, found.labels, seed)
        drawn = len({unit.id for unit in units if unit.adversarial})
        err.print(f"{drawn} successes in {folder}: give each rater a sheet and instructions.md, never key.json")


@rate.command()
def score(folder: Annotated[Path, Argument(help="A kit whose sheets were filled in.")]) -> None:
    """Score the filled sheets; writes scores.json beside them.

    Example: `turncoat rate score kits/cea`
    """
    from turncoat.evaluation.rating.agreement import RELIABLE
    from turncoat.evaluation.rating.scoring import score_kit

    with plain_errors():
        results = score_kit(folder)
        table = Table("task", "stratum", "units", "attacked", "untouched", "unnatural", "alpha", box=box.SIMPLE_HEAD)
        for result in results:
            cells = (result.adversarial, result.control, result.unnatural)
            alpha = result.agreement.alpha if result.agreement else None
            numbers = [told(cell, fixed(2)) for cell in (*cells, alpha)]
            table.add_row(result.task, result.stratum or "all", str(result.units), *numbers)
            if alpha is not None and not alpha.estimate >= RELIABLE:
                err.print(f"{result.task}: alpha below {RELIABLE}: these ratings are unreliable", highlight=False)
        out.print(table)
        content = json.dumps([_plain(asdict(result)) for result in results], indent=2, allow_nan=False)
        write_file(content + "\n", folder / "scores.json")


@rate.command()
def size(
    difference: Annotated[float, Option(help="Smallest difference of mean ratings that must not be missed.")] = 0.5,
    deviation: Annotated[float, Option(help="Standard deviation of the ratings within a group.")] = 1.0,
    power: Annotated[float, Option(help="Probability of finding it.")] = 0.8,
) -> None:
    """How many texts each of two groups needs, by a two-sided 5 % test.

    Example: `turncoat rate size --difference 0.5 --deviation 1.2`
    """
    from turncoat.evaluation.rating.scoring import units_needed

    with plain_errors():
        out.print(f"{units_needed(difference, deviation, power)} texts a group", highlight=False)


def _plain(value: Any) -> Any:
    """JSON knows no NaN."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
