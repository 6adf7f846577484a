"""Why a Cross-Entropy Attack failed, read from the traces of a finished run: it stood still, drifted or ran out.

All take the outcomes of one run; soft-label and hard-label runs are told apart by the caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.engine.query import Decide, Predict, Responders
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.outcome import Outcome
from turncoat.goals.classification import Turn
from turncoat.intervals import Interval, mean, proportion
from turncoat.space import Space
from turncoat.text import Text

PATIENCE = 5  # iterations
LEAST_SIMILARITY = 0.8  # epsilon = 0.2 as a distance
LEAST_GAIN = 0.01  # of the goal's score: one hundredth of probability
RAN_OUT = frozenset(("exhausted", "budget"))


@dataclass(frozen=True)
class Stagnation:
    """Failed searches whose threshold gamma stopped rising.

    Attributes:
        attacked: examples attacked.
        stagnated: ids of the failed ones that stood still.
        rate: stagnated / attacked.
        no_effective_word: how many of them have no single replacement that gains anything: nothing to climb.
        too_few_samples: how many have one, which so many samples an iteration did not find or could not build on.
        unknown: how many of them the oracle was not asked about.
    """

    attacked: int
    stagnated: tuple[str, ...]
    rate: Interval | None
    no_effective_word: int
    too_few_samples: int
    unknown: int


@dataclass(frozen=True)
class Drift:
    """Successes whose text no longer says the same.

    Attributes:
        least: similarity below which a success has drifted.
        measured: successes that were judged.
        drifted: how many of them lie below.
        rate: drifted / measured.
        worst: the least similar successes, (id, similarity), least similar first.
    """

    least: float
    measured: int
    drifted: int
    rate: Interval | None
    worst: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Exhaustion:
    """Searches that used up their iterations or their budget.

    Attributes:
        attacked: examples attacked.
        exhausted: failed ones that ended so.
        rate: exhausted / attacked.
        endings: how many failed searches ended for each reason: "exhausted" (all iterations), "budget", "converged",
            "no_candidates".
        never_moved: how many of these never found anything to move the distribution by (hard label: no success at all).
        stalled_share: share of the iterations that stalled, mean over the searches that drew anything.
    """

    attacked: int
    exhausted: int
    rate: Interval | None
    endings: Mapping[str, int]
    never_moved: int
    stalled_share: Interval | None


def stagnation(
    outcomes: Sequence[Outcome],
    gains: Mapping[str, float] | None = None,
    patience: int = PATIENCE,
    least_gain: float = LEAST_GAIN,
) -> Stagnation:
    """Which searches stood still, and why.

    Args:
        gains: the most that a single replacement gains, by id, as `best_gains` finds it; without it no cause is told.
        patience: iterations without a rise of gamma that count as standing still.
        least_gain: what a single replacement must gain to be called effective.
    """
    attacked = _attacked(outcomes)
    ids = tuple(outcome.id for outcome in attacked if stands_still(outcome, patience))
    known = [gains[name] for name in ids if name in gains] if gains is not None else []
    effective = sum(gain >= least_gain for gain in known)
    return Stagnation(
        attacked=len(attacked),
        stagnated=ids,
        rate=proportion(len(ids), len(attacked)),
        no_effective_word=len(known) - effective,
        too_few_samples=effective,
        unknown=len(ids) - len(known),
    )


def stands_still(outcome: Outcome, patience: int = PATIENCE) -> bool:
    """Whether a failed search's gamma did not rise in so many iterations on end, or can never rise again as the
    distribution has settled."""
    if outcome.status != "failed":
        return False
    if outcome.reason == "converged":
        return True
    best, still = -np.inf, 0
    for gamma in outcome.trace.get("gamma", ()):
        rises = gamma is not None and gamma > best
        best, still = (gamma, 0) if rises else (best, still + 1)
        if still >= patience:
            return True
    return False


def drift(
    outcomes: Sequence[Outcome], judged: Mapping[str, float], least: float = LEAST_SIMILARITY, worst: int = 10
) -> Drift:
    """Which successes changed the meaning, as far as a sentence encoder can tell.

    Args:
        judged: similarity of the adversarial text to the original, by id, such as `Metric.values` of a judge. Let it be
            another encoder than the search's: CEA looks for texts that its own finds similar.
        least: similarity below which a text has drifted.
        worst: how many of the least similar are listed.
    """
    found = sorted((judged[o.id], o.id) for o in outcomes if o.status == "success" and o.id in judged)
    drifted = sum(similarity < least for similarity, _ in found)
    return Drift(
        least=least,
        measured=len(found),
        drifted=drifted,
        rate=proportion(drifted, len(found)),
        worst=tuple((name, similarity) for similarity, name in found[:worst]),
    )


def exhaustion(outcomes: Sequence[Outcome]) -> Exhaustion:
    """Which searches asked all they might and failed."""
    attacked = _attacked(outcomes)
    drew = [outcome for outcome in attacked if outcome.trace.get("gamma")]
    stalled = {outcome.id: outcome.trace["stalls"] / len(outcome.trace["gamma"]) for outcome in drew}
    failed = [outcome for outcome in attacked if outcome.status == "failed"]
    exhausted = [outcome for outcome in failed if outcome.reason in RAN_OUT]
    return Exhaustion(
        attacked=len(attacked),
        exhausted=len(exhausted),
        rate=proportion(len(exhausted), len(attacked)),
        endings=Counter(outcome.reason for outcome in failed),
        never_moved=sum(stalled.get(outcome.id) == 1 for outcome in exhausted),
        stalled_share=mean(list(stalled.values())),
    )


def best_gains(
    outcomes: Sequence[Outcome], setting: Setting, responders: Responders, ids: Collection[str], live: int = 128
) -> dict[str, float]:
    """The oracle: the most that one replacement raises the goal's score, by id, over every candidate of every word.

    Asks 1 + (number of candidates) questions an example, without a budget; 0 where there is no candidate, -inf where
    constraints forbid them all.

    Args:
        outcomes: of the run that `setting` and `responders` describe. Of a hard-label run describe the same victim with
            probabilities: by labels alone a word gains nothing unless it turns the verdict by itself.
        ids: examples to ask about, such as `Stagnation.stagnated`.

    Raises:
        UsageError: an id is not among the outcomes.
    """
    by_id = {outcome.id: outcome for outcome in outcomes}
    if unknown := set(ids) - set(by_id):
        raise UsageError(f"expected ids of the run's outcomes, got {', '.join(sorted(unknown))}")
    tasks = (Task(name, _best_gain(by_id[name], setting)) for name in ids)
    return {task.name: gain for task, gain in run(tasks, responders, live)}


async def _best_gain(outcome: Outcome, setting: Setting) -> float:
    text, attack = Text(outcome.original), setting.attack
    clean = (await (Decide([text]) if setting.hard_label else Predict([text])))[0]
    classes = len(setting.victim.labels)
    goal = Turn(text, outcome.label, classes, clean, setting.target, setting.hard_label, attack.constraints)
    options = await attack.substitutions.propose(text)
    space = Space(text, options, setting.victim.visible(text), setting.victim.unknown)
    if not len(space.positions):
        return 0.0
    return round(float((await goal.judge(space.swaps())).scores.max()) - goal.clean_score, 6)


def _attacked(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.status != "skipped"]
