"""docs/coverage.toml has one honest row for everything that the seeds ask for."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[1]
ROWS: dict[str, dict[str, Any]] = tomllib.loads((REPOSITORY / "docs/coverage.toml").read_text("utf-8"))["rows"]
LAST_ROWS = {"0": 35, "2": 43, "3": 19, "4": 25, "X": 6}
EXPECTED = [f"{seed}-{number:02d}" for seed, last in LAST_ROWS.items() for number in range(1, last + 1)]


def test_rows_are_the_128_expected_in_order() -> None:
    assert len(EXPECTED) == 128
    assert list(ROWS) == EXPECTED


@pytest.mark.shared
def test_rows_are_those_of_the_specification(shared: Path) -> None:
    specification = (shared / "specs/seed_coverage.md").read_text("utf-8")
    assert re.findall(r"^\| (\w-\d\d) \|", specification, re.MULTILINE) == list(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    entry = ROWS[row]
    assert set(entry) == {"item", "state", "evidence", "missing"}
    assert entry["item"].strip()
    assert entry["state"] in {"done", "partial", "not run", "open"}
    if entry["state"] == "done":
        assert entry["evidence"], f"{row} is done, but names no evidence"
    else:
        assert entry["missing"].strip(), f"{row} is not done, but does not say what is missing"
    for evidence in entry["evidence"]:
        _check(row, evidence)


def test_the_report_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    report = importlib.import_module("one_report").report(REPOSITORY)
    assert (REPOSITORY / "results/report.md").read_text("utf-8") == report, "run: python benchmarks/one_report.py"


def _check(row: str, evidence: str) -> None:
    path, _, name = evidence.partition("::")
    assert (REPOSITORY / path).exists(), f"{row}: there is no {path}"
    if name:
        source = (REPOSITORY / path).read_text("utf-8")
        assert re.search(rf"^\s*(async )?(def|class) {re.escape(name)}\b", source, re.MULTILINE), (
            f"{row}: no {evidence}"
        )
