"""Files that are written whole or not at all, locks between processes, and tables that TOML can keep."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from turncoat.errors import UsageError

PARTIAL = ".partial"  # ends the name of a file that is being written
LOCK = ".lock"  # of a whole folder


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a path to write to, which becomes `path` when all has gone well; the folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")  # two processes may write the same file
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_file(content: str | bytes, path: str | Path) -> None:
    """Write a file whole or not at all; the folder is made if it is missing.

    Raises:
        UsageError: it cannot be written.
    """
    path = Path(path)
    try:
        with whole(path) as partial:
            partial.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error}") from error


@contextmanager
def locked(path: Path, wait: bool) -> Iterator[bool]:
    """Keep other processes out while the context lasts; the lock's file is made if it is missing.

    Args:
        wait: for a process that is in; else False is yielded if there is one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = True
        except BlockingIOError:
            ours = False
        yield ours


def plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table as TOML can keep it and gives it back: keys without a value are left out, tuples are lists."""
    return {key: _plain(value) for key, value in table.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
