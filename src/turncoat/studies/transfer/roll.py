"""The roll of a study's victims: who is there, and whether all judge by the same classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from turncoat.errors import UsageError
from turncoat.models.classes import check_same_classes
from turncoat.studies.transfer.arm import Failure, recorded
from turncoat.studies.transfer.crafting import OnStage
from turncoat.studies.transfer.entries import FIRST, SECOND, Entry, Loader, by_form

Roll = Mapping[tuple[str, str], str]  # fingerprints of the victims that could be loaded, by model and instance


def call_roll(
    entries: Sequence[Entry], classes: Sequence[str], loader: Loader, failures: list[Failure], on_stage: OnStage
) -> Roll:
    """Load every instance once.

    Args:
        classes: those of the data, in the order of its labels; empty if they have no names.
        failures: whoever cannot be loaded is added.

    Raises:
        UsageError: victims, or victims and data, have different classes or another order of them; both lists are shown.
            Or both instances of a model are one.
    """
    labels: dict[str, tuple[str, ...]] = {}
    fingerprints: dict[tuple[str, str], str] = {}
    wanted = [(entry, instance) for entry in by_form(entries) for instance in entry.instances()]
    for done, (entry, instance) in enumerate(wanted, 1):
        name = entry.model.name
        with recorded(failures, name, f"loading instance {instance}"):
            victim = loader.load(entry, instance)
            labels[f"{name} ({instance})"] = victim.labels
            fingerprints[name, instance] = victim.fingerprint
        on_stage("loading victims", done, len(wanted))
    for entry in entries:
        first, second = (fingerprints.get((entry.model.name, instance)) for instance in (FIRST, SECOND))
        if first is not None and first == second:
            raise UsageError(f"expected two instances of {entry.model} that were trained anew, got the same one twice")
    _check_classes(labels, classes)
    return fingerprints


def _check_classes(labels: Mapping[str, Sequence[str]], classes: Sequence[str]) -> None:
    """Victims must agree; the data may have other names for their classes, but not the same names in another order."""
    (whose, first), *others = [*labels.items()] or [("nobody", ())]
    if {name.lower() for name in classes} & {name.lower() for name in first}:
        others.append(("the data", classes))
    for name, other in others:
        check_same_classes(whose, first, name, other)
