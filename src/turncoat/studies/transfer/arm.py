"""The arm of a study that belongs to one attack: its files, what failed in it, and how long its parts took."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from turncoat.disk import locked, write_file
from turncoat.errors import TurncoatError
from turncoat.studies.model import Model
from turncoat.studies.transfer.record import read_record

Work = TypeVar("Work")


@dataclass(frozen=True)
class Failure:
    """What did not work: the model, the part of the study, and why."""

    model: str
    part: str
    reason: str


@contextmanager
def recorded(failures: list[Failure], model: str, part: str) -> Iterator[None]:
    """Note whatever is raised inside, and go on: one model's failure does not end a study."""
    try:
        yield
    except Exception as error:  # also what foreign models raise
        kind = "" if isinstance(error, TurncoatError) else f"{type(error).__name__}: "
        failures.append(Failure(model, part, f"{kind}{error}"))


@dataclass(frozen=True)
class Arm:
    """The files of one attack's arm; see `StudyFolder`."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def record_file(self) -> Path:
        return self.path / "record.npz"

    def models(self) -> tuple[Model, ...]:
        """Those of the record, none if there is no record yet."""
        return read_record(self.record_file).sources if self.record_file.is_file() else ()

    @property
    def ensembles(self) -> Arm:
        """The part that belongs to its ensembles."""
        return Arm(self.path / "ensembles")

    def run_folder(self, source: str) -> Path:
        """Where the attack on a source is kept."""
        return self.path / "runs" / source

    def texts_file(self, source: str) -> Path:
        """Where the texts made for a source are kept."""
        return self.path / "texts" / f"{source}.jsonl"

    def answers_file(self, target: str) -> Path:
        """Where an instance's answers are kept."""
        return self.path / "answers" / f"{target}.npz"

    def shared_out(self, work: Mapping[str, Work]) -> Iterator[Work]:
        """Pieces of work by name: first those that no other process is at, each one held while it is done here; then
        the others, as soon as they are let go, to read what was done there."""
        waiting = dict(work)
        for wait in (False, True):
            for name in list(waiting):
                with locked(self.path / ".locks" / name, wait) as ours:
                    if ours:
                        yield waiting.pop(name)

    def write_failures(self, failures: Sequence[Failure]) -> None:
        """Replace the list of what failed."""
        content = json.dumps([asdict(failure) for failure in failures], indent=1, ensure_ascii=False)
        write_file(content + "\n", self._failures_file)

    def failures(self) -> list[Failure]:
        """What failed when the arm was last run."""
        if not self._failures_file.is_file():
            return []
        return [Failure(**entry) for entry in json.loads(self._failures_file.read_text(encoding="utf-8"))]

    @contextmanager
    def timed(self, part: str, model: str) -> Iterator[dict[str, int]]:
        """Add a line to the list of times: seconds of the clock and of the processor, and how much was done in them.

        Yields a dictionary for the latter.
        """
        sizes: dict[str, int] = {}
        start, start_of_processor = time.perf_counter(), time.process_time()
        yield sizes
        seconds, processor = time.perf_counter() - start, time.process_time() - start_of_processor
        entry = {"part": part, "model": model, "seconds": round(seconds, 3), "processor": round(processor, 3), **sizes}
        self.path.mkdir(parents=True, exist_ok=True)
        with self._times_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def times(self) -> list[dict[str, Any]]:
        """The list of times; a half-written line is left out."""
        if not self._times_file.is_file():
            return []
        lines = self._times_file.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines if line.endswith("}")]

    @property
    def _failures_file(self) -> Path:
        return self.path / "failures.json"

    @property
    def _times_file(self) -> Path:
        return self.path / "times.jsonl"
