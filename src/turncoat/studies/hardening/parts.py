"""The parts of a hardening, each of them done once: trained models and attack runs, kept under one folder."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from turncoat.data.example import Dataset
from turncoat.engine.meter import Meter
from turncoat.evaluation.execution import OnOutcome
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.run import Run
from turncoat.models.card import FILE
from turncoat.models.victim import Victim
from turncoat.studies.hardening.plan import Assault
from turncoat.training.recipes import Recipe
from turncoat.training.splits import Splits
from turncoat.training.storing import save
from turncoat.training.trainer import Progress, examine, train

SECONDS = "seconds.json"
UNFINISHED = "unfinished"  # checkpoints of the training under way


class Attacks(Protocol):
    """`turncoat.attack`, as far as it is needed here."""

    def __call__(
        self,
        victim: Victim,
        data: Dataset,
        method: str,
        *,
        candidates: str | None,
        seed: int,
        budget: int | None,
        encoder: str | None,
        out: Path,
        on_outcome: OnOutcome,
        meter: Meter,
    ) -> Run:
        """Attack every example; continue what is in `out`."""


@dataclass(frozen=True)
class Watch:
    """Who is told how it goes on.

    Attributes:
        training: given what is trained, yields what to call after each step.
        attacking: given what is attacked, how many examples and the meter, yields what to call with each outcome.
    """

    training: Callable[[str], AbstractContextManager[Progress]] = lambda what: nullcontext(lambda *step: None)
    attacking: Callable[[str, int, Meter], AbstractContextManager[OnOutcome]] = lambda what, total, meter: nullcontext(
        lambda outcome: None
    )


@dataclass(frozen=True)
class Parts:
    """Where the parts lie, and how those that are missing are made.

    Attributes:
        path: their folder.
        attacks: conducts an attack.
        watch: is told how it goes on.
        command: kept on the cards of trained models.
    """

    path: Path
    attacks: Attacks
    watch: Watch = field(default_factory=Watch)
    command: str = ""

    def model(
        self, part: str, train_set: Dataset, splits: Splits, recipe: Recipe, seed: int, about: Mapping[str, Any]
    ) -> Path:
        """The folder of a trained model, which is trained unless it is there; a training that was cut short goes on.

        Args:
            part: name of the folder.
            train_set: what it learns from.
            splits: the dev set chooses the epoch, the test set judges.
            about: goes on the card, under `training`.
        """
        folder = self.path / part
        if not (folder / FILE).is_file():
            with self.timed(part), self.watch.training(part) as progress:
                trained = train(
                    train_set, splits.dev, recipe, seed, progress, self.command, checkpoints=self.path / UNFINISHED
                )
            trained = examine(trained, splits.test)
            card = replace(trained.card, training={**trained.card.training, **about})
            save(replace(trained, card=card), folder)
            shutil.rmtree(self.path / UNFINISHED, ignore_errors=True)
        return folder

    def run(
        self, part: str, what: str, victim: Victim, data: Dataset, assault: Assault, seed: int, encoder: str | None
    ) -> Run:
        """The run of a part, continued where it stopped. It asks `victim`: a folder with another one's is refused."""
        meter, folder = Meter(), self.path / part
        done = (folder / "summary.json").is_file()
        with nullcontext() if done else self.timed(part), self.watch.attacking(what, len(data), meter) as on_outcome:
            return self.attacks(
                victim, data, assault.method, candidates=assault.candidates, seed=seed, budget=assault.budget,
                encoder=encoder, out=folder, on_outcome=on_outcome, meter=meter,
            )  # fmt: skip

    def seconds(self, part: str) -> float:
        """Wall time that a part has taken so far, interrupted tries included."""
        return self._seconds().get(part, 0.0)

    def _seconds(self) -> dict[str, float]:
        file = self.path / SECONDS
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add what passes inside to the seconds of a part, also if it is interrupted."""
        self.path.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        try:
            yield
        finally:
            found = self._seconds()
            found[part] = found.get(part, 0.0) + time.perf_counter() - start
            RunFolder(self.path).write(SECONDS, json.dumps(found, indent=2) + "\n")


def move_up(source: Path, folder: Path) -> None:
    """Move a stored model's files to `folder`, its card last: the folder is a model when all is there.

    What an earlier call did not finish is finished.
    """
    for file in sorted(source.iterdir(), key=lambda file: file.name == FILE):
        file.replace(folder / file.name)
    source.rmdir()
