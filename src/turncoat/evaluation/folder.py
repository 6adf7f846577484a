"""The run folder: what was asked for, what is finished, and nothing lost on the way.

run.toml         everything needed to repeat the run; its [config] decides whether a run may be continued here
outcomes.jsonl   one line an example, written as it ends
summary.json     metrics with intervals, when all examples have ended
report.html      the same to look at
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from turncoat.disk import LOCK, locked, plain, write_file
from turncoat.errors import BrokenData, UsageError
from turncoat.evaluation.description import check_same_config, read_description
from turncoat.evaluation.outcome import Outcome


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
        return read_description(self.run_file, "run folder")

    def begin(self, description: Mapping[str, Any]) -> None:
        """Create the folder, or make sure that what lies there is the same run.

        Raises:
            UsageError: another configuration was run here; the message shows the differences.
        """
        check_same_config(self.run_file, "run", description["config"])
        if not self.run_file.is_file():
            self.write(self.run_file.name, tomli_w.dumps(plain(description)))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out of this folder.

        Raises:
            UsageError: another process is writing here, or there can be no such folder.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.path}: expected a run folder, or a place where one can be made: {error}"
            ) from error
        with locked(self.path / LOCK, wait=False) as ours:
            if not ours:
                raise UsageError(f"{self.path}: another process is writing to this run; wait for it or stop it")
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
        write_file(content, self.path / name)
        return self.path / name

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
