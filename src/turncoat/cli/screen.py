"""What commands share on the screen: consoles, progress, tables, and errors in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from turncoat.engine.meter import Meter
from turncoat.errors import MissingResource, TurncoatError, UsageError
from turncoat.evaluation.outcome import Outcome

if TYPE_CHECKING:
    from turncoat.evaluation.intervals import Interval
    from turncoat.evaluation.run import Run

out = Console()
err = Console(stderr=True)

EXIT_FAILED, EXIT_USAGE, EXIT_MISSING, EXIT_INTERRUPTED = 1, 2, 3, 130


@contextmanager
def plain_errors(saved: str = "") -> Iterator[None]:
    """Turn what turncoat raises into one line and an exit code; `saved` is said after Ctrl-C."""
    try:
        yield
    except TurncoatError as error:
        err.print("error:", style="bold red", end=" ")
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        code = (
            EXIT_USAGE if isinstance(error, UsageError) else EXIT_MISSING if isinstance(error, MissingResource) else 1
        )
        raise typer.Exit(code) from error
    except KeyboardInterrupt as interrupt:
        err.print(f"interrupted{': ' + saved if saved else ''}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(EXIT_INTERRUPTED) from interrupt


class AttackProgress:
    """A bar with time left, success rate so far and questions a second."""

    def __init__(self, total: int, meter: Meter) -> None:
        self._meter = meter
        self._attacked = self._successes = 0
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[state]}"),
            console=err,
            transient=True,
        )
        self._task = self._bar.add_task("attacking", total=total, state="")
        meter.on_answer = self._refresh

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def ended(self, outcome: Outcome) -> None:
        """Count one more outcome."""
        self._attacked += outcome.status != "skipped"
        self._successes += outcome.status == "success"
        self._bar.advance(self._task)
        self._refresh()

    def _refresh(self) -> None:
        asked = sum(self._meter.texts.get(kind, 0) for kind in ("Predict", "Decide"))
        elapsed = self._bar.tasks[0].elapsed or 0
        rate = f"{asked / elapsed:,.0f} questions/s" if elapsed > 0.5 else ""
        share = f"{self._successes / self._attacked:.1%} turned" if self._attacked else ""
        self._bar.update(self._task, state="  ".join(filter(None, (share, rate))))


class TrainingProgress:
    """A bar for each epoch, with the loss."""

    def __init__(self) -> None:
        columns = (TextColumn("[bold]training, epoch {task.fields[epoch]}"), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, TextColumn("loss {task.fields[loss]:.3f}"), console=err, transient=True)
        self._task = self._bar.add_task("", total=None, epoch=1, loss=0.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Show where training stands."""
        self._bar.update(self._task, completed=step, total=steps, epoch=epoch, loss=loss)


def print_summary(runs: Sequence[Run]) -> None:
    """One row a run: what it cost the victim and what it cost the attacker; success with its 95 % interval."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("attack")
    for column in ("success", "accuracy", "changed", "questions", "similarity"):
        table.add_column(column, justify="right")
    for run in runs:
        found = run.summary
        changed, questions = found.changed_share.successes, found.questions.attacked
        table.add_row(
            escape(run.attack),
            _percent(found.success_rate, ends=True),
            f"{_percent(found.clean_accuracy)} → {_percent(found.after_attack_accuracy)}",
            _percent(changed.mean if changed else None),
            f"{questions.median.estimate:,.0f}" if questions else "-",
            f"{found.similarity.mean.estimate:.3f}" if found.similarity.mean else "-",
        )
    out.print(table)
    out.print(
        "success: share of rightly read texts that were turned, 95 % interval; accuracy: before and after; changed: "
        "mean share of words in successes; questions: median a text; similarity: mean cosine in successes",
        style="dim",
    )


def _percent(share: Interval | None, ends: bool = False) -> str:
    if share is None:
        return "-"
    interval = f" [dim]{share.low:.0%}-{share.high:.0%}[/]" if ends and share.low is not None and share.high else ""
    return f"{share.estimate:.1%}{interval}"
