"""Several runs on the same examples: paired differences, tested together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from turncoat.errors import UsageError
from turncoat.evaluation.metrics import stands
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.evaluation.significance import holm, mcnemar, sign_flips
from turncoat.intervals import Interval, mean

Pairs = Sequence[tuple[Outcome, Outcome]]


@dataclass(frozen=True)
class Difference:
    """One measure of two runs on the same examples.

    Attributes:
        measure: what was measured.
        over: on which examples.
        first, second: names of the runs.
        n: number of examples.
        first_mean, second_mean: means over these examples.
        difference: second - first, with a paired bootstrap interval.
        test: how `p` was found.
        p: two-sided, for this row alone.
        p_holm: corrected for all rows of the table.
    """

    measure: str
    over: str
    first: str
    second: str
    n: int
    first_mean: float
    second_mean: float
    difference: Interval
    test: str
    p: float
    p_holm: float


@dataclass(frozen=True)
class Comparison:
    """The table of all pairs of runs.

    Attributes:
        runs: names of the runs.
        examples: number of examples that all runs share.
        left_out: number of examples that only some of the runs hold.
        differences: one row a pair and measure.
        notes: what a reader must know to judge the table.
    """

    runs: tuple[str, ...]
    examples: int
    left_out: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def compare(runs: Sequence[Run], common: bool = False) -> Comparison:
    """Compare runs pair by pair on the examples that they share.

    Args:
        runs: two or more, on the same data set.
        common: compare on the shared examples even if some runs hold others as well.

    Raises:
        UsageError: the runs were not made on the same examples; the message shows what differs.
    """
    return compare_aligned(*aligned(runs, common))


def compare_aligned(runs: Sequence[Run], left_out: int) -> Comparison:
    """Compare runs pair by pair, as `aligned` gives them."""
    rows = [row for first, second in combinations(runs, 2) for row in _differences(first, second)]
    corrected = holm([row.p for row in rows])
    return Comparison(
        runs=tuple(run.name for run in runs),
        examples=len(runs[0].outcomes),
        left_out=left_out,
        differences=tuple(replace(row, p_holm=p) for row, p in zip(rows, corrected, strict=True)),
        notes=tuple(_notes(runs, left_out)),
    )


def aligned(runs: Sequence[Run], common: bool = False) -> tuple[list[Run], int]:
    """The runs with the outcomes of shared examples alone, in one order; and how many examples that leaves out.

    Raises:
        UsageError: as `compare`.
    """
    if len(runs) < 2:
        raise UsageError(f"expected two or more runs to compare, got {len(runs)}")
    tables = [_by_id(run) for run in runs]
    for i, run in enumerate(runs[1:], 1):
        if run.name in [other.name for other in runs[:i]]:
            raise UsageError(f"expected runs with names of their own, got {run.name} twice")
        _check_same_data(runs[0], run)
        if not common:
            _check_same_ids(runs[0], run, tables[0], tables[i])
    shared = [id for id in tables[0] if all(id in table for table in tables)]
    if not shared:
        raise UsageError(f"{', '.join(run.name for run in runs)}: expected some examples in common, got none")
    for run, table in zip(runs, tables, strict=True):
        _check_same_texts(runs[0], run, tables[0], table, shared)
    kept = [replace(run, outcomes=[table[id] for id in shared]) for run, table in zip(runs, tables, strict=True)]
    return kept, len(set().union(*tables)) - len(shared)


def _by_id(run: Run) -> dict[str, Outcome]:
    table = {outcome.id: outcome for outcome in run.outcomes}
    if len(table) < len(run.outcomes):
        (twice, times), *_ = Counter(outcome.id for outcome in run.outcomes).most_common(1)
        raise UsageError(f"{run.name}: expected one outcome an example, got {times} of example {twice}")
    return table


def _check_same_data(first: Run, other: Run) -> None:
    for what, here, there in (
        ("data set", first.dataset, other.dataset),
        ("labels", ", ".join(first.labels), ", ".join(other.labels)),
    ):
        if here != there:
            raise UsageError(
                f"expected runs on the same {what}, got {here!r} ({first.name}) and {there!r} ({other.name}); "
                "compare runs on the same data set"
            )


def _check_same_ids(first: Run, other: Run, here: dict[str, Outcome], there: dict[str, Outcome]) -> None:
    only_here = [id for id in here if id not in there]
    only_there = [id for id in there if id not in here]
    if only_here or only_there:
        raise UsageError(
            f"expected runs on the same examples, but {len(only_here)} are only in {first.name}{_some(only_here)} and "
            f"{len(only_there)} only in {other.name}{_some(only_there)}; repeat a run with the other's examples, or "
            "compare the common ones alone (common=True, --common)"
        )


def _some(ids: Sequence[str]) -> str:
    return f" ({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})" if ids else ""


def _check_same_texts(
    first: Run, other: Run, here: dict[str, Outcome], there: dict[str, Outcome], shared: Sequence[str]
) -> None:
    for id in shared:
        if (here[id].original, here[id].label) != (there[id].original, there[id].label):
            raise UsageError(
                f"expected the same text and label for example {id}, got {_quote(here[id])} ({first.name}) and "
                f"{_quote(there[id])} ({other.name}); one of the data files has changed between the runs"
            )


def _quote(outcome: Outcome) -> str:
    text = outcome.original if len(outcome.original) <= 60 else outcome.original[:57] + "..."
    return f"{text!r} with label {outcome.label}"


def _differences(first: Run, second: Run) -> Iterator[Difference]:
    pairs = list(zip(first.outcomes, second.outcomes, strict=True))
    both_attacked = [(a, b) for a, b in pairs if a.status != "skipped" and b.status != "skipped"]
    both_turned = [(a, b) for a, b in both_attacked if a.status == b.status == "success"]
    names = (first.name, second.name)

    if first.same_victim(second):
        hits = [(float(a.status == "success"), float(b.status == "success")) for a, b in both_attacked]
        yield from _row("success rate", "attacked by both", names, hits, binary=True)
    else:
        hits = [(float(stands(a)), float(stands(b))) for a, b in pairs]
        yield from _row("after-attack accuracy", "all shared examples", names, hits, binary=True)
    yield from _row("unique questions", "attacked by both", names, [(a.queries, b.queries) for a, b in both_attacked])
    shares = [(a.changed_share, b.changed_share) for a, b in both_turned]
    yield from _row("changed share of words", "turned by both", names, shares)
    if first.encoder == second.encoder:
        measured = [
            (a.similarity, b.similarity)
            for a, b in both_turned
            if a.similarity is not None and b.similarity is not None
        ]
        yield from _row("similarity", "turned by both", names, measured)


def _row(
    measure: str, over: str, names: tuple[str, str], values: Sequence[tuple[float, float]], binary: bool = False
) -> Iterator[Difference]:
    """The row of one measure, unless there is no example to measure it on."""
    if not values:
        return
    first, second = np.array(values, np.float64).T
    differences = second - first
    interval = mean(differences)
    if interval is None:
        return
    if binary:
        test, p = "McNemar, exact", mcnemar(int((differences < 0).sum()), int((differences > 0).sum()))
    else:
        test, p = "random signs", sign_flips(differences)
    yield Difference(
        measure, over, *names, len(values), float(first.mean()), float(second.mean()), interval, test, p, p
    )


def _notes(runs: Sequence[Run], left_out: int) -> Iterator[str]:
    if left_out:
        yield f"{left_out} examples that only some of the runs hold were left out."
    if not all(runs[0].same_victim(run) for run in runs):
        yield (
            "The victims differ, and each is right about other texts from the start: where they do, whether they are "
            "still right after the attack is compared instead of success."
        )
    for what, values in (
        ("targets", [run.target or "any other label" for run in runs]),
        ("budgets", ["no limit" if run.budget is None else f"{run.budget} questions" for run in runs]),
        ("sentence encoders", [run.encoder or "none" for run in runs]),
    ):
        if len(set(values)) > 1:
            listed = "; ".join(f"{run.name}: {value}" for run, value in zip(runs, values, strict=True))
            yield f"The {what} differ ({listed})."
    if not any(all(run.outcomes[i].status == "success" for run in runs) for i in range(len(runs[0].outcomes))):
        yield "No example was turned by all runs."
