"""Who may import whom: the order of the rooms in src/turncoat, read from every import statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src/turncoat"

# A file may import its own tier and those above it in this list.
TIERS = (
    "text errors space intervals notation disk",
    "registry data engine",
    "models substitutions goals",
    "attacks continuous",
    "rules training",
    "evaluation",
    "studies",
    "config recipes tasks api demo cli __init__ __main__",
)
TIER = {room: number for number, rooms in enumerate(TIERS) for room in rooms.split()}
NO_MODELS_IN = {"attacks", "goals", "substitutions"}
MODEL_LIBRARIES = {"torch", "transformers"}

FILES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(file: str) -> str:
    """The folder, or the file name for a file that lies in none."""
    return Path(file).parts[0].removesuffix(".py")


def imports(source: str, file: str) -> Iterator[tuple[int, str]]:
    """Line and full module name of every import, those inside functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ["turncoat", *Path(file).parts[:-1]]
            above = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module == "turncoat":  # `from turncoat import engine` imports a room, other names stand in __init__
                yield from ((node.lineno, f"turncoat.{a.name if a.name in TIER else '__init__'}") for a in node.names)
            else:
                yield node.lineno, module


def breaches(source: str, file: str) -> list[str]:
    """What a file imports and must not."""
    room, found = room_of(file), []
    for line, module in imports(source, file):
        library, *inside = module.split(".")
        imported = inside[0] if inside else "__init__"
        if library == "turncoat" and TIER.get(imported, 0) > TIER[room]:
            found.append(f"{file}:{line}: {room} (tier {TIER[room]}) imports {imported} (tier {TIER[imported]})")
        if room in NO_MODELS_IN and library in MODEL_LIBRARIES:
            found.append(f"{file}:{line}: {room} imports {library}; await a query instead")
    return found


@pytest.mark.parametrize("file", FILES)
def test_file_imports_only_its_own_tier_and_lower_ones(file: str) -> None:
    room = room_of(file)
    assert room in TIER, (
        f"src/turncoat/{file}: {room!r} is in no tier; add it to TIERS in tests/test_layers.py, "
        "as low as what it imports allows"
    )
    assert breaches(FILES[file].read_text("utf-8"), file) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("engine/run.py", "import turncoat.models.victim"),
        ("engine/run.py", "from turncoat.models import victim"),
        ("engine/run.py", "from turncoat import models"),
        ("engine/run.py", "from ..models.victim import Victim"),
        ("engine/run.py", "def late():\n    from turncoat.models.victim import Victim"),
        ("text.py", "from .engine import run"),
        ("attacks/pwws.py", "from turncoat import __version__"),
        ("attacks/pwws.py", "import turncoat"),
        ("attacks/pwws.py", "def late():\n    import torch.nn"),
        ("goals/reading.py", "from transformers import AutoModel"),
    ],
)
def test_breaches_are_seen(file: str, source: str) -> None:
    assert len(breaches(source, file)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("engine/run.py", "from turncoat.engine.query import Ask\nfrom . import memory\nfrom ..text import Text"),
        ("models/encoder.py", "import torch"),
        ("cli.py", "from turncoat import __version__, api"),
    ],
)
def test_allowed_imports_pass(file: str, source: str) -> None:
    assert breaches(source, file) == []
