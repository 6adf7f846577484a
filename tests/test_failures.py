"""Failure detectors on made-up outcomes, and the oracle on toys."""

from __future__ import annotations

from typing import Any

import pytest

from test_contract import embed
from toys import TOY_WORDS, Table, ToyVictim, toy_dataset
from turncoat.attacks.cross_entropy import CrossEntropy
from turncoat.engine.query import Embed
from turncoat.errors import UsageError
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.execution import execute
from turncoat.evaluation.failures import best_gains, drift, exhaustion, stagnation, stands_still
from turncoat.evaluation.outcome import Outcome
from turncoat.models.victim import HardLabel, responders
from turncoat.substitutions.constraints import MaxChanged
from turncoat.text import Text


def outcome(name: str, status: Any = "failed", reason: str = "exhausted", **more: Any) -> Outcome:
    return Outcome(name, 0, status, reason, "a b", "a b", (), 2, 10, 10, 0, **more)


def traced(name: str, gamma: list[float | None], stalls: int = 0, **more: Any) -> Outcome:
    return outcome(name, trace={"gamma": gamma, "stalls": stalls}, **more)


@pytest.mark.parametrize(
    ("gamma", "still"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], False),
        ([0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2], True),  # five iterations after the first 0.2
        ([0.1, 0.2, 0.2, 0.2, 0.2, 0.2], False),  # four
        ([0.2, 0.1, 0.2, 0.1, 0.2, 0.1], True),  # it falls and comes back, but does not rise
        ([None] * 5, True),  # all forbidden
        ([0.1, 0.1, 0.1, 0.2, 0.2, 0.2], False),
        ([], False),
    ],
)
def test_standing_still_is_five_iterations_without_a_rise(gamma: list[float | None], still: bool) -> None:
    assert stands_still(traced("0", gamma)) == still
    assert not stands_still(traced("0", gamma, status="success", reason="flipped"))


def test_a_settled_distribution_stands_still_for_good() -> None:
    assert stands_still(traced("0", [0.1, 0.2], reason="converged"))


def test_the_cause_is_told_by_the_oracle() -> None:
    flat = [0.1] * 6
    found = stagnation(
        [
            traced("helpless", flat),
            traced("unlucky", flat),
            traced("unasked", flat),
            traced("rising", [0.1, 0.2]),
            outcome("won", "success", "flipped"),
            outcome("wrong", "skipped", "misclassified"),
        ],
        {"helpless": 0.005, "unlucky": 0.2, "rising": 0.3},
    )
    assert (found.attacked, found.stagnated) == (5, ("helpless", "unlucky", "unasked"))
    assert (found.no_effective_word, found.too_few_samples, found.unknown) == (1, 1, 1)
    assert found.rate is not None
    assert (found.rate.estimate, found.rate.method) == (0.6, "Wilson")
    assert stagnation([traced("0", flat)]).unknown == 1


def test_drift_counts_and_lists_the_least_similar() -> None:
    similar = {"a": 0.95, "b": 0.79, "c": 0.8, "d": 0.3}
    successes = [outcome(name, "success", "flipped", similarity=0.99) for name in similar]  # the search's own view
    found = drift([*successes, outcome("e", "success", "flipped"), outcome("f")], {**similar, "f": 0.1}, worst=3)
    assert (found.measured, found.drifted) == (4, 2)
    assert found.worst == (("d", 0.3), ("b", 0.79), ("c", 0.8))
    assert drift(successes, similar, least=0.5).drifted == 1
    assert drift([], {}).rate is None


def test_exhaustion_counts_what_ran_out_and_what_never_moved() -> None:
    found = exhaustion(
        [
            traced("iterations", [0.1, 0.2]),
            traced("budget", [0.0, 0.0, 0.0], stalls=3, reason="budget"),
            traced("settled", [0.1], reason="converged"),
            traced("won", [0.0, None], stalls=1, status="success", reason="flipped"),
            outcome("empty", reason="no_candidates"),
            outcome("wrong", "skipped", "misclassified"),
        ]
    )
    assert (found.attacked, found.exhausted, found.never_moved) == (5, 2, 1)
    assert found.endings == {"exhausted": 1, "budget": 1, "converged": 1, "no_candidates": 1}
    assert found.rate is not None
    assert found.rate.estimate == 0.4
    assert found.stalled_share is not None
    assert found.stalled_share.estimate == pytest.approx((0 + 1 + 0 + 0.5) / 4)


def run(attack: CrossEntropy, hard: bool) -> tuple[Any, Setting, Any]:
    victim = ToyVictim()
    setting = Setting(attack, victim, hard_label=hard)
    answers = {**responders(HardLabel(victim) if hard else victim), Embed: embed}
    return execute(toy_dataset(40), setting, answers, {}), setting, answers


@pytest.mark.parametrize("hard", [False, True])
def test_the_oracle_tries_every_candidate(hard: bool) -> None:
    """The best gain equals that of a loop over all words and options."""
    attack = CrossEntropy(substitutions=Table(TOY_WORDS), samples=4, iterations=6)
    outcomes, setting, answers = run(attack, hard)
    failed = [o for o in outcomes if o.status == "failed"]
    gains = best_gains(outcomes.outcomes, setting, answers, [o.id for o in failed])
    victim = ToyVictim()

    def score(text: Text, label: int) -> float:
        answer = victim._answer(text)
        return float(answer.index(max(answer)) != label) if hard else 1 - answer[label]

    assert len(failed) > 3
    for each in failed:
        text = Text(each.original)
        swaps = [text.replace(i, new) for i, word in enumerate(text.words) for new in TOY_WORDS[word]]
        expected = max((score(swap, each.label) for swap in swaps), default=score(text, each.label))
        assert gains[each.id] == pytest.approx(expected - score(text, each.label), abs=2e-6)


def test_the_oracle_keeps_constraints_and_knows_its_run() -> None:
    attack = CrossEntropy(substitutions=Table(TOY_WORDS), samples=4, iterations=2, constraints=(MaxChanged(1e-6),))
    outcomes, setting, answers = run(attack, hard=False)
    failed = [o for o in outcomes if o.status == "failed" and o.trace]
    gains = best_gains(outcomes.outcomes, setting, answers, [failed[0].id])
    assert gains == {failed[0].id: float("-inf")}
    with pytest.raises(UsageError, match="ids of the run's outcomes, got nobody"):
        best_gains(outcomes.outcomes, setting, answers, ["nobody"])
