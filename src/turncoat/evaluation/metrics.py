"""What a run achieved, in numbers with intervals.

N texts; N_c of them the victim read rightly; of these, those not yet at a target were attacked; N_s were turned.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome
from turncoat.intervals import Interval, mean, median, proportion
from turncoat.text import Text

Key = TypeVar("Key", str, tuple[int, int])

BUDGETS = (50, 100, 500, 1000, 5000)
MARK = re.compile(r"(\S)\1*")  # "?!" is two marks, "..." is one


@dataclass(frozen=True)
class Average:
    """Mean and median over examples."""

    mean: Interval
    median: Interval


@dataclass(frozen=True)
class Spread:
    """One measure over the successes, and over all attacked examples; None where there are no such examples."""

    successes: Average | None
    attacked: Average | None


@dataclass(frozen=True)
class Similarity:
    """Cosine of the sentence vectors of original and adversarial text, over the successes it was measured for.

    Attributes:
        encoder: name of the sentence encoder.
        measured: number of successes with a similarity.
        missing: why there are no numbers; "" if there are.
    """

    encoder: str | None
    measured: int
    mean: Interval | None
    median: Interval | None
    min: float | None
    missing: str


@dataclass(frozen=True)
class Turned:
    """How many successes went from one gold label to one new label."""

    gold: str
    to: str
    count: int


@dataclass(frozen=True)
class Summary:
    """The metrics of one run.

    Attributes:
        n: all examples; skipped + attacked.
        skipped: the victim was wrong from the start, or already at the target.
        clean_accuracy: N_c / N.
        after_attack_accuracy: (N_c - N_s) / N.
        adv_error: error over all examples after the attack, 1 - after_attack_accuracy.
        success_rate: N_s / attacked. Untargeted, that is N_s / N_c; targeted, the examples already at the target are
            no part of it.
        words_changed: changed words of a text.
        changed_share: changed words / words, punctuation not counted.
        sub_rate: mean over successes of changed words / (words and punctuation marks), as PWWS reports it.
        questions: unique questions to the victim; questions_logical counts repeats too.
        success_at_budget: share of the attacked that were turned with at most that many unique questions.
        turned: where the successes went, most frequent first.
        stopped: why failed searches stopped, most frequent first.
    """

    n: int
    skipped: int
    attacked: int
    successes: int
    clean_accuracy: Interval | None
    after_attack_accuracy: Interval | None
    adv_error: Interval | None
    success_rate: Interval | None
    words_changed: Spread
    changed_share: Spread
    sub_rate: Interval | None
    questions: Spread
    questions_logical: Spread
    success_at_budget: Mapping[int, Interval | None]
    similarity: Similarity
    turned: tuple[Turned, ...]
    stopped: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; budgets become strings, as JSON keys are."""
        table = asdict(self)
        table["success_at_budget"] = {str(budget): table["success_at_budget"][budget] for budget in BUDGETS}
        table["turned"] = list(table["turned"])
        return table


def summarise(outcomes: Sequence[Outcome], labels: Sequence[str], encoder: str | None = None) -> Summary:
    """All metrics of a run.

    Args:
        outcomes: one an example.
        labels: class names.
        encoder: name of the sentence encoder that measured the similarities; None if there was none.

    Raises:
        UsageError: an outcome has a label without a name.
    """
    attacked = [outcome for outcome in outcomes if outcome.status != "skipped"]
    successes = [outcome for outcome in attacked if outcome.status == "success"]
    standing = sum(map(stands, outcomes))
    return Summary(
        n=len(outcomes),
        skipped=len(outcomes) - len(attacked),
        attacked=len(attacked),
        successes=len(successes),
        clean_accuracy=proportion(sum(o.before == o.label for o in outcomes), len(outcomes)),
        after_attack_accuracy=proportion(standing, len(outcomes)),
        adv_error=proportion(len(outcomes) - standing, len(outcomes)),
        success_rate=proportion(len(successes), len(attacked)),
        words_changed=_spread(successes, attacked, lambda o: len(o.changes)),
        changed_share=_spread(successes, attacked, lambda o: o.changed_share),
        sub_rate=mean([_sub_rate(o) for o in successes]),
        questions=_spread(successes, attacked, lambda o: o.queries),
        questions_logical=_spread(successes, attacked, lambda o: o.queries_logical),
        success_at_budget={b: proportion(sum(o.queries <= b for o in successes), len(attacked)) for b in BUDGETS},
        similarity=_similarity(successes, encoder),
        turned=turned(successes, labels),
        stopped=dict(_ranked(Counter(o.reason for o in attacked if o.status == "failed"))),
    )


def stands(outcome: Outcome) -> bool:
    """Whether the victim is still right after the attack: it was right, and the attack did not succeed."""
    return outcome.before == outcome.label and outcome.status != "success"


def turned(outcomes: Sequence[Outcome], labels: Sequence[str]) -> tuple[Turned, ...]:
    """Where the successes went, most frequent first.

    Raises:
        UsageError: an outcome has a label without a name.
    """
    pairs = Counter((o.label, o.after) for o in outcomes if o.status == "success" and o.after is not None)
    return tuple(
        Turned(class_name(labels, gold), class_name(labels, to), count) for (gold, to), count in _ranked(pairs)
    )


def class_name(labels: Sequence[str], index: int) -> str:
    """Name of a class.

    Raises:
        UsageError: there is no such class.
    """
    if not 0 <= index < len(labels):
        raise UsageError(
            f"expected labels from 0 to {len(labels) - 1} ({', '.join(labels)}), got {index}; "
            "were the outcomes made with another data set?"
        )
    return labels[index]


def _spread(successes: Sequence[Outcome], attacked: Sequence[Outcome], measure: Callable[[Outcome], float]) -> Spread:
    return Spread(_average([measure(o) for o in successes]), _average([measure(o) for o in attacked]))


def _average(values: Sequence[float]) -> Average | None:
    centre, middle = mean(values), median(values)
    return Average(centre, middle) if centre and middle else None


def _sub_rate(outcome: Outcome) -> float:
    marks = sum(len(MARK.findall(gap)) for gap in Text(outcome.original).gaps)
    tokens = outcome.words + marks
    return len(outcome.changes) / tokens if tokens else 0.0


def _similarity(successes: Sequence[Outcome], encoder: str | None) -> Similarity:
    values = [o.similarity for o in successes if o.similarity is not None]
    missing = ""
    if not values:
        missing = "no example was turned" if not successes else "no sentence encoder measured it"
    return Similarity(encoder, len(values), mean(values), median(values), min(values, default=None), missing)


def _ranked(counts: Counter[Key]) -> list[tuple[Key, int]]:
    """Most frequent first; equally frequent ones in their own order."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
