"""What was worked out once and may be thrown away: the cache folder, and JSON files in it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turncoat.disk import write_file
from turncoat.errors import UsageError


def cache_folder() -> Path:
    """`$TURNCOAT_CACHE`, or `~/.cache/turncoat`. Need not exist yet."""
    return Path(os.environ.get("TURNCOAT_CACHE") or Path.home() / ".cache" / "turncoat").expanduser()


def cached(name: str, build: Callable[[], Any]) -> Any:
    """The JSON value kept as `name` in the cache folder; if there is none, what `build` returns, kept for next time.

    A damaged file is built anew; a folder that cannot be written only costs the time to build.
    """
    path = cache_folder() / f"{name}.json"
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        value = build()
    with contextlib.suppress(UsageError):  # read-only machine
        write_file(json.dumps(value, separators=(",", ":")), path)
    return value
