"""What a defence is worth and what it costs: clean accuracy, flags, and attacks asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.data.example import Dataset
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.significance import mcnemar
from turncoat.intervals import Interval, proportion
from turncoat.models.defended import Defended, chunks_of, right
from turncoat.models.frequency_guard import FrequencyGuard
from turncoat.models.victim import Victim, decide
from turncoat.text import Text


@dataclass(frozen=True)
class CleanCost:
    """Accuracy without and with a defence, on the same clean examples.

    Attributes:
        n: examples.
        before, after: accuracy without and with the defence.
        broken: read rightly without it only; repaired: with it only.
        p: McNemar's exact two-sided p.
    """

    n: int
    before: Interval | None
    after: Interval | None
    broken: int
    repaired: int
    p: float


@dataclass(frozen=True)
class AskedAgain:
    """What another victim makes of the texts that turned one.

    Attributes:
        asked: successes asked about.
        turned: ids of those that it misreads too.
        rate: turned / asked.
    """

    asked: int
    turned: tuple[str, ...]
    rate: Interval | None


@dataclass(frozen=True)
class Flags:
    """How a guard tells adversarial texts from clean ones.

    Attributes:
        attacked: examples attacked; adversarial: texts that turned the verdict; clean: texts that nobody attacked.
        found: share of the adversarial texts that are flagged (true positives).
        unseen: turned and not flagged / attacked: success in the eyes of a detector.
        false_alarms: share of the clean texts that are flagged (false positives).
    """

    attacked: int
    adversarial: int
    clean: int
    found: Interval | None
    unseen: Interval | None
    false_alarms: Interval | None


def clean_cost(defended: Defended, dataset: Dataset) -> CleanCost:
    """What a defence costs on examples that nobody attacks."""
    before, after = right(defended.victim, dataset), right(defended, dataset)
    broken, repaired = int((before & ~after).sum()), int((after & ~before).sum())
    return CleanCost(
        n=len(dataset),
        before=proportion(int(before.sum()), len(dataset)),
        after=proportion(int(after.sum()), len(dataset)),
        broken=broken,
        repaired=repaired,
        p=mcnemar(broken, repaired),
    )


def ask_again(outcomes: Sequence[Outcome], victim: Victim) -> AskedAgain:
    """Ask another victim about the adversarial texts of a run.

    The other may be a defence that the attack did not know, or the same `RandomMasking` with other masks: what a text
    achieves against masks that it was fitted to says little.
    """
    found = [outcome for outcome in outcomes if outcome.status == "success"]
    verdicts = decide(victim, [[Text(outcome.adversarial) for outcome in found]])[0] if found else ()
    turned = tuple(o.id for o, verdict in zip(found, verdicts, strict=True) if verdict != o.label)
    return AskedAgain(len(found), turned, proportion(len(turned), len(found)))


def flags(guard: FrequencyGuard, outcomes: Sequence[Outcome], clean: Dataset) -> Flags:
    """What the guard flags: texts of a run against it or against the unguarded victim, and clean ones."""
    attacked = sum(outcome.status != "skipped" for outcome in outcomes)
    adversarial = [Text(outcome.adversarial) for outcome in outcomes if outcome.status == "success"]
    found = int(guard.inspect([adversarial])[0].flagged.sum()) if adversarial else 0
    alarms = sum(int(guard.inspect([texts])[0].flagged.sum()) for texts in chunks_of(clean.examples))
    return Flags(
        attacked=attacked,
        adversarial=len(adversarial),
        clean=len(clean),
        found=proportion(found, len(adversarial)),
        unseen=proportion(len(adversarial) - found, attacked),
        false_alarms=proportion(alarms, len(clean)),
    )
