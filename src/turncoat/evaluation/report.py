"""Reports: one HTML file each, with all it needs inside and nothing fetched."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from turncoat.evaluation.comparison import aligned, compare_aligned
from turncoat.evaluation.diffing import pieces, shorten
from turncoat.evaluation.headline import ACCURACIES, VERDICTS, comparison_headline, headline, most_striking
from turncoat.evaluation.metrics import Summary, summarise
from turncoat.evaluation.number_table import number_lines
from turncoat.evaluation.plots import success_by_changed_words, success_by_questions, turned_labels
from turncoat.evaluation.quality import WRITERS as UNIT_WRITERS
from turncoat.evaluation.quality import Metric, metric_line, read_quality
from turncoat.evaluation.rows import row
from turncoat.evaluation.run import Run
from turncoat.evaluation.substitution_table import substitutions
from turncoat.evaluation.task_metrics import TITLES, before_and_after, task_metrics
from turncoat.evaluation.telling import told
from turncoat.evaluation.visible import visible
from turncoat.notation import cosine, decimal, ends, p_value, percent, points

if TYPE_CHECKING:
    from jinja2 import Environment

WRITERS = {"percent": percent, "decimal": decimal, "cosine": cosine}
COMPARED = {  # how a measure and its difference are written
    "success rate": (percent, points),
    "after-attack accuracy": (percent, points),
    "unique questions": (decimal, decimal),
    "changed share of words": (percent, points),
    "similarity": (cosine, cosine),
}


def render(run: Run, summary: Summary | None = None, metrics: Sequence[Metric] | None = None) -> str:
    """The report of one run.

    Args:
        run: what to report.
        summary: its metrics, if they were computed before (thousands of examples take seconds).
        metrics: those of its task, likewise.

    Raises:
        UsageError: an outcome has a label without a name.
    """
    summary = summary or summarise(run.outcomes, run.labels, run.encoder)
    metrics = task_metrics(run) if metrics is None else metrics
    example, quality = most_striking(run.outcomes), _quality(run)
    judged = {metric.name for metric in quality if metric.interval}
    curves = {run.name: run.outcomes}
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            summary=summary,
            headline=headline(run, summary),
            example=example,
            example_row=row(example, run.labels) if example else None,
            example_pieces=shorten(pieces(example)) if example else (),
            example_told=told(example) if example else (),
            verdict=VERDICTS[run.task],
            accuracy=ACCURACIES[run.task],
            scale=before_and_after(metrics),
            lines=number_lines(summary),
            task_title=TITLES.get(run.task),
            task_lines=[metric_line(metric) for metric in metrics if metric.interval or metric.name not in judged],
            quality=[metric_line(metric) for metric in quality],
            plots=[Markup(plot(curves)) for plot in (success_by_questions, success_by_changed_words)],  # noqa: S704
            confusion=Markup(turned_labels(run.outcomes, run.labels)),  # noqa: S704
            substitutions=substitutions(run.outcomes),
            rows=[row(outcome, run.labels) for outcome in run.outcomes],
            labels=[visible(label) for label in run.labels],
            description=flatten(run.description),
        )
    )


def render_comparison(runs: Sequence[Run], common: bool = False) -> str:
    """The report of several runs on the same examples; see `compare`.

    Raises:
        UsageError: the runs were not made on the same examples; the message shows what differs.
    """
    shared, left_out = aligned(runs, common)
    comparison = compare_aligned(shared, left_out)
    summaries = [summarise(run.outcomes, run.labels, run.encoder) for run in shared]
    curves = {run.name: run.outcomes for run in shared}
    return (
        _environment()
        .get_template("comparison.html.j2")
        .render(
            runs=shared,
            comparison=comparison,
            writers=COMPARED,
            headline=comparison_headline(comparison, summaries),
            summaries=summaries,
            plots=[Markup(plot(curves)) for plot in (success_by_questions, success_by_changed_words)],  # noqa: S704
            descriptions=[flatten(run.description) for run in shared],
        )
    )


def fill(template: str, **values: Any) -> str:
    """A page of another study, from one of the templates of this room: strings are escaped, `Markup` is not."""
    return _environment().get_template(template).render(**values)


def flatten(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """The leaves of nested tables as (dotted key, value), in order."""
    leaves: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            leaves += flatten(value, f"{prefix}{key}.")
        else:
            leaves.append(
                (prefix + key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
            )
    return leaves


def _quality(run: Run) -> tuple[Metric, ...]:
    """What judges say of these outcomes; nothing if none were asked."""
    quality = None if run.folder is None else read_quality(run.folder.path, run.outcomes)
    return () if quality is None else quality.metrics


@cache
def _environment() -> Environment:
    """Templates that escape everything, spell out hidden characters, and stop at an unknown name."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("turncoat.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_show,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates = files("turncoat.evaluation") / "templates"
    style, script = ((templates / name).read_text(encoding="utf-8") for name in ("style.css", "table.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {
        "style": Markup(style),  # noqa: S704
        "script": Markup(script),  # noqa: S704
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
        **WRITERS,
    }
    environment.globals["unit_writers"] = UNIT_WRITERS
    environment.filters |= {"ends": ends, "p_value": p_value, **WRITERS}
    return environment


def _show(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
