"""What a hardening cost and gained, for people: a page, a table, a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from turncoat.evaluation.environment import environment
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.report import flatten
from turncoat.models.victim import decide
from turncoat.notation import IN_PERCENT, decimal, estimate, p_value, told
from turncoat.studies.hardening.plot import Point, robustness
from turncoat.studies.hardening.rows import CLEAN, MODELS, QUESTIONS, STANDING, Model, Row
from turncoat.studies.hardening.run import Hardened
from turncoat.studies.page import Page, Section
from turncoat.text import Text

RIVALS: Mapping[Model, str] = {"before": "the victim", "control": "retraining alone"}
SHOWN = 10  # old texts

HOW_TO_READ = (
    "Each cell: estimate (95 % interval), number of texts. The attacks were run again on each model, with the same "
    "examples and seed. The control is the same training once more, with another seed and no hardening: what it gains, "
    "hardening did not. Old texts: share of the victim's adversarial texts that turn a new model too, which says "
    "little of what a fresh attack finds. Tests: McNemar, exact, on the same examples; p corrected by Holm for all "
    "tests of the table. They hold for these three models: how much two trainings of one kind differ is not in them."
)


def publish(done: Hardened) -> tuple[str, str]:
    """Write report.html, report.md and hardening.json beside the hardened model; gives the paths of the first two."""
    folder, made = RunFolder(done.folder), page(done)
    folder.write("hardening.json", json.dumps(_numbers(done), indent=2, ensure_ascii=False) + "\n")
    return str(folder.write("report.html", made.html())), str(folder.write("report.md", made.markdown()))


def page(done: Hardened) -> Page:
    """The report."""
    parent = done.about["parent"]["name"]
    return Page(
        f"{parent}, hardened by {done.plan.method}",
        headline(done.rows),
        (
            Section("Before and after", table(done.rows), HOW_TO_READ, robustness([*_points(done.rows)])),
            Section("Differences", contrasts(done.rows), "Hardened minus the other model, in percentage points."),
            Section("Cost", costs(done), "Seconds: wall time on this machine, measured once, without an interval."),
            Section(
                "Old texts", old_texts(done),
                f"The first {SHOWN} texts that turned the victim, and what the new models say of them.",
            ),
            Section("How it was done", [{"what": key, "value": value} for key, value in flatten(_told(done))]),
        ),
    )  # fmt: skip


def headline(rows: Sequence[Row]) -> str:
    """One sentence an attack, and one on clean texts."""
    sentences = [_sentence(row, f"Under {row.attack}") for row in rows if row.measure == STANDING]
    return " ".join([*sentences, *(_sentence(row, "On clean texts") for row in rows if row.measure == CLEAN)])


def _sentence(row: Row, where: str) -> str:
    found = {model: estimate(row.cells.get(model), IN_PERCENT) for model in MODELS}
    against = " and ".join(f"{row.verdict(other)} against {name}" for other, name in RIVALS.items())
    return (
        f"{where} {found['hardened']} % are read rightly, by the victim {found['before']} %, by the control "
        f"{found['control']} %: {against}."
    )


def table(rows: Sequence[Row]) -> list[dict[str, str]]:
    """A line a measure."""
    return [
        {
            "attack": row.attack or "none",
            "measure": row.measure + ("" if row.measure == QUESTIONS else ", %"),
            **{model: cell(row, model) for model in MODELS},
            **{f"against {name}": row.verdict(other) for other, name in RIVALS.items()},
            "over": row.over,
        }
        for row in rows
    ]


def contrasts(rows: Sequence[Row]) -> list[dict[str, str]]:
    """A line a paired test."""
    return [
        {
            "attack": row.attack or "none",
            "measure": row.measure,
            "against": RIVALS[each.other],
            "texts": str(row.counts["hardened"]),
            "difference": told(each.difference, IN_PERCENT),
            "p": p_value(each.p),
            "p (Holm)": p_value(each.p_holm),
        }
        for row in rows
        for each in row.contrasts
    ]


def costs(done: Hardened) -> list[dict[str, str]]:
    """A line a part."""
    return [
        {
            "part": cost.part,
            "texts": f"{cost.texts:,}",
            "adversarial texts made": "" if cost.added is None else f"{cost.added:,}",
            "questions a text, mean": told(cost.questions, decimal) if cost.questions else "",
            "seconds": f"{cost.seconds:,.0f}",
        }
        for cost in done.costs
    ]


def old_texts(done: Hardened) -> list[dict[str, str]]:
    """The first texts that turned the victim, with the verdicts of all models."""
    labels = done.models["before"].labels
    old = [(run, o) for run in done.runs["before"] for o in run.outcomes if o.status == "success"][:SHOWN]
    if not old:
        return []
    said = {model: decide(done.models[model], [[Text(o.adversarial) for _, o in old]])[0] for model in MODELS}
    return [
        {
            "attack": run.attack,
            "text": outcome.adversarial,
            "changed": ", ".join(f"{change.old} → {change.new}" for change in outcome.changes),
            "truth": labels[outcome.label],
            **{model: labels[said[model][i]] for model in MODELS},
        }
        for i, (run, outcome) in enumerate(old)
    ]


def _points(rows: Sequence[Row]) -> Iterator[Point]:
    clean = next(row for row in rows if row.measure == CLEAN)
    for row in rows:
        for model in MODELS if row.measure == STANDING else ():
            accuracy, robust = clean.cells[model], row.cells[model]
            if accuracy and robust:
                yield Point(model, row.attack, accuracy, robust)


def _told(done: Hardened) -> dict[str, Any]:
    fingerprints = {model: victim.fingerprint for model, victim in done.models.items()}
    return {**done.about, "fingerprints": fingerprints, "environment": environment()}


def _numbers(done: Hardened) -> dict[str, Any]:
    return {
        "rows": [asdict(row) | {"verdicts": {other: row.verdict(other) for other in RIVALS}} for row in done.rows],
        "costs": [asdict(cost) for cost in done.costs],
        "about": _told(done),
    }


def cell(row: Row, model: Model) -> str:
    """Estimate (95 % interval), number of texts."""
    interval = row.cells.get(model)
    if interval is None:
        return "all of them" if model not in row.cells else "nothing to measure"
    return f"{told(interval, decimal if row.measure == QUESTIONS else IN_PERCENT)}, {row.counts[model]}"
