"""What a folder of results was asked for, as TOML: a run or a study goes on where it stands, but only the same one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from turncoat.disk import LOCK, PARTIAL, plain
from turncoat.errors import UsageError


def read_description(file: Path, kind: str) -> dict[str, Any]:
    """The parsed file of a folder of this kind ("run folder").

    Raises:
        UsageError: there is none, or it is damaged.
    """
    if not file.is_file():
        raise UsageError(f"{file.parent} is no {kind}: expected {file.name} in it, found none")
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: expected TOML as written by turncoat: {error}") from error


def check_same_config(file: Path, kind: str, config: Mapping[str, Any]) -> None:
    """Make sure that a "run" or "study" with this configuration may begin or go on in the file's folder.

    Raises:
        UsageError: another configuration, with the differences, or something else is in the folder.
    """
    folder = file.parent
    if not file.is_file():
        # a run that was killed before it began leaves a lock, or a file that was never finished
        if folder.is_dir() and any(each.name != LOCK and each.suffix != PARTIAL for each in folder.iterdir()):
            raise UsageError(f"{folder} is not empty and holds no {kind}; choose another --out")
    elif differences := [*_differences(read_description(file, kind).get("config", {}), plain(config))]:
        raise UsageError(
            f"{folder} holds a {kind} with another configuration; choose another --out, or delete it:\n  "
            + "\n  ".join(differences)
        )


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """A line for every leaf that differs."""
    for key in sorted({*old, *new}):
        here, there = old.get(key), new.get(key)
        if isinstance(here, dict) and isinstance(there, dict):
            yield from _differences(here, there, f"{prefix}{key}.")
        elif here != there:
            yield f"{prefix}{key}: {here!r} there, {there!r} asked for"
