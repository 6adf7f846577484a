"""What an attack on a reader achieved: F1 and exact match before and after, and where its wrong answers stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import Metric, Source
from turncoat.intervals import mean, proportion

QUESTIONS = "questions"
SCORER = Source("F1 and exact match as SQuAD v1.1 defines them, by the nearest gold answer")
PLACE = Source("characters that the answer shares with the added sentence")


def reading_metrics(outcomes: Sequence[Outcome]) -> tuple[Metric, ...]:
    """All metrics of a run.

    F1 and exact match are over all questions, those answered wrongly from the start included, each with the text that
    its search ended in (Jia and Liang, EMNLP 2017: the adversarial set); an attack that has no sentence for a question
    leaves its paragraph alone. A wrong answer has F1 = 0.
    """
    if not outcomes:
        return (Metric("F1 before", not_run="no question was asked"),)
    return (*_scores(outcomes), *_places(outcomes))


def _scores(outcomes: Sequence[Outcome]) -> Iterator[Metric]:
    n = len(outcomes)
    f1 = {when: _values(outcomes, f"f1_{when}") for when in ("before", "after")}
    drops = {name: _number(f1["before"][name] - f1["after"][name]) for name in f1["before"]}
    for name, values in (("F1 before", f1["before"]), ("F1 after", f1["after"]), ("F1 drop", drops)):
        yield Metric(name, mean(list(values.values())), SCORER, n, QUESTIONS, "share", values=values)
    for when in ("before", "after"):
        values = _values(outcomes, f"exact_{when}")
        hits = int(sum(values.values()))
        yield Metric(f"exact match {when}", proportion(hits, n), SCORER, n, QUESTIONS, "share", values=values)


def _places(outcomes: Sequence[Outcome]) -> Iterator[Metric]:
    """Of answers that are wrong after the attack, those that touch the added sentence."""
    added = [outcome for outcome in outcomes if outcome.details["sentence"]]
    share = proportion(len(added), len(outcomes))
    yield Metric("questions with an added sentence", share, PLACE, len(outcomes), QUESTIONS, "share")
    wrong = [outcome for outcome in added if outcome.details["f1_after"] == 0]
    turned = [outcome for outcome in wrong if outcome.status == "success"]
    for of, among in (("wrong answers", wrong), ("turned answers", turned)):
        name = f"{of} touching the added sentence"
        share = proportion(sum(outcome.details["in_sentence"] for outcome in among), len(among))
        if share is None:
            yield Metric(name, not_run=f"there are no {of} with an added sentence")
        else:
            yield Metric(name, share, PLACE, len(among), of, "share")


def _values(outcomes: Sequence[Outcome], detail: str) -> dict[str, float]:
    return {outcome.id: _number(outcome.details[detail]) for outcome in outcomes}


def _number(value: Any) -> float:
    return round(float(value), 6)
