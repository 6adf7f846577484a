"""Every metric of a run as a line of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from turncoat.evaluation.metrics import Spread, Summary
from turncoat.intervals import Interval
from turncoat.notation import MISSING, Write, cosine, decimal, ends, estimate, percent


@dataclass(frozen=True)
class Line:
    """One metric: what, over which examples, its value, its 95 % interval and how that was found."""

    measure: str
    over: str
    value: str
    interval: str
    method: str


def number_lines(summary: Summary) -> list[Line]:
    """The metrics of a run in reading order; "–" where there is nothing to measure."""
    attacked, everything = f"{summary.attacked} attacked", f"all {summary.n}"
    turned = f"{summary.successes} turned"
    lines = [
        _line("Success rate", attacked, summary.success_rate, percent),
        _line("Accuracy before the attack", everything, summary.clean_accuracy, percent),
        _line("Accuracy after the attack", everything, summary.after_attack_accuracy, percent),
        _line("Error after the attack (adv_error)", everything, summary.adv_error, percent),
        *_spread("Changed words", summary.words_changed, turned, attacked, decimal),
        *_spread("Changed share of words", summary.changed_share, turned, attacked, percent),
        _line("Changed share with punctuation (sub_rate), mean", turned, summary.sub_rate, percent),
        *_spread("Unique questions", summary.questions, turned, attacked, decimal),
        *_spread("Questions with repeats", summary.questions_logical, turned, attacked, decimal),
        *(
            _line(f"Turned within {budget:,} unique questions", attacked, share, percent)
            for budget, share in summary.success_at_budget.items()
        ),
    ]
    return lines + list(_similarity(summary))


def _line(measure: str, over: str, interval: Interval | None, write: Write) -> Line:
    method = interval.method if interval else "none: nothing to measure"
    return Line(measure, over, estimate(interval, write), ends(interval, write), method)


def _spread(measure: str, spread: Spread, turned: str, attacked: str, write: Write) -> Iterator[Line]:
    for over, average in ((turned, spread.successes), (attacked, spread.attacked)):
        yield _line(f"{measure}, mean", over, average.mean if average else None, write)
        yield _line(f"{measure}, median", over, average.median if average else None, write)


def _similarity(summary: Summary) -> Iterator[Line]:
    similarity = summary.similarity
    name = f"Similarity ({similarity.encoder})" if similarity.encoder else "Similarity"
    if similarity.missing:
        yield Line(name, f"{summary.successes} turned", MISSING, MISSING, f"none: {similarity.missing}")
        return
    over = f"{similarity.measured} of {summary.successes} turned"
    yield _line(f"{name}, mean", over, similarity.mean, cosine)
    yield _line(f"{name}, median", over, similarity.median, cosine)
    if similarity.min is not None:
        yield Line(f"{name}, least", over, cosine(similarity.min), MISSING, "")
