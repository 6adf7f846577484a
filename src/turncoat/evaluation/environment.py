"""Where and with what a run was made: kept beside its results, never compared."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from turncoat.models.card import versions

PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "scikit-learn", "nltk", "textblob")


def environment() -> dict[str, Any]:
    """Versions, machine, command line and time (UTC)."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command_line(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "packages": versions(*PACKAGES),
    }


def command_line() -> str:
    """The command line that this process was started with, as one would type it."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return shlex.join([program.parent.name, *sys.argv[1:]])
    return shlex.join(["python", *sys.argv] if program.suffix == ".py" else [program.name, *sys.argv[1:]])


def provenance(note: str = "") -> str:
    """How numbers were made, in a sentence of Markdown: command, machine, versions."""
    where = environment()
    versions = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    return f"Command: `{where['command']}`. {where['machine']}; Python {where['python']}, {versions}. {note}".rstrip()
