"""Classifiers: the class names of data and victim brought together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from turncoat.attacks.attack import Attack, TaskName
from turncoat.data.datasets import read
from turncoat.data.example import Dataset, Example
from turncoat.errors import UsageError
from turncoat.evaluation.attacking import Setting
from turncoat.models.classes import class_index
from turncoat.models.loading import function_victim, load_victim
from turncoat.models.victim import HardLabel, Victim, responders
from turncoat.registry import DATASETS, VICTIMS
from turncoat.tasks.kind import Files, Kind, Ready, Wishes


class Classification(Kind):
    """Turning a classifier's verdicts."""

    name: ClassVar[TaskName] = "classification"
    victims: ClassVar[type] = Victim
    data: ClassVar[type] = Dataset
    usual_attack: ClassVar[str] = "pwws"
    wishes: ClassVar[frozenset[str]] = frozenset(("target", "from_class", "hard_label"))

    def names_victim(self, spec: str) -> bool:
        return spec in VICTIMS.names()

    def names_data(self, source: str) -> bool:
        return source in DATASETS.names()

    def load(self, spec: str, online: bool) -> Victim:
        return load_victim(spec, online)

    def from_function(self, function: Callable[[list[str]], Any]) -> Victim:
        return function_victim(function)

    def read(self, source: str, split: str, files: Files) -> Dataset:
        return read(source, split, files.text, files.label, strict=files.strict, online=files.online)

    def ready(self, victim: Victim, data: Any, attack: Attack, wishes: Wishes, seed: int, encoder: bool) -> Ready:
        labels, hard = victim.labels, wishes.hard_label
        if hard and attack.needs_probabilities:
            name = type(attack).__name__
            raise UsageError(f"{name} needs probabilities; it cannot attack a victim with hard labels")
        source_class, target = (
            None if name is None else class_index(name, labels) for name in (wishes.from_class, wishes.target)
        )
        config = {
            "target": None if target is None else labels[target],
            "from_class": None if source_class is None else labels[source_class],
            "hard_label": hard,
        }
        if target is not None and target == source_class:
            raise UsageError(f"expected to turn texts into another class, got {labels[target]} from itself")
        dataset = _of_class(align(_dataset(data), victim), source_class)
        setting = Setting(attack, victim, target, hard, seed, encoder)
        return Ready(setting, dataset, responders(HardLabel(victim) if hard else victim), config)


def align(dataset: Dataset, victim: Victim) -> Dataset:
    """The data set with its labels numbered as the victim numbers its classes.

    Names decide where the victim has all of the data's; the data may lack some. Where one side has numbers alone
    ("0", "LABEL_1"), it takes the other's names in their order.

    Raises:
        UsageError: neither fits; both lists are shown.
    """
    ours, theirs = dataset.labels, victim.labels
    lowered = [name.lower() for name in theirs]
    if not ours or [name.lower() for name in ours] == lowered:
        return dataset
    if {name.lower() for name in ours} <= set(lowered):
        renumbered = tuple(replace(e, label=lowered.index(ours[e.label].lower())) for e in dataset)
        return replace(dataset, examples=renumbered, labels=theirs)
    if len(ours) == len(theirs) and (_nameless(ours) or _nameless(theirs)):
        return dataset
    raise UsageError(
        f"the classes of {dataset.name} and of {victim.name} differ: {', '.join(ours)} in the data, "
        f"{', '.join(theirs)} in the victim; attack a victim that was trained for these classes"
    )


def by_number(dataset: Dataset, victim: Victim) -> str:
    """Which class of the data is which of the victim, "good = 0, poor = 1", if numbers alone say so; else ""."""
    pairs = [*zip(dataset.labels, victim.labels, strict=False)]
    named = {name.lower() for name in dataset.labels} <= {name.lower() for name in victim.labels}
    return "" if named else ", ".join(f"{ours} = {theirs}" for ours, theirs in pairs)


def _nameless(labels: Sequence[str]) -> bool:
    """Whether classes are numbered, not named."""
    return all(name.removeprefix("LABEL_") == str(i) for i, name in enumerate(labels))


def _dataset(data: Dataset | Sequence[tuple[str, int]]) -> Dataset:
    if isinstance(data, Dataset):
        return data
    try:
        examples = tuple(Example(f"{i:05d}", text, int(label)) for i, (text, label) in enumerate(data))
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"expected a Dataset or pairs (text, class index) for classification, got a {type(data).__name__}: {error}"
        ) from error
    return Dataset("given texts", examples, ())


def _of_class(dataset: Dataset, label: int | None) -> Dataset:
    if label is None:
        return dataset
    return replace(dataset, examples=tuple(example for example in dataset if example.label == label))
