"""What was worked out once and may be thrown away: the cache folder, and JSON files in it."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


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
    with contextlib.suppress(OSError):  # read-only machine
        write_whole(path, json.dumps(value, separators=(",", ":")).encode())
    return value


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that other processes see all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
