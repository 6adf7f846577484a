"""Parts of `turncoat transfer`: reading what was typed or stored, and showing tables and failures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table as ScreenTable

from turncoat.cli.screen import EXIT_FAILED, tell
from turncoat.errors import TurncoatError, UsageError

if TYPE_CHECKING:
    from turncoat.data.example import Dataset
    from turncoat.studies.tables import Table
    from turncoat.studies.transfer.arm import Arm
    from turncoat.studies.transfer.entries import Entry
    from turncoat.studies.transfer.laboratory import Study


def slow_models(typed: Sequence[str]) -> dict[str, int]:
    """Examples by model, from "NAME=200".

    Raises:
        UsageError: a line of another form.
    """
    found = {}
    for line in typed:
        name, _, count = line.rpartition("=")
        if not name or not count.isdecimal():
            raise UsageError(f"expected --slow-examples NAME=200, got {line!r}")
        found[name] = int(count)
    return found


def common_labels(dataset: Dataset, entries: Sequence[Entry], online: bool) -> Dataset:
    """The data set, its labels numbered as the first victim that can be loaded numbers its classes.

    Raises:
        UsageError: it has other classes; see `api.align`.
    """
    from turncoat import api

    for entry in entries:
        try:
            victim = entry.load(online=online)
        except TurncoatError:
            continue  # the study will say why
        return api.align(dataset, victim)
    return dataset


def read_study(folder: Path) -> tuple[tuple[Entry, ...], Study, dict[str, Any]]:
    """Victims, settings and source of a study that was begun on the command line.

    Raises:
        UsageError: there is no such study, or it was begun in Python.
    """
    from turncoat.data.datasets import read
    from turncoat.studies.transfer.folder import StudyFolder
    from turncoat.studies.transfer.laboratory import Study

    found = StudyFolder(folder).description()
    config, source = found["config"], found["source"]
    if "data" not in source:
        raise UsageError(f"{folder}: expected a study that `turncoat transfer run` began, got one begun in Python")
    entries = _stored(found)
    dataset = read(
        source["data"], source["split"], source["text_column"], source["label_column"], online=source["online"]
    )
    study = Study(
        dataset=common_labels(dataset, entries, source["online"]),
        examples=config["examples"],
        keep=config["keep"],
        fewer=source.get("slow", {}),
        seed=config["seed"],
    )
    return entries, study, source


def with_those_there(
    folder: Path, entries: Sequence[Entry], slow: Mapping[str, int], attacks: Collection[str]
) -> tuple[tuple[Entry, ...], dict[str, dict[str, int]], dict[str, set[str]]]:
    """Victims and slow models that were named, with those that the study in the folder has already.

    Args:
        slow: models that are slow under the attacks.

    Returns:
        The victims named, and those in the record of one of the attacks; all slow models of each attack, those of
        others too; and the names that each attack is about.
    """
    from turncoat.studies.transfer.folder import StudyFolder
    from turncoat.studies.zoo_names import place

    named, study = {entry.model.name for entry in entries}, StudyFolder(folder)
    if not study.begun:
        return tuple(entries), {attack: dict(slow) for attack in attacks}, dict.fromkeys(attacks, named)
    found = study.description()
    known = found["source"].get("slow", {})
    about = {attack: named | {model.name for model in study.arm(attack).models()} for attack in attacks}
    wanted = set().union(*about.values())
    there = [entry for entry in _stored(found) if entry.model.name in wanted - named]
    joined = tuple(sorted((*entries, *there), key=lambda entry: place(entry.model)))
    return joined, {**known, **{attack: {**known.get(attack, {}), **slow} for attack in attacks}}, about


def _stored(description: Mapping[str, Any]) -> tuple[Entry, ...]:
    """The victims of a study.toml."""
    from turncoat.studies.transfer.entries import FIRST, SECOND, Entry
    from turncoat.studies.zoo_names import model_named

    return tuple(
        Entry(model_named(name), victims[FIRST], victims.get(SECOND)) for name, victims in description["models"].items()
    )


def tell_failures(arms: Sequence[Arm]) -> None:
    """Say what failed.

    Raises:
        typer.Exit: something did.
    """
    failures = dict.fromkeys(failure for arm in arms for failure in arm.failures())
    for failure in failures:
        tell(f"failed: {failure.model}, {failure.part}: {failure.reason}")
    if failures:
        raise typer.Exit(EXIT_FAILED)


def to_screen(table: Table) -> ScreenTable:
    """The table as rich draws it."""
    from turncoat.studies.tables import Number

    drawn = ScreenTable(title=escape(table.title), title_justify="left", box=box.SIMPLE_HEAD)
    for column in table.columns:
        drawn.add_column(escape(column), overflow="fold", no_wrap=column in ("model", "factor", "from"))
    for row in table.rows:
        cells = (str(cell).replace(" (", "\n(") if isinstance(cell, Number) else str(cell) for cell in row)
        drawn.add_row(*map(escape, cells))
    return drawn
