"""UAWR: universal adversarial word-replacement rules, mined from what victims answer on labelled texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.models.ensemble import FLOOR, Ensemble
from turncoat.models.victim import Victim
from turncoat.rules.instances import WORDS, find_instances
from turncoat.rules.rule import Provenance, RuleBook, in_order
from turncoat.rules.trial import LIVE, Answers, Trial, ask, choose
from turncoat.substitutions.proposing import Substitutions

Numbers = NDArray[np.float64]
OnProgress = Callable[[str, int], None]  # what is being done, and for how many texts it is done


def log_probabilities(probabilities: Numbers) -> Numbers:
    """Natural logarithms; what was rounded to 0 counts as half of the last digit."""
    return np.asarray(np.log(np.maximum(probabilities, FLOOR)))


def logits(probabilities: Numbers) -> Numbers:
    """Logits with mean 0 over the classes: probabilities show logits up to one constant a text."""
    logs = log_probabilities(probabilities)
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


SCORES: dict[str, Callable[[Numbers], Numbers]] = {"log_probability": log_probabilities, "logit": logits}


@dataclass(frozen=True, kw_only=True)
class Mining:
    """Try every candidate rule at all places of a labelled data set; its salience is how far it turns verdicts there.

        h(z, w, ŵ) = mean over places of [f(x; z) - f(x̂; z)] + sum over z' != z of [f(x̂; z') - f(x; z')]

    Source: L. Yuan, X. Zheng, Y. Zhou, C.-J. Hsieh, K.-W. Chang. "Generating Universal Language Adversarial Examples by
    Understanding and Enhancing the Transferability across Neural Models." 2020 (arXiv 2011.08558), Section 4.2,
    Figure 2. Questions: one a text, one a place.

    Differences from the paper:
        - The figure divides by a count that grows once a label, which scales all rules alike; here it grows once a
          place.
        - A rule holds for one part of speech of the word.
        - Victims show probabilities, so the score "logit" has the constant of each text taken out. With two classes
          both scores give the very same saliences.
        - Rules seen less than `min_count` times are not tried; common ones are tried at `most_instances` places.
        - Stop words are left alone; only words that the victim can see are tried.

    Attributes:
        score: "log_probability" (as in the paper's text) or "logit" (as in its figure).
        substitutions: where candidates come from; must not need a model.
        min_count: least number of places a rule must have.
        most_instances: most places it is tried at.
        seed: decides which.
        live: texts under way at once; changes the speed, never a rule.
    """

    score: Literal["log_probability", "logit"] = "log_probability"
    substitutions: Substitutions = WORDS
    min_count: int = 3
    most_instances: int = 200
    seed: int = 0
    live: int = LIVE

    def __post_init__(self) -> None:
        if self.score not in SCORES:
            raise UsageError(f"expected a score of {', '.join(SCORES)}, got {self.score!r}")
        for name in ("min_count", "most_instances", "live"):
            if getattr(self, name) < 1:
                raise UsageError(f"expected {name} >= 1, got {getattr(self, name)}")


def mine(
    dataset: Dataset,
    victim: Victim,
    mining: Mining | None = None,
    on_progress: OnProgress = lambda doing, done: None,
) -> RuleBook:
    """Rules of a data set, mined from one victim, which may be an `Ensemble`.

    Args:
        on_progress: called with "reading" or "asking" and the number of texts that are done.

    Raises:
        UsageError: the victim has another number of classes than the data.
        VictimError: a victim's answer is no verdict.
    """
    mining = mining or Mining()
    if len(victim.labels) != len(dataset.labels):
        raise UsageError(
            f"{dataset.name} has the classes {', '.join(dataset.labels)}, {victim.name} has {', '.join(victim.labels)}"
        )
    instances = find_instances(
        dataset, mining.substitutions, visible=victim.visible, on_text=lambda done: on_progress("reading", done)
    )
    trial = choose(dataset, instances, mining.min_count, mining.most_instances, mining.seed)
    answers = ask(trial, victim, mining.live, lambda done: on_progress("asking", done))
    members = victim.members if isinstance(victim, Ensemble) else (victim,)
    return make_book(trial, answers, [(member.name, member.fingerprint) for member in members], mining)


def make_book(trial: Trial, answers: Answers, victims: Sequence[tuple[str, str]], mining: Mining) -> RuleBook:
    """The rules that answers tell of.

    Args:
        answers: what was answered to the trial's questions, by one victim or, pooled, by several.
        victims: name and fingerprint of each.
    """
    dataset, instances = trial.dataset, trial.instances
    score = SCORES[mining.score]
    scores = [score(answer) for answer in answers]
    rises = np.concatenate([each[1:] - each[0] for each in scores]) if scores else np.empty((0, len(dataset.labels)))
    means = _means(trial.numbers(), turning(rises, trial.labels()), len(instances.counts))
    provenance = Provenance(
        method="uawr",
        score=mining.score,
        data=dataset.name,
        data_digest=dataset.digest,
        texts=len(dataset),
        substitutions=repr(mining.substitutions),
        min_count=mining.min_count,
        victims=tuple(victims),
        most_instances=mining.most_instances,
        instances=trial.size,
        seed=mining.seed,
    )
    rules = (instances.rule(int(i), float(means[i])) for i in np.flatnonzero(~np.isnan(means)))
    return RuleBook(dataset.labels, in_order(rules), provenance)


def turning(rises: Numbers, labels: NDArray[np.int64]) -> Numbers:
    """Drop of the gold score plus rise of all others (rows,), of rises (rows, classes) and gold labels (rows,)."""
    return np.asarray(rises.sum(axis=1) - 2 * rises[np.arange(len(rises)), labels])


def _means(numbers: NDArray[np.int64], values: Numbers, rules: int) -> Numbers:
    """Mean of the values of each rule (rules,), nan where there is none."""
    tried = np.bincount(numbers, minlength=rules)
    means: Numbers = np.full(rules, np.nan)
    np.divide(np.bincount(numbers, values, minlength=rules), tried, out=means, where=tried > 0)
    return means
