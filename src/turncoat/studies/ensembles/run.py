"""Ensembles on real victims: choose them from the matrix, attack each as one victim, show the texts to all others.

Source: see `zoo_names`, Section 4.1 and Figure 1. Everything is kept as it ends; the same call goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from turncoat.disk import write_file
from turncoat.errors import BrokenData, UsageError
from turncoat.studies.arrays import read_arrays, write_arrays
from turncoat.studies.ensembles.choices import SIZES, Chosen, choose
from turncoat.studies.ensembles.coverage import Coverage
from turncoat.studies.ensembles.curves import EnsembleRecord
from turncoat.studies.ensembles.search import GeneticSearch
from turncoat.studies.model import Model
from turncoat.studies.transfer.arm import Arm, Failure, recorded
from turncoat.studies.transfer.crafting import Crafted
from turncoat.studies.transfer.entries import FIRST
from turncoat.studies.transfer.laboratory import Laboratory
from turncoat.studies.transfer.record import NOT_ASKED, TransferRecord, read_record
from turncoat.studies.transfer.scoring import Sheet
from turncoat.studies.zoo_names import model_named

LONGEST_NAME = 200


@dataclass(frozen=True)
class EnsembleStudy:
    """What became of the ensembles of one arm.

    Attributes:
        chosen: the ensembles; several choices may have made the same.
        records: what was said of the texts made for an ensemble, by its members; those that failed have none.
        left_out: names of models that could not be chosen, because the user said so.
        examples: most that an ensemble was attacked on, fewer if a member is slow; None if it is not known.
    """

    chosen: tuple[Chosen, ...]
    records: dict[frozenset[Model], EnsembleRecord]
    left_out: tuple[str, ...] = ()
    examples: int | None = None

    def record(self, chosen: Chosen) -> EnsembleRecord | None:
        """The record of an ensemble."""
        return self.records.get(frozenset(chosen.members))


def run_ensembles(
    laboratory: Laboratory,
    attack: str,
    method: Any,
    sizes: Iterable[int] = SIZES,
    search: GeneticSearch | None = None,
    left_out: Collection[str] = (),
    examples: int | None = None,
) -> EnsembleStudy:
    """Choose ensembles from the verdicts of an arm, attack them, and show the texts to the models outside.

    Args:
        attack: name of the arm, whose verdicts must be in.
        method: what `Laboratory.attack` takes for it.
        sizes: numbers of members; those that leave no model outside are passed over.
        left_out: names of models that may not be chosen, slow ones say; they are shown the texts all the same.
        examples: attack each on so many of the study's; None for all.

    Raises:
        UsageError: the arm has no verdicts, no size is left, or a model that is left out is not in the study.
    """
    arm, names = laboratory.folder.arm(attack), [model.name for model in laboratory.models]
    if strange := sorted(set(left_out) - set(names)):
        raise UsageError(f"expected models of the study to leave out, {', '.join(names)}; got {', '.join(strange)}")
    coverage = _coverage(laboratory, read_record(arm.record_file), left_out)
    candidates, asked = len(coverage.matrix.sources), len(laboratory.present())
    possible = [size for size in sizes if size <= candidates and size < asked]
    if not possible:
        raise UsageError(f"expected ensembles that leave a model outside, got {asked} models, {candidates} to choose")
    chosen = choose(coverage, possible, laboratory.study.seed, search)
    order = coverage.matrix.sources
    sets = list(dict.fromkeys(tuple(sorted(each.members, key=order.index)) for each in chosen))
    failures: list[Failure] = []
    every = len(laboratory.study.sample)
    most = min(examples or every, every)
    crafted = _attack(laboratory, arm, method, sets, most, failures)
    records = _show(laboratory, arm, crafted, failures)
    arm.ensembles.write_failures(failures)
    found = EnsembleStudy(
        tuple(chosen), {frozenset(record.members): record for record in records}, tuple(sorted(left_out)), most
    )
    _write(arm.ensembles, found)
    return found


def _coverage(laboratory: Laboratory, record: TransferRecord, left_out: Collection[str]) -> Coverage:
    """That of the models that can be attacked together: they are there, and some text was made for them alone."""
    matrix, present = record.matrix(), {entry.model for entry in laboratory.present()}
    sources = [matrix.sources[row] for row in np.unique(np.nonzero(matrix.texts)[0])]
    sources = [model for model in sources if model in present and model.name not in left_out]
    if not sources:
        raise UsageError("expected models with verdicts to choose among, got none; run the transfer study first")
    return Coverage(matrix.part(sources))


def _attack(
    laboratory: Laboratory,
    arm: Arm,
    method: Any,
    sets: Sequence[tuple[Model, ...]],
    most: int,
    failures: list[Failure],
) -> dict[tuple[Model, ...], Crafted]:
    crafting, crafted = laboratory.crafting(arm.ensembles, method), dict[tuple[Model, ...], Crafted]()
    entries = {entry.model: entry for entry in laboratory.entries}
    for members in arm.ensembles.shared_out({_name(members): members for members in sets}):
        chosen = [entries[model] for model in members]
        fingerprint = " ".join(laboratory.fingerprint(entry) for entry in chosen)
        with recorded(failures, " + ".join(map(str, members)), "attack"):
            crafted[members] = crafting.craft(
                _name(members),
                partial(laboratory.ensemble, chosen),
                hashlib.sha256(fingerprint.encode()).hexdigest(),
                laboratory.study.fewest(arm.name, [model.name for model in members], most),
            )
    return crafted


def _show(
    laboratory: Laboratory, arm: Arm, crafted: dict[tuple[Model, ...], Crafted], failures: list[Failure]
) -> list[EnsembleRecord]:
    """Verdicts of the models outside each ensemble on the texts that were made for it."""
    sheet = Sheet(laboratory.study.sample, {_name(members): made.texts for members, made in crafted.items()})
    targets, present = laboratory.models, {f"{entry.model}.{FIRST}": entry for entry in laboratory.present()}
    verdicts = {members: np.full((len(targets), len(sheet.examples)), NOT_ASKED, np.int8) for members in crafted}
    for done, entry in enumerate(arm.shared_out(present), 1):
        outside = [members for members in crafted if entry.model not in members]
        with recorded(failures, entry.model.name, "showing texts"):
            labels = laboratory.target(entry).labels(sheet, sheet.numbers(*map(_name, outside)), arm)
            said = sheet.verdicts(labels)
            for members in outside:
                verdicts[members][targets.index(entry.model)] = said[_name(members)]
        laboratory.on_stage(f"{arm.name}: showing texts of ensembles", done, len(present))
    return [EnsembleRecord(members, targets, found) for members, found in verdicts.items()]


def _name(members: Sequence[Model]) -> str:
    """A name for folders: the members' names, or a mark of them if that would be too long for one."""
    names = "+".join(model.name for model in members)
    return names if len(names) <= LONGEST_NAME else f"{len(members)}-{hashlib.sha256(names.encode()).hexdigest()[:16]}"


