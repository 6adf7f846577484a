"""Attacking many examples of one task, keeping everything."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from turncoat.engine.meter import Meter
from turncoat.engine.query import Responders
from turncoat.engine.run import Task as Work
from turncoat.engine.run import run
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.evaluation.task import Task

OnOutcome = Callable[[Outcome], None]


class Identified(Protocol):
    """An example: whatever its task needs, and an id of its own."""

    @property
    def id(self) -> str: ...


Example = TypeVar("Example", bound=Identified)


def execute(
    dataset: Sequence[Example],
    task: Task[Example],
    responders: Responders,
    description: Mapping[str, Any],
    budget: int | None = None,
    live: int = 128,
    folder: RunFolder | None = None,
    on_outcome: OnOutcome = lambda outcome: None,
    meter: Meter | None = None,
) -> Run:
    """Attack every example that has no outcome in `folder` yet.

    Whatever ends this early (Ctrl-C, kill, a broken victim), outcomes that are finished stay on disk, and the same call
    goes on from there; unfinished examples start again.

    Args:
        budget: most unique questions to the victim an example.
        live: how many examples are under way at once; changes the speed, never an outcome.
        on_outcome: called with each outcome as it ends, and first with those found in the folder.
    """
    meter = meter or Meter()
    done: dict[str, Outcome] = {}
    start = time.perf_counter()
    with contextlib.ExitStack() as stack:
        keep: OnOutcome = lambda outcome: None  # noqa: E731
        if folder is not None:
            stack.enter_context(folder.locked())
            folder.begin(description)
            folder.repair()
            done = {outcome.id: outcome for outcome in folder.outcomes()}
            keep = stack.enter_context(folder.writing())
        for outcome in done.values():
            on_outcome(outcome)
        works = (Work(e.id, task.outcome(e), budget) for e in dataset if e.id not in done)
        for work, outcome in run(works, meter.measured(responders), live):
            done[work.name] = outcome
            keep(outcome)
            on_outcome(outcome)
    outcomes = tuple(done[example.id] for example in dataset)
    seconds = time.perf_counter() - start
    name = str(folder.path) if folder is not None else "run"
    return Run(name, description, task.labels, outcomes, folder, meter, seconds)
