"""What happened, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.evaluation.comparison import Comparison
from turncoat.evaluation.metrics import Summary
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.notation import IN_PERCENT, MISSING, ends, percent

VERDICTS = {"classification": "verdict", "reading": "answer", "translation": "translation"}  # what an attack turns
ACCURACIES = {"classification": "Accuracy", "reading": "Right answers (F1 > 0)", "translation": "Translations kept"}


def headline(run: Run, summary: Summary) -> str:
    """The run in one sentence: how many verdicts turned, and at what cost."""
    if not summary.n:
        return f"{run.attack} has no outcome on {run.dataset} yet."
    if summary.success_rate is None:
        wrong = f"{run.victim} was wrong from the start" if run.target is None else "there was nothing to turn"
        return f"{run.attack} attacked none of {_count(summary.n, 'text')} of {run.dataset}: {wrong}."
    turned = str(summary.successes) if summary.successes else "none"
    goal = "" if run.target is None else f" to {run.target}"
    sentence = (
        f"{run.attack} turned {turned} of {_count(summary.attacked, VERDICTS[run.task])} of {run.victim}{goal} "
        f"({percent(summary.success_rate.estimate)}, 95 % interval {ends(summary.success_rate, IN_PERCENT)})"
    )
    words, questions = summary.words_changed.successes, summary.questions.successes
    if words is None or questions is None:
        return f"{sentence}."
    return (
        f"{sentence} with a median of {_count(words.median.estimate, 'changed word')} "
        f"and {_count(questions.median.estimate, 'question')}."
    )


def comparison_headline(comparison: Comparison, summaries: Sequence[Summary]) -> str:
    """The comparison in one sentence: of two runs their difference, of more what each turned."""
    if len(comparison.runs) > 2 or not comparison.differences:
        rates = [
            f"{name} turned {percent(summary.success_rate.estimate) if summary.success_rate else 'nothing'}"
            for name, summary in zip(comparison.runs, summaries, strict=True)
        ]
        return f"Of the verdicts they attacked on the same {_count(comparison.examples, 'text')}, {', '.join(rates)}."
    row = comparison.differences[0]
    near = ends(row.difference, _signed)
    interval = "" if near == MISSING else f", 95 % interval {near}"
    return (
        f"On {_count(row.n, 'example')} ({row.over}) the {row.measure} is {percent(row.first_mean)} for {row.first} "
        f"and {percent(row.second_mean)} for {row.second}: {_signed(row.difference.estimate)} points{interval}, "
        f"p = {row.p_holm:.2g} ({row.test}; Holm)."
    )


def most_striking(outcomes: Sequence[Outcome]) -> Outcome | None:
    """The success with the fewest changed words; of equals the most similar, then the first by id."""
    turned = [outcome for outcome in outcomes if outcome.status == "success" and outcome.changes]
    return min(turned, key=lambda o: (len(o.changes), -(o.similarity or 0.0), o.id), default=None)


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}" if number == 1 else f"{number:,.10g} {noun}s"