def _write(arm: Arm, study: EnsembleStudy) -> None:
    choices = [
        {"choice": each.choice, "members": [model.name for model in each.members], "fitness": each.fitness}
        for each in study.chosen
    ]
    content = {"left out": study.left_out, "examples": study.examples, "choices": choices}
    write_file(json.dumps(content, indent=1) + "\n", arm.path / "choices.json")
    records = [*study.records.values()]
    targets = records[0].targets if records else ()
    write_arrays(
        arm.record_file,
        members=np.array(["\n".join(model.name for model in record.members) for record in records], np.str_),
        targets=np.array([model.name for model in targets], np.str_),
        verdicts=np.array([record.verdicts for record in records], np.int8),
    )


def read_ensembles(arm: Arm) -> EnsembleStudy | None:
    """What `run_ensembles` found for an arm; None if it was not run.

    Raises:
        BrokenData: its files cannot be read.
    """
    file = arm.ensembles.path / "choices.json"
    if not arm.ensembles.record_file.is_file() or not file.is_file():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        chosen = [
            Chosen(each["choice"], tuple(map(model_named, each["members"])), each["fitness"])
            for each in content["choices"]
        ]
        left_out, examples = tuple(map(str, content["left out"])), content["examples"]
        found = read_arrays(arm.ensembles.record_file)
        targets = tuple(model_named(str(name)) for name in found["targets"])
        records = [
            EnsembleRecord(tuple(map(model_named, str(members).split("\n"))), targets, verdicts)
            for members, verdicts in zip(found["members"], found["verdicts"], strict=True)
        ]
    except (ValueError, KeyError, TypeError, UsageError) as error:
        raise BrokenData(f"{arm.ensembles.path}: not the ensembles of a study: {error}") from error
    return EnsembleStudy(tuple(chosen), {frozenset(record.members): record for record in records}, left_out, examples)
