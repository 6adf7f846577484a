"""The folder of a transfer study: what was asked for, and all that is finished, so that a killed study goes on.

study.toml                what all arms share, and the victims; its [config] decides whether a study may go on here
ATTACK/runs/MODEL/        an ordinary run: the attack on a model's first instance
ATTACK/texts/MODEL.jsonl  the successes that were kept, as text; MODEL.json beside it says that they are complete
ATTACK/answers/MODEL.a    what an instance said of texts, so that it is asked about none twice
ATTACK/record.npz         all verdicts; see `TransferRecord`
ATTACK/failures.json      what did not work, and why
ATTACK/times.jsonl        what took how long
ATTACK/ensembles/         the same of ensembles, with their choices
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from turncoat.disk import LOCK, locked, write_file
from turncoat.evaluation.description import check_same_config, read_description
from turncoat.studies.transfer.arm import Arm


@dataclass(frozen=True)
class StudyFolder:
    """A transfer study on disk."""

    path: Path

    def arm(self, attack: str) -> Arm:
        return Arm(self.path / attack)

    def arms(self) -> list[Arm]:
        """The attacks whose verdicts are in."""
        return [Arm(file.parent) for file in sorted(self.path.glob("*/record.npz"))]

    @property
    def begun(self) -> bool:
        """Whether there is a study."""
        return self._file.is_file()

    def description(self) -> dict[str, Any]:
        """The parsed study.toml.

        Raises:
            UsageError: this is no study.
        """
        return read_description(self._file, "transfer study")

    def begin(self, config: Mapping[str, Any], source: Mapping[str, Any], models: Mapping[str, Any]) -> None:
        """Create the folder, or go on with the study that lies there; models that are new to it are added.

        Args:
            config: what a study that goes on must have in common with this one.
            source: where the data came from, to do more with the study later.
            models: the instances of each model, by its name.

        Raises:
            UsageError: see `check`.
        """
        with locked(self.path / LOCK, wait=True):  # two processes may attack side by side
            self.check(config)
            known = self.description().get("models", {}) if self.begun else {}
            content = {"config": config, "source": source, "models": {**known, **models}}
            write_file(tomli_w.dumps(content), self._file)

    def check(self, config: Mapping[str, Any]) -> None:
        """Make sure that a study with this configuration may begin or go on here.

        Raises:
            UsageError: another study, or something else, is in the folder.
        """
        check_same_config(self._file, "study", config)

    @property
    def _file(self) -> Path:
        return self.path / "study.toml"
