"""The tables of the study of hardening: rows, and paired verdicts, from measurements made by hand."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from turncoat.intervals import mean

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("hardening_tables")


def measured(clean: list[list[int]], standing: list[list[int]], epsilon: str = "-") -> SimpleNamespace:
    """One arm: which texts each of its models reads rightly, and which still under PWWS."""
    by_seed, robust = np.array(clean, np.float64), np.array(standing, np.float64)
    return SimpleNamespace(
        by_seed=by_seed, robust_by_seed={"pwws": robust}, flags={"": by_seed.mean(0), "pwws": robust.mean(0)},
        success={"pwws": mean([0.0, 1.0])}, old={"pwws": None}, rows=12, questions=0.0, seconds=3.0, epsilon=epsilon,
    )  # fmt: skip


def test_row(tables: ModuleType) -> None:
    """One model reads 2 of 4 texts rightly, the other all: 75 %, and 35.4 points between them (n - 1)."""
    row = tables.row("at", measured([[1, 1, 0, 0], [1, 1, 1, 1]], [[0, 0, 0, 0], [0, 0, 0, 0]], "0.7"), "2")
    assert (row["seeds"], row["texts learned"], row["of them adversarial"], row["epsilon"]) == ("2", "12", "2", "0.7")
    assert row["clean accuracy"].startswith("75.0 (")
    assert row["clean accuracy"].endswith(" ± 35.4")
    assert row["pwws: accuracy"].startswith("0.0")
    assert row["pwws: success"].startswith("50.0")
    assert row["pwws: old texts"] == "-"


def test_claims_are_paired_over_examples(tables: ModuleType) -> None:
    """All 10 texts stand with AT, none without: 2 of 2**10 patterns of signs are as extreme, p = 1/512. Clean, nothing
    differs: p = 1. Two claims: Holm doubles the smaller. Claims on arms that were not run are left out.
    """
    same = [[1] * 10]
    rows = {
        row["claim"]: row for row in tables.claims({"control": measured(same, [[0] * 10]), "at": measured(same, same)})
    }
    assert [row["verdict"] for row in rows.values()] == ["supported", "undecided"]
    hardens, clean = rows.values()
    assert hardens["claim"] == "embedding AT hardens against word substitution"
    assert (hardens["accuracy"], hardens["texts"]) == ("under pwws", "10")
    assert hardens["difference, points"].startswith("100.0")
    assert float(hardens["p Holm"]) == pytest.approx(2 / 512, abs=1e-3)
    assert (clean["accuracy"], clean["p Holm"]) == ("clean", "1")


def test_claims_name_arms_of_the_study(tables: ModuleType) -> None:
    study = importlib.import_module("hardening")
    names = {arm.name for arm in study.ARMS}
    assert {name for _, first, second, _ in tables.CLAIMS for name in (first, second)} <= names
    assert {arm.epsilon for arm in study.ARMS} == {0.7}
    assert "0.7 is as large a part" in tables.NOTES
