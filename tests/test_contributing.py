"""The ten-line attack that CONTRIBUTING shows is real: it is read from there, imported, and obeys the laws."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from test_contract import TABLE, outcomes
from turncoat.attacks.attack import Attack
from turncoat.config import to_table
from turncoat.data.example import Dataset
from turncoat.text import Text

GUIDE = Path(__file__).parents[1] / "CONTRIBUTING.md"


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Attack:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path_factory.mktemp("guide") / "best_swap.py"
    file.write_text(code)
    module = _import(file)
    attack: Attack = module.BestSwap(substitutions=TABLE)
    return attack


def _import(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_body_has_ten_lines() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    lines = code[code.index("@dataclass") :].splitlines()
    assert len([line for line in lines if line.strip()]) <= 10


def test_it_turns_some_verdicts_with_one_word(attack: Attack) -> None:
    found = outcomes(attack, hard=False)
    turned = [outcome for outcome in found.values() if outcome.status == "success"]
    assert turned
    assert all(len(outcome.changes) == 1 for outcome in turned)
    assert all(len(Text(outcome.original)) == outcome.words for outcome in found.values())


def test_it_obeys_the_laws(attack: Attack) -> None:
    from test_contract import DATA

    expected = outcomes(attack, hard=False)
    assert outcomes(attack, hard=False, live=1) == expected
    part: Dataset = replace(DATA, examples=DATA.examples[::3])
    assert outcomes(attack, hard=False, data=part).items() <= expected.items()
    assert all(outcome.queries <= 3 for outcome in outcomes(attack, hard=False, budget=3).values())
    assert to_table(attack)["kind"] == "BestSwap"
