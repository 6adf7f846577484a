"""What commands share on the screen: consoles, progress, tables, and errors in one line."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from turncoat.engine.meter import Meter
from turncoat.errors import MissingResource, TurncoatError, UsageError
from turncoat.evaluation.outcome import Outcome
from turncoat.notation import IN_PERCENT, cosine, decimal, estimate, told

if TYPE_CHECKING:
    from turncoat.evaluation.run import Run

out = Console()
err = Console(stderr=True)

LINE_EVERY = 30.0  # seconds: how often a log, in which no bar can be drawn, is told how far things are

EXIT_FAILED, EXIT_USAGE, EXIT_MISSING, EXIT_INTERRUPTED = 1, 2, 3, 130


def tell(line: str) -> None:
    """Say it as it is, beside the output."""
    err.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def plain_errors(saved: str | Callable[[], str] = "") -> Iterator[None]:
    """Turn what turncoat raises into one line and an exit code; `saved`, or what it gives, is said after Ctrl-C."""
    try:
        yield
    except TurncoatError as error:
        err.print("error:", style="bold red", end=" ")
        tell(str(error))
        raise typer.Exit(_exit_code(error)) from error
    except KeyboardInterrupt as interrupt:
        kept = saved() if callable(saved) else saved
        tell(f"interrupted{': ' + kept if kept else ''}")
        raise typer.Exit(EXIT_INTERRUPTED) from interrupt


def _exit_code(error: TurncoatError) -> int:
    if isinstance(error, UsageError):
        return EXIT_USAGE
    return EXIT_MISSING if isinstance(error, MissingResource) else EXIT_FAILED


class _Lines:
    """What a bar would show, as a line now and then; nothing where bars are drawn."""

    def __init__(self) -> None:
        self._due = time.monotonic() + LINE_EVERY

    def tell(self, line: Callable[[], str]) -> None:
        if not err.is_terminal and time.monotonic() >= self._due:
            self._due = time.monotonic() + LINE_EVERY
            tell(line())


@contextmanager
def attack_progress(total: int, meter: Meter) -> Iterator[Callable[[Outcome], None]]:
    """A bar with time left, success rate so far and questions a second; yields what to call with each outcome.

    Where no bar can be drawn, a line now and then says the same; so it is with every bar here.
    """
    columns = (TextColumn("[bold]attacking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    ended: Counter[str] = Counter()
    lines = _Lines()
    with Progress(*columns, TextColumn("{task.fields[state]}"), console=err, transient=True) as bar:
        task = bar.add_task("", total=total, state="")

        def refresh() -> None:
            asked = sum(meter.texts.get(kind, 0) for kind in ("Predict", "Decide", "Answer", "Translate"))
            elapsed = bar.tasks[task].elapsed or 0
            attacked = ended["success"] + ended["failed"]
            share = f"{ended['success'] / attacked:.1%} turned" if attacked else ""
            rate = f"{asked / elapsed:,.0f} questions/s" if elapsed > 0.5 else ""
            state = "  ".join(filter(None, (share, rate)))
            bar.update(task, state=state)
            lines.tell(lambda: f"attacking: {ended.total()} of {total}  {state}")

        def count(outcome: Outcome) -> None:
            ended[outcome.status] += 1
            bar.advance(task)
            refresh()

        meter.on_answer = refresh
        yield count


@contextmanager
def training_progress() -> Iterator[Callable[[int, int, int, float], None]]:
    """A bar for each epoch, with the loss; yields what to call after each step: epoch, step, steps, loss."""
    columns = (TextColumn("[bold]training, epoch {task.fields[epoch]}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("loss {task.fields[loss]:.3f}"), console=err, transient=True) as bar:
        task, lines = bar.add_task("", total=None, epoch=1, loss=0.0), _Lines()

        def update(epoch: int, step: int, steps: int, loss: float) -> None:
            bar.update(task, completed=step, total=steps, epoch=epoch, loss=loss)
            lines.tell(lambda: f"training, epoch {epoch}: step {step} of {steps}, loss {loss:.3f}")

        yield update


@contextmanager
def stage_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A line for what is being done; yields what to call: what, how far, of how much (0 if nobody knows)."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task, lines = bar.add_task("", total=None), _Lines()

        def update(doing: str, done: int, total: int) -> None:
            bar.update(task, description=doing, completed=done, total=total or None)
            lines.tell(lambda: f"{doing}: {done}{f' of {total}' if total else ''}")

        yield update


def print_summary(runs: Sequence[Run]) -> None:
    """One row a run: what it cost the victim and what it cost the attacker; success with its 95 % interval."""
    table = Table(box=box.SIMPLE_HEAD)
    told_apart = len({run.attack for run in runs}) == len(runs)
    table.add_column("attack" if told_apart else "run")
    for column in ("success, %", "accuracy, %", "changed, %", "questions", "similarity"):
        table.add_column(column, justify="right")
    for run in runs:
        found = run.summary
        changed, questions = found.changed_share.successes, found.questions.attacked
        table.add_row(
            escape(run.attack if told_apart else run.name),
            told(found.success_rate, IN_PERCENT),
            f"{estimate(found.clean_accuracy, IN_PERCENT)} → {estimate(found.after_attack_accuracy, IN_PERCENT)}",
            estimate(changed.mean if changed else None, IN_PERCENT),
            estimate(questions.median if questions else None, decimal),
            estimate(found.similarity.mean, cosine),
        )
    out.print(table)
    out.print(
        "success: share of rightly read texts that were turned, 95 % interval; accuracy: before and after; changed: "
        "mean share of words in successes; questions: median a text; similarity: mean cosine in successes",
        style="dim",
    )
    for run in runs:
        _print_scale(run)


def _print_scale(run: Run) -> None:
    """The scale of the run's own task, F1 or BLEU, before and after; nothing for classifiers."""
    from turncoat.evaluation.quality import WRITERS
    from turncoat.evaluation.task_metrics import before_and_after, task_metrics

    scale = before_and_after(task_metrics(run))
    if scale is not None:
        name, *metrics = scale
        change = " → ".join(told(metric.interval, WRITERS[metric.unit]) for metric in metrics if metric.interval)
        out.print(f"{run.attack}: {name} {change}, {metrics[0].n} {metrics[0].of}", markup=False, highlight=False)
