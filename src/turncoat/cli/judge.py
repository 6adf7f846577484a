"""turncoat judge"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich import box
from rich.markup import escape
from rich.table import Table
from typer import Argument, Option

from turncoat.cli.options import Online
from turncoat.cli.screen import err, out, plain_errors, tell

if TYPE_CHECKING:
    from turncoat.evaluation.quality import Quality


def judge(
    folders: Annotated[list[Path], Argument(help="Run folders.")],
    encoders: Annotated[
        list[str] | None,
        Option("--encoder", help="Sentence encoder: a folder or hub name, or auto; may be given again."),
    ] = None,
    causal_lm: Annotated[
        str | None, Option("--causal-lm", help="Language model for perplexity: a folder or hub name, such as gpt2.")
    ] = None,
    masked_lm: Annotated[
        str | None, Option("--masked-lm", help="Masked language model for pseudo-perplexity: the same, or auto.")
    ] = None,
    victim: Annotated[str | None, Option(help="The victim's folder, if it was moved since.")] = None,
    drift: Annotated[float, Option(help="A turned text of smaller similarity has drifted from its meaning.")] = 0.8,
    online: Online = False,
) -> None:
    """Judge the turned texts of finished runs: similarity, fluency, grammar, validity.

    Writes quality.json into each run's folder, and its report anew. Judge by an encoder that the search did not use
    (`turncoat train-encoder`). What cannot be measured on this machine is listed as not run, with the reason.

    Examples:

    - `turncoat judge runs/pwws --encoder models/encoder`

    - `turncoat judge runs/pwws runs/cea --encoder models/encoder --causal-lm gpt2 --masked-lm auto --online`
    """
    from turncoat.evaluation.judging.panel import judge as judge_run
    from turncoat.evaluation.publishing import read_run
    from turncoat.evaluation.quality import FILE

    with plain_errors():
        for folder in folders:
            run = read_run(folder)
            with err.status(f"judging {escape(str(folder))}"):
                quality = judge_run(
                    run, encoders=encoders or (), causal_lm=causal_lm, masked_lm=masked_lm, victim=victim, drift=drift,
                    online=online,
                )  # fmt: skip
            out.print(escape(str(folder)), style="bold", soft_wrap=True)
            _show(quality)
            tell(f"kept in {folder / FILE}")


def _show(quality: Quality) -> None:
    """The numbers as a table whose last column points to what measured them, and what was not run."""
    from turncoat.evaluation.quality import quality_lines

    sources = list(dict.fromkeys(str(metric.source) for metric in quality.metrics if metric.source))
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("measure", overflow="fold")
    for column in ("over", "value", "95 % interval", "by"):
        table.add_column(column, justify="right", no_wrap=True)
    for metric, line in zip(quality.metrics, quality_lines(quality), strict=True):
        if metric.source:
            mark = f"[{sources.index(str(metric.source)) + 1}]"
            table.add_row(*map(escape, (line.measure, line.over, line.value, line.interval, mark)))
    if sources:
        out.print(table)
    notes = [f"[{number}] {source}" for number, source in enumerate(sources, 1)]
    for note in (*notes, *(f"{m.name}: {m.provenance}" for m in quality.metrics if m.not_run)):
        out.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)
