"""What the parts of a transfer study share: its settings, its victims, and the folder where all is kept."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.models.ensemble import Ensemble
from turncoat.studies.model import Model
from turncoat.studies.transfer.arm import Arm, Failure
from turncoat.studies.transfer.crafting import Attacker, Crafting, OnStage
from turncoat.studies.transfer.entries import FIRST, Entry, Loader, by_form
from turncoat.studies.transfer.folder import StudyFolder
from turncoat.studies.transfer.record import KEPT
from turncoat.studies.transfer.roll import Roll, call_roll
from turncoat.studies.transfer.scoring import Target


@dataclass(frozen=True, kw_only=True)
class Study:
    """What all models and attacks of a study share.

    Attributes:
        dataset: what examples are drawn from; its labels are numbered as the victims number them.
        examples: how many each source is attacked on, the same for all; None for all there are.
        keep: most successes of a source that targets are shown.
        fewer: by the name of an attack, those sources that are attacked on so many of the drawn examples only.
        seed: decides the drawn examples, the attacks' random numbers and which successes are kept.
    """

    dataset: Dataset
    examples: int | None = 1000
    keep: int = KEPT
    fewer: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        most = len(self.sample)
        counts = [(name, count) for slow in self.fewer.values() for name, count in slow.items()]
        if wrong := {name: count for name, count in counts if not 0 < count <= most}:
            raise UsageError(f"expected 1 to {most} examples for slow models, got {wrong}")

    @cached_property
    def sample(self) -> Dataset:
        """The examples of the study."""
        return self.dataset.sample(self.examples, self.seed)

    def sample_of(self, attack: str, name: str) -> Dataset:
        """The examples that a source is attacked on."""
        count = self.fewer.get(attack, {}).get(name)
        return self.sample if count is None else self.dataset.sample(count, self.seed)

    def fewest(self, attack: str, names: Collection[str], most: int) -> Dataset:
        """The examples that sources are attacked on together: as many as the slowest, and `most` at most."""
        return self.dataset.sample(min(most, *(len(self.sample_of(attack, name)) for name in names)), self.seed)

    @property
    def config(self) -> dict[str, Any]:
        """What a study that goes on must have in common with this one."""
        return {
            "data": self.dataset.name,
            "digest": self.sample.digest,
            "examples": len(self.sample),
            "keep": self.keep,
            "seed": self.seed,
        }


@dataclass(frozen=True)
class Laboratory:
    """A study under way; see `open_laboratory`.

    Attributes:
        study, folder, entries: what is studied, where it is kept, and the models.
        roll: those of their instances that could be loaded, with fingerprints.
        absent: those that could not.
        attack: `turncoat.api.attack`, or what takes its arguments.
        loader: loads victims.
        on_stage: told what is being done.
    """

    study: Study
    folder: StudyFolder
    entries: Sequence[Entry]
    roll: Roll
    absent: tuple[Failure, ...]
    attack: Attacker
    loader: Loader
    on_stage: OnStage

    @property
    def models(self) -> tuple[Model, ...]:
        """All models, those that could not be loaded too."""
        return tuple(entry.model for entry in self.entries)

    def only(self, names: Container[str]) -> Laboratory:
        """The same with some of its models, by name."""
        entries = tuple(entry for entry in self.entries if entry.model.name in names)
        return replace(self, entries=entries, absent=tuple(each for each in self.absent if each.model in names))

    def present(self, instance: str = FIRST) -> list[Entry]:
        """The models of which that instance is there, those that read alike next to each other."""
        return [entry for entry in by_form(self.entries) if (entry.model.name, instance) in self.roll]

    def crafting(self, arm: Arm, method: Any) -> Crafting:
        """How texts are made by one attack."""
        lots = tuple(example.id for example in self.study.sample)
        return Crafting(arm, method, self.attack, lots, self.study.keep, self.study.seed, self.on_stage)

    def fingerprint(self, entry: Entry) -> str:
        """That of the model's first instance."""
        return self.roll[entry.model.name, FIRST]

    def ensemble(self, entries: Sequence[Entry]) -> Ensemble:
        """The first instances of some models as one victim."""
        return Ensemble([self.loader.load(entry) for entry in entries])

    def target(self, entry: Entry, instance: str = FIRST) -> Target:
        """An instance that is shown texts."""
        name = entry.model.name
        load = partial(self.loader.load, entry, instance)
        return Target(f"{name}.{instance}", self.roll[name, instance], load)


def open_laboratory(
    entries: Sequence[Entry],
    study: Study,
    path: Path,
    attack: Attacker,
    *,
    source: Mapping[str, Any] | None = None,
    online: bool = False,
    on_stage: OnStage = lambda doing, done, total: None,
) -> Laboratory:
    """Load every victim once, and begin or go on with the study in a folder.

    Args:
        path: the folder.
        attack: `turncoat.api.attack`, or what takes its arguments.
        source: kept in study.toml, to do more with the study later.
        online: whether victims may come from the hub.
        on_stage: called with what is being done, how far, and of how much.

    Raises:
        UsageError: the victims' classes differ, a slow model is no model of the study, or the folder holds another one.
    """
    names = [entry.model.name for entry in entries]
    if strangers := set().union(*study.fewer.values()) - set(names):
        raise UsageError(f"expected slow models among {', '.join(names)}, got {', '.join(sorted(strangers))}")
    folder, loader, failures = StudyFolder(path), Loader(online), list[Failure]()
    folder.check(study.config)
    roll = call_roll(entries, study.dataset.labels, loader, failures, on_stage)
    instances = {
        entry.model.name: {name: str(getattr(found, "name", found)) for name, found in entry.instances().items()}
        for entry in entries
    }
    folder.begin(study.config, source or {}, instances)
    return Laboratory(study, folder, entries, roll, tuple(failures), attack, loader, on_stage)
