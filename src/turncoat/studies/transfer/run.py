"""The transfer study on real victims: attack every source, show what was made to every target, keep all verdicts.

Source: see `zoo_names`, Section 3. Everything is kept as it ends (see `StudyFolder`); the same call goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from turncoat.errors import TurncoatError, UsageError
from turncoat.studies.transfer.arm import Arm, Failure, recorded
from turncoat.studies.transfer.crafting import Crafted
from turncoat.studies.transfer.entries import FIRST, SECOND
from turncoat.studies.transfer.laboratory import Laboratory
from turncoat.studies.transfer.record import NOT_ASKED, TransferRecord, Verdicts
from turncoat.studies.transfer.scoring import CLEAN, Sheet


def run_transfer(laboratory: Laboratory, attacks: Mapping[str, Any]) -> dict[str, TransferRecord]:
    """Run the study, and give the record of each attack.

    A model that fails is noted in the arm (`Arm.failures`) with the reason; its cells stay missing.

    Args:
        attacks: what `Laboratory.attack` takes as its method, by the name of the arm.

    Raises:
        TurncoatError: not one source could be attacked.
        UsageError: a record is there of models that the laboratory lacks; it would be lost.
    """
    for name in attacks:
        if lost := [known for known in laboratory.folder.arm(name).models() if known not in laboratory.models]:
            raise UsageError(
                f"{laboratory.folder.arm(name).path}: expected all models of the record that is there, got a study "
                f"without {', '.join(map(str, lost))}"
            )
    return {name: _run_arm(laboratory, laboratory.folder.arm(name), method) for name, method in attacks.items()}


def _run_arm(laboratory: Laboratory, arm: Arm, method: Any) -> TransferRecord:
    failures = list(laboratory.absent)
    crafted = _attack_sources(laboratory, arm, method, failures)
    arm.write_failures(failures)
    if not crafted:
        reasons = "\n  ".join(f"{each.model}, {each.part}: {each.reason}" for each in failures)
        raise TurncoatError(f"{arm.path}: not one source could be attacked:\n  {reasons}")
    texts = {name: made.texts for name, made in crafted.items()}
    clean = {example.id: example.text for example in laboratory.study.sample}
    sheet = Sheet(laboratory.study.sample, {CLEAN: clean, **texts})
    firsts, seconds = (show(laboratory, arm, sheet, instance, failures) for instance in (FIRST, SECOND))
    record = _record(laboratory, firsts, seconds)
    record.write(arm.record_file)
    arm.write_failures(failures)
    return record


def _attack_sources(laboratory: Laboratory, arm: Arm, method: Any, failures: list[Failure]) -> dict[str, Crafted]:
    """What was made for each source, by its name."""
    crafting, crafted = laboratory.crafting(arm, method), dict[str, Crafted]()
    for entry in arm.shared_out({entry.model.name: entry for entry in laboratory.present()}):
        name = entry.model.name
        with recorded(failures, name, "attack"):
            load = partial(laboratory.loader.load, entry)
            examples = laboratory.study.sample_of(arm.name, name)
            crafted[name] = crafting.craft(name, load, laboratory.fingerprint(entry), examples)
    return crafted


def show(
    laboratory: Laboratory, arm: Arm, sheet: Sheet, instance: str, failures: list[Failure]
) -> dict[str, dict[str, Verdicts]]:
    """What targets say of texts, by target and by row of the sheet.

    First instances are shown all of them, in one list; second ones those made for the first, and the clean ones.
    """
    verdicts: dict[str, dict[str, Verdicts]] = {}
    present = {f"{entry.model.name}.{instance}": entry for entry in laboratory.present(instance)}
    for done, entry in enumerate(arm.shared_out(present), 1):
        name = entry.model.name
        rows = tuple(sheet.rows) if instance == FIRST else (CLEAN, name)
        with recorded(failures, name, f"showing texts to instance {instance}"):
            labels = laboratory.target(entry, instance).labels(sheet, sheet.numbers(*rows), arm)
            verdicts[name] = sheet.verdicts(labels)
        laboratory.on_stage(f"{arm.name}: showing texts", done, len(present))
    return verdicts


def _record(
    laboratory: Laboratory, firsts: Mapping[str, Mapping[str, Verdicts]], seconds: Mapping[str, Mapping[str, Verdicts]]
) -> TransferRecord:
    """Verdicts of first instances on texts made for other models, of second ones on those made for their own."""
    names, examples = [model.name for model in laboratory.models], laboratory.study.sample
    nothing = np.full(len(examples), NOT_ASKED, np.int8)
    verdicts = [
        [(seconds if source == target else firsts).get(target, {}).get(source, nothing) for target in names]
        for source in names
    ]
    clean = [[said.get(target, {}).get(CLEAN, nothing) for target in names] for said in (firsts, seconds)]
    ids = tuple(example.id for example in examples)
    return TransferRecord(laboratory.models, laboratory.models, ids, np.array(verdicts), np.array(clean))
