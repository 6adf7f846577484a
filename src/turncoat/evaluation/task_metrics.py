"""What a run's task measures beyond success: F1 of readers, BLEU of translators; nothing of classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from turncoat.evaluation.quality import Metric
from turncoat.evaluation.reading_metrics import reading_metrics
from turncoat.evaluation.run import Run

if TYPE_CHECKING:
    from turncoat.evaluation.translation_metrics import Translated
    from turncoat.models.encoding import Encoder

TITLES = {"reading": "What became of the answers", "translation": "What became of the translations"}


def task_metrics(run: Run) -> tuple[Metric, ...]:
    """The metrics of the run's own task, from its outcomes alone; those that need a sentence encoder are not run."""
    if run.task == "reading":
        return reading_metrics(run.outcomes)
    return translated_metrics(run) if run.task == "translation" else ()


def translated_metrics(run: Run, encoder: Encoder | None = None) -> tuple[Metric, ...]:
    """The metrics of a run of translations; `encoder` is for the source texts and for the translations."""
    from turncoat.evaluation.translation_metrics import translation_metrics
    from turncoat.goals.corpus_bleu import tokeniser_for

    cases = translated(run)
    return translation_metrics(cases, encoder, encoder, run.encoder, tokeniser_for([case.reference for case in cases]))


def translated(run: Run) -> list[Translated]:
    """The attacked sentences of a run."""
    from turncoat.evaluation.translation_metrics import Translated

    return [
        Translated(
            id=outcome.id,
            reference=outcome.details["reference"],
            original=outcome.original,
            adversarial=outcome.adversarial,
            before=outcome.details["translation_before"],
            after=outcome.details["translation_after"],
            success=outcome.status == "success",
        )
        for outcome in run.outcomes
        if outcome.status != "skipped"
    ]


def before_and_after(metrics: Sequence[Metric]) -> tuple[str, Metric, Metric] | None:
    """The task's own scale, "F1" or "BLEU", before and after the attack; None if it has none or was not measured."""
    by_name = {metric.name: metric for metric in metrics if metric.interval}
    for scale in ("F1", "BLEU"):
        if f"{scale} before" in by_name:
            return scale, by_name[f"{scale} before"], by_name[f"{scale} after"]
    return None


def to_dicts(metrics: Sequence[Metric]) -> list[dict[str, Any]]:
    """Plain values for JSON, without the numbers of single examples: those are in the outcomes."""
    tables = [asdict(metric) | {"provenance": metric.provenance} for metric in metrics]
    return [{key: value for key, value in table.items() if key != "values"} for table in tables]
