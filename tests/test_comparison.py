from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from turncoat.errors import UsageError
from turncoat.evaluation.comparison import Comparison, Difference, aligned, compare
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.evaluation.significance import holm, mcnemar, sign_flips
from turncoat.text import Change

LABELS = ("negative", "positive")


def outcome(id: str, status: str, queries: int = 10, changed: int = 1, similarity: float | None = None) -> Outcome:
    return Outcome(
        id=id,
        label=1,
        status=status,  # type: ignore[arg-type]
        reason="",
        original="one two three four",
        adversarial="",
        changes=tuple(Change(i, "old", "new") for i in range(changed)),
        words=4,
        queries=queries,
        queries_logical=queries,
        before=0 if status == "skipped" else 1,
        after=None if status == "skipped" else int(status == "failed"),
        similarity=similarity,
    )


def run(name: str, outcomes: Sequence[Outcome], labels: Sequence[str] = LABELS, **config: object) -> Run:
    settings = {"attack": {"kind": name}, "victim": "cnn", "data": {"name": "mr/test", "examples": 200}} | config
    return Run(name, {"config": settings}, labels, outcomes)


def statuses(letters: str, **fields: int) -> list[Outcome]:
    names = {"s": "success", "f": "failed", "-": "skipped"}
    return [outcome(f"e{i}", names[letter], **fields) for i, letter in enumerate(letters)]


def row(comparison: Comparison, measure: str) -> Difference:
    return next(entry for entry in comparison.differences if entry.measure == measure)


def test_mcnemar_by_hand() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(0, 5) == pytest.approx(2 / 32)
    assert mcnemar(6, 1) == pytest.approx(2 * (1 + 7) / 128)
    assert mcnemar(4, 4) == 1


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_sign_flips_come_near_the_exact_p() -> None:
    assert sign_flips(np.array([1.0, 2.0, 3.0])) == pytest.approx(2 / 8, abs=0.02)
    assert sign_flips(np.array([1.0, -1.0])) == 1
    assert sign_flips(np.zeros(4)) == 1
    assert sign_flips(np.ones(40)) == pytest.approx(1 / 10_001)


def test_differences_by_hand() -> None:
    first = run("first", statuses("ssfff-", queries=10))
    second = run("second", statuses("sfsss-", queries=30, changed=2))
    comparison = compare([first, second])
    success = row(comparison, "success rate")
    assert (success.n, success.first_mean, success.second_mean) == (5, 0.4, 0.8)
    assert success.difference.estimate == pytest.approx(0.4)
    assert success.p == mcnemar(1, 3)
    assert (success.test, success.over) == ("McNemar, exact", "attacked by both")
    assert row(comparison, "unique questions").difference.estimate == 20
    share = row(comparison, "changed share of words")
    assert (share.n, share.difference.estimate) == (1, 0.25)  # only e0 was turned by both
    assert [entry.p_holm for entry in comparison.differences] == holm([entry.p for entry in comparison.differences])
    assert json.loads(json.dumps(comparison.to_dict(), allow_nan=False))["examples"] == 6


def test_similarity_is_compared_on_common_successes_of_one_encoder() -> None:
    first = run("first", [outcome("a", "success", similarity=0.9), outcome("b", "success")], encoder="MiniLM")
    second = run("second", [outcome("a", "success", similarity=0.7), outcome("b", "success")], encoder="MiniLM")
    assert row(compare([first, second]), "similarity").difference.estimate == pytest.approx(-0.2)
    other = run("other", second.outcomes, encoder="USE")
    comparison = compare([first, other])
    assert "similarity" not in [entry.measure for entry in comparison.differences]
    assert "The sentence encoders differ (first: MiniLM; other: USE)." in comparison.notes


def test_order_of_outcomes_does_not_matter() -> None:
    first, second = run("first", statuses("sfs-f")), run("second", statuses("ssff-"))
    shuffled = replace(second, outcomes=list(reversed(second.outcomes)))
    assert compare([first, second]) == compare([first, shuffled])


def test_three_runs_give_all_pairs_in_one_correction() -> None:
    runs = [run(name, statuses(letters)) for name, letters in (("a", "ssss"), ("b", "ssff"), ("c", "ffff"))]
    comparison = compare(runs)
    assert {(entry.first, entry.second) for entry in comparison.differences} == {("a", "b"), ("a", "c"), ("b", "c")}
    assert "No example was turned by all runs." in comparison.notes


def test_other_victims_are_compared_by_what_stands_after_the_attack() -> None:
    comparison = compare([run("first", statuses("sf-f")), run("second", statuses("ssf-"), victim="bert")])
    standing = row(comparison, "after-attack accuracy")
    assert (standing.n, standing.first_mean, standing.second_mean) == (4, 0.5, 0.25)
    assert "success rate" not in [entry.measure for entry in comparison.differences]
    assert any("victims differ" in note for note in comparison.notes)


def test_a_victim_trained_again_is_another_victim() -> None:
    first, second = (run(mark, statuses("sf"), victim={"name": "cnn", "fingerprint": mark}) for mark in ("a1", "b2"))
    assert row(compare([first, second]), "after-attack accuracy").n == 2


def test_other_budgets_and_targets_are_said() -> None:
    comparison = compare([run("a", statuses("sf"), budget=50), run("b", statuses("sf"), target="negative")])
    assert "The budgets differ (a: 50 questions; b: no limit)." in comparison.notes
    assert "The targets differ (a: any other label; b: negative)." in comparison.notes


def test_other_examples_are_refused_unless_common() -> None:
    first, second = run("first", statuses("ssf")), run("second", [*statuses("sf"), outcome("x9", "failed")])
    with pytest.raises(UsageError, match=r"1 are only in first \(e2\) and 1 only in second \(x9\)"):
        compare([first, second])
    comparison = compare([first, second], common=True)
    assert (comparison.examples, comparison.left_out) == (2, 2)
    assert comparison.notes[0].startswith("2 examples that only some")
    runs, left_out = aligned([first, second], common=True)
    assert ([o.id for o in runs[1].outcomes], left_out) == (["e0", "e1"], 2)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (run("other", statuses("sf"), data="imdb/test"), "same data set, got 'mr/test' .* and 'imdb/test'"),
        (run("other", statuses("sf"), labels=("bad", "good")), "same labels, got 'negative, positive' .*'bad, good'"),
        (run("first", statuses("sf")), "names of their own, got first twice"),
        (run("other", [outcome("e0", "success")] * 2), "got 2 of example e0"),
        (run("other", [replace(o, original="else") for o in statuses("sf")]), "same text and label for example e0"),
        (run("other", [replace(o, label=0) for o in statuses("sf")]), "same text and label for example e0"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused(other: Run, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare([run("first", statuses("sf")), other])


def test_too_few_runs_and_no_common_examples_are_refused() -> None:
    with pytest.raises(UsageError, match="two or more runs"):
        compare([run("first", statuses("sf"))])
    with pytest.raises(UsageError, match="some examples in common"):
        compare([run("first", statuses("s")), run("second", [outcome("x", "failed")])], common=True)


def test_all_skipped_compares_nothing() -> None:
    comparison = compare([run("first", statuses("--")), run("second", statuses("--"))])
    assert comparison.differences == ()
