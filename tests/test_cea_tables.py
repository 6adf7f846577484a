"""The pages on CEA's parameters and on defences: tables from runs made by hand."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.text import Change

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


def outcome(id: int, status: Any, iterations: int = 1, queries: int = 101, **trace: Any) -> Outcome:
    reason = {"success": "flipped", "failed": "exhausted", "skipped": "misclassified"}[status]
    drawn = {} if status == "skipped" else {"samples": [100] * iterations, "gamma": [0.0] * iterations, "stalls": 0}
    changes = (Change(0, "a", "b"),) if status == "success" else ()
    new = "b c" if status == "success" else "a c"
    return Outcome(str(id), 0, status, reason, "a c", new, changes, 2, queries, queries, 0, trace=drawn | trace)


def made(name: str, *outcomes: Outcome) -> Run:
    description = {"config": {"victim": {"name": "toy"}, "attack": {"name": "cea-paper"}, "data": {"name": "toys"}}}
    return Run(name, description, ("x", "y"), outcomes)


def test_success_by_iteration(load: Any) -> None:
    """Of four attacked, one is turned in the first iteration, one in the third; one search moved its distribution."""
    hard = made(
        "labels/toy,hard,budget=1",
        outcome(0, "success"),
        outcome(1, "success", 3, entropy=[1.0, 0.7, 0.7]),
        outcome(2, "failed", 50, entropy=[1.0, 1.0]),
        outcome(3, "failed", 50),
        outcome(4, "skipped"),
    )
    (row,) = load("cea_failures").by_iteration({hard.name: hard})
    assert (row["run"], row["attacked"]) == ("toy,hard,budget=1", "4")
    assert [row[f"turned by iteration {t}"].split()[0] for t in (1, 2, 5, 50)] == ["25.0", "25.0", "50.0", "50.0"]
    assert row["searches whose distribution moved"] == "1"
    assert "toy,hard,budget=1: 2 of 4" in load("cea_failures").curves({hard.name: hard})


def test_failures_tell_how_searches_ended_and_drift_as_judged(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tables: ModuleType = load("cea_failures")
    judged = {"0": 0.9, "1": 0.2}
    monkeypatch.setattr(tables, "judged_similarity", lambda run: judged)
    run = made("labels/r", outcome(0, "success"), outcome(1, "success"), outcome(2, "failed", 50), outcome(3, "failed"))
    cell = load("study").Cell("labels/r", "toy-cnn", "toys", "cea-paper", budget=5002)
    (row,) = tables.failures({"labels/r": run}, [cell], Path(), oracle=False)
    assert (row["budget"], row["failed"], row["all 50 iterations"], row["budget spent"]) == ("5,002", "2", "2", "0")
    assert row["iterations of the failed, median"] == "25.5"
    assert (row["judged below 0.8"], row["stood still"].split()[0]) == ("1 of 2", "25.0")
    (worst,) = tables.least_similar({"labels/r": run}, worst=1)
    assert worst == {"judged": "0.200", "run": "r", "original": "a c", "adversarial": "b c"}


def test_the_sweet_spot_is_the_cheapest_of_the_about_best(load: Any) -> None:
    """N=50 turns 98 of 100 for fewer questions than N=100 and N=200, which turn 99 and 100; N=10 turns too few."""

    def run(name: str, turned: int, queries: int) -> Run:
        return made(name, *(outcome(i, "success" if i < turned else "failed", queries=queries) for i in range(100)))

    found = {
        name: run(name, turned, queries)
        for name, turned, queries in (
            ("grid/N=10,rho=0.5", 90, 20), ("grid/N=50,rho=0.5", 98, 100), ("grid/N=100,rho=0.5", 99, 200),
            ("grid/N=200,rho=0.5", 100, 300),
        )
    }  # fmt: skip
    told, table = load("cea_tables").sweet_spot(found)
    assert told.startswith("**Sweet spot: N=50,rho=0.5 (98.0 %, 100 questions on average)**")
    assert "N=100,rho=0.5 | N=50,rho=0.5 | success rate" in table


def test_adapted_against_blind_is_paired(load: Any) -> None:
    """Of three texts attacked in both, the second alone turns two: p = 1/2 (both of two discordant on one side)."""
    first, second = {"a": True, "b": False, "c": False, "d": True}, {"a": True, "b": True, "c": True, "e": True}
    row = load("defence_tables")._against("fgws", "turned", "blind", "adapted", first, second)
    assert (row["attacked in both"], row["first alone"], row["second alone"]) == ("3", "0", "2")
    assert row["McNemar p"] == "0.5"
