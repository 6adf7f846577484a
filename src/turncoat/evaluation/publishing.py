"""Writing what a run says: its summary and its report."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from turncoat.disk import write_file
from turncoat.errors import UsageError
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.report import render, render_comparison
from turncoat.evaluation.run import Run
from turncoat.evaluation.task_metrics import task_metrics, to_dicts


def read_run(path: Path) -> Run:
    """A run from its folder, finished or not.

    Raises:
        UsageError: this is no run folder, or no example has ended yet.
    """
    folder = RunFolder(path)
    description, outcomes = folder.description(), folder.outcomes()
    if not outcomes:
        raise UsageError(f"{path}: no example has ended yet; continue the run first")
    labels = tuple(description["config"]["victim"]["labels"])
    return Run(str(path), description, labels, tuple(sorted(outcomes, key=lambda o: o.id)), folder)


def publish(run: Run, path: Path | None = None) -> Path:
    """Write summary.json and the report, and return the report's path.

    Args:
        path: of the report; None for report.html in the run's folder.

    Raises:
        UsageError: the run was not kept in a folder.
    """
    if run.folder is None:
        raise UsageError("expected a run with a folder; attack with out=... to keep it")
    table, metrics = run.summary.to_dict(), task_metrics(run)
    if metrics:
        table[run.task] = to_dicts(metrics)
    run.folder.write("summary.json", json.dumps(table, indent=2) + "\n")
    page = path or run.folder.path / "report.html"
    write_file(render(run, run.summary, metrics), page)
    return page


def compare(runs: Sequence[Run], path: Path, common: bool = False) -> Path:
    """Write one page that compares runs on the same examples.

    Raises:
        UsageError: their examples differ, and `common` is not given.
    """
    write_file(render_comparison(named_apart(runs), common), path)
    return path


def named_apart(runs: Sequence[Run]) -> list[Run]:
    """The runs named by the part of their folders in which they differ; refused later if two are the same folder."""
    folders = [os.path.abspath(run.name) for run in runs]
    shared = os.path.commonpath([os.path.dirname(folder) for folder in folders])
    return [replace(run, name=os.path.relpath(folder, shared)) for run, folder in zip(runs, folders, strict=True)]
