"""Importing turncoat is cheap: libraries that take seconds are loaded by those who need them, and only then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import turncoat

# The whole public surface; a name more or less here is a change that users see (CHANGELOG.md).
PUBLIC = [
    "Attack", "Dataset", "Example", "Found", "Outcome", "Run", "Substitutions", "Text", "Victim",
    "attack", "attack_text", "load_dataset", "load_victim",
]  # fmt: skip

HEAVY = {"torch", "transformers", "nltk", "sklearn", "pandas", "matplotlib"}
PACKAGE = Path(__file__).parents[1] / "src/turncoat"
PURE = [
    f"turncoat.{room}.{path.stem}"
    for room in ("attacks", "goals", "substitutions")
    for path in sorted((PACKAGE / room).glob("*.py"))
    if path.stem != "__init__"
]


def loaded_by(*modules: str) -> set[str]:
    """Heavy libraries in memory after a fresh interpreter has imported the modules."""
    program = f"import json, sys, {', '.join(modules)}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return HEAVY & set(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["turncoat", "turncoat.registry", "turncoat.cli"])
def test_import_loads_no_heavy_library(module: str) -> None:
    assert loaded_by(module) == set()


def test_attacks_goals_and_substitutions_load_no_heavy_library() -> None:
    assert loaded_by(*PURE) == set()


def test_public_surface_is_written_down() -> None:
    assert sorted(getattr(turncoat, "__all__", ["__version__"])) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(turncoat, name) is not None
