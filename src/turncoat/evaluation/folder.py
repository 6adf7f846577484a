"""The run folder: what was asked for, what is finished, and nothing lost on the way.

run.toml         everything needed to repeat the run; its [config] decides whether a run may be continued here
outcomes.jsonl   one line an example, written as it ends
summary.json     metrics with intervals, when all examples have ended
report.html      the same to look at
"""

from __future__ import annotations

import fcntl
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from turncoat.errors import BrokenData, UsageError
from turncoat.evaluation.outcome import Outcome

PARTIAL = ".partial"  # of a file that is being written


@dataclass(frozen=True)
class RunFolder:
    """A run on disk."""

    path: Path

    @property
    def outcomes_file(self) -> Path:
        return self.path / "outcomes.jsonl"

    @property
    def run_file(self) -> Path:
        return self.path / "run.toml"

    def description(self) -> dict[str, Any]:
        """The parsed run.toml.

        Raises:
            UsageError: this is no run folder.
        """
        if not self.run_file.is_file():
            raise UsageError(f"{self.path} is no run folder: expected {self.run_file.name} in it, found none")
        try:
            return tomllib.loads(self.run_file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{self.run_file}: expected TOML as written by turncoat: {error}") from error

    def begin(self, description: Mapping[str, Any]) -> None:
        """Create the folder, or make sure that what lies there is the same run.

        Raises:
            UsageError: another configuration was run here; the message shows the differences.
        """
        if self.run_file.is_file():
            differences = list(_differences(self.description().get("config", {}), description["config"]))
            if differences:
                raise UsageError(
                    f"{self.path} holds a run with another configuration; choose another --out, or delete it:\n  "
                    + "\n  ".join(differences)
                )
            return
        ours = (".lock", f"{self.run_file.name}{PARTIAL}")  # left by a run that was killed before it began
        if self.path.is_dir() and any(entry.name not in ours for entry in self.path.iterdir()):
            raise UsageError(f"{self.path} is not empty and holds no run; choose another --out")
        self.path.mkdir(parents=True, exist_ok=True)
        self.write(self.run_file.name, tomli_w.dumps(_without_none(description)))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out of this folder.

        Raises:
            UsageError: another process is writing here.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UsageError(
                    f"{self.path}: another process is writing to this run; wait for it or stop it"
                ) from error
            yield

    def outcomes(self) -> list[Outcome]:
        """All finished outcomes, in the order of the file; a half-written last line is ignored.

        Raises:
            BrokenData: a line before the last cannot be read.
        """
        return [_read(line) for line in self._whole_lines()]

    def repair(self) -> None:
        """Cut off a half-written last line, as a killed process leaves it."""
        if self.outcomes_file.is_file():
            whole = sum(len(line) + 1 for line in self._whole_lines())
            if whole < self.outcomes_file.stat().st_size:
                os.truncate(self.outcomes_file, whole)

    @contextmanager
    def writing(self) -> Iterator[Callable[[Outcome], None]]:
        """Yield a function that appends an outcome and hands it to the operating system at once."""
        with self.outcomes_file.open("ab") as file:

            def keep(outcome: Outcome) -> None:
                file.write(outcome.to_json().encode("utf-8", "surrogatepass") + b"\n")
                file.flush()

            yield keep

    def write(self, name: str, content: str) -> Path:
        """Write a file whole or not at all."""
        path = self.path / name
        partial = path.with_name(path.name + PARTIAL)
        partial.write_text(content, encoding="utf-8")
        partial.replace(path)
        return path

    def _whole_lines(self) -> list[bytes]:
        if not self.outcomes_file.is_file():
            return []
        lines = self.outcomes_file.read_bytes().split(b"\n")
        whole = lines[:-1]
        for number, line in enumerate(whole, 1):
            try:
                _read(line)
            except (ValueError, KeyError, TypeError) as error:
                if number == len(whole) and not lines[-1]:
                    return whole[:-1]
                raise BrokenData(
                    f"{self.outcomes_file}:{number}: expected an outcome: {error}; delete the line to attack it again"
                ) from error
        return whole


def _read(line: bytes) -> Outcome:
    return Outcome.from_json(line.decode("utf-8", "surrogatepass"))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Lines "key: old -> new" for every leaf that differs."""
    for key in sorted({*old, *_without_none(new)}):
        here, there = old.get(key), new.get(key)
        if isinstance(here, dict) and isinstance(there, Mapping):
            yield from _differences(here, there, f"{prefix}{key}.")
        elif here != _plain(there):
            yield f"{prefix}{key}: {here!r} there, {_plain(there)!r} asked for"


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has no null: keys without a value are left out."""
    return {key: _plain(value) for key, value in table.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_none(value)
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value
