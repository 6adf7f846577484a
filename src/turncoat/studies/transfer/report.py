"""Everything that a transfer study says: tables for the screen, and a folder with files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from turncoat.disk import write_file
from turncoat.errors import UsageError
from turncoat.studies.ensembles.curves import SEARCH, slower_growth
from turncoat.studies.ensembles.run import read_ensembles
from turncoat.studies.ensembles.tables import FIGURE, curves_of, ensembles_table, records_of, table_8
from turncoat.studies.tables import Table
from turncoat.studies.transfer.arm import Arm
from turncoat.studies.transfer.crafting import read_crafted
from turncoat.studies.transfer.entries import FIRST
from turncoat.studies.transfer.findings import attack_findings, findings
from turncoat.studies.transfer.folder import StudyFolder
from turncoat.studies.transfer.matrix_files import write_matrix
from turncoat.studies.transfer.plots import ensemble_plot, heat_map
from turncoat.studies.transfer.record import TransferRecord, read_record
from turncoat.studies.transfer.resampling import DRAWS
from turncoat.studies.transfer.tables import (
    classes_table,
    extent,
    factors_table,
    findings_table,
    models_table,
    setting_of,
)
from turncoat.studies.transfer.timing import times_table
from turncoat.studies.zoo_inputs import inputs_note

PWWS, GENETIC = "pwws", ("ga-wordnet", "ga")  # the attacks that the paper compares


def arm_tables(study: StudyFolder, arm: Arm, draws: int = DRAWS) -> list[Table]:
    """The tables of one attack: models, Tables 2 to 4, findings, ensembles, times.

    Raises:
        UsageError, BrokenData: its verdicts are missing or cannot be read.
    """
    record, data = read_record(arm.record_file), _data(study)
    where, setting = _where(study, arm, record), setting_of(data, arm.name)
    crafted = {model.name: made for model in record.sources if (made := read_crafted(arm, model.name))}
    tables = [models_table(record, crafted, where, draws)]
    if any(model.has_factors for model in record.sources):
        tables.append(factors_table(record, where, setting, draws))
        tables += [classes_table(record, grouping, where, draws) for grouping in ("architecture", "family")]
        tables.append(findings_table(findings(record, draws=draws), "findings", where))
    if (ensembles := read_ensembles(arm)) is not None:
        tables += [ensembles_table(record, ensembles, where, draws), table_8(ensembles, record.sources, where, setting)]
        if (curves := curves_of(record, ensembles, draws=draws)) is not None:
            tables.append(findings_table(curves.claims, "ensemble-findings", f"ensembles, {where}"))
    return [*tables, times_table([*arm.times(), *arm.ensembles.times()], where)]


def comparison(study: StudyFolder, draws: int = DRAWS) -> list[Table]:
    """What PWWS and GA say of each other, on the models that both have; nothing without both."""
    arms = {arm.name: arm for arm in study.arms()}
    genetic = next((name for name in GENETIC if name in arms), None)
    if PWWS not in arms or genetic is None:
        return []
    first, second = (read_record(arms[name].record_file) for name in (PWWS, genetic))
    common = [model for model in first.sources if model in second.sources and model.has_factors]
    if not common:
        return []
    found = attack_findings(first.part(common, common), second.part(common, common), draws=draws)
    ensembles = [read_ensembles(arms[name]) for name in (PWWS, genetic)]
    searched = [records_of(each, SEARCH) if each else [] for each in ensembles]
    found.append(slower_growth(searched[0], searched[1], draws))
    where = f"{_data(study)}, {PWWS} against {genetic}, {extent(common)}"
    return [findings_table(found, "findings-of-both", where)]


@dataclass(frozen=True)
class Report:
    """The tables of some arms, and of both attacks that the paper compares."""

    study: StudyFolder
    arms: tuple[tuple[Arm, list[Table]], ...]
    both: list[Table]

    @property
    def tables(self) -> list[Table]:
        return [*(table for _, tables in self.arms for table in tables), *self.both]

    def write(self, folder: Path, note: str) -> Path:
        """Write every table (CSV and Markdown), matrix (CSV) and figure (SVG), and a page that shows them.

        Args:
            folder: where to; it is made.
            note: how the tables were made, in Markdown.

        Returns:
            The page.
        """
        parts = [
            f"# Transfer between models, {_data(self.study)}",
            "",
            note,
            "",
            f"{_sizes(self.study)} {_inputs(self.study)}".strip(),
            "",
        ]
        for arm, tables in self.arms:
            figures = write_figures(self.study, arm, folder / arm.name)
            for table in tables:
                table.write(folder / arm.name)
            parts += [f"## {arm.name}", "", *(f"![{name}]({arm.name}/{name}.svg)\n" for name in figures)]
            parts += [*(table.markdown() for table in tables), *_failures(arm)]
        for table in self.both:
            table.write(folder)
            parts.append(table.markdown())
        write_file("\n".join(parts), folder / "README.md")
        return folder / "README.md"


def read_report(study: StudyFolder, attacks: Sequence[str] | None = None, draws: int = DRAWS) -> Report:
    """What a study found so far.

    Args:
        study: its folder.
        attacks: names; None: all.
        draws: resamples of the bootstrap.

    Raises:
        UsageError: no verdicts of these attacks are in. BrokenData: they cannot be read.
    """
    arms = [arm for arm in study.arms() if attacks is None or arm.name in attacks]
    if not arms:
        raise UsageError(f"{study.path}: expected verdicts of an attack, found none; run the study first")
    return Report(study, tuple((arm, arm_tables(study, arm, draws)) for arm in arms), comparison(study, draws))


def write_figures(study: StudyFolder, arm: Arm, folder: Path) -> list[str]:
    """Write the matrices, the heat map and Figure 1 of one attack; gives the figures' names."""
    record, ensembles = read_record(arm.record_file), read_ensembles(arm)
    where = _where(study, arm, record)
    folder.mkdir(parents=True, exist_ok=True)
    write_matrix(record.matrix(), folder / "matrix.csv")
    write_matrix(record.conditioned(), folder / "matrix-conditioned.csv")
    figures = {"heat-map": heat_map(record.matrix(), f"Transfer rates, {where}")}
    if ensembles is not None and (curves := curves_of(record, ensembles, FIGURE)) is not None:
        figures["figure-1"] = ensemble_plot(curves, f"Transfer of ensembles, {where}")
    for name, picture in figures.items():
        write_file(picture, folder / f"{name}.svg")
    return list(figures)


def _failures(arm: Arm) -> list[str]:
    failures = [*arm.failures(), *arm.ensembles.failures()]
    lines = [f"- {each.model}, {each.part}: {each.reason}" for each in failures]
    return ["### What failed", "", *lines, ""] if lines else []


def _sizes(study: StudyFolder) -> str:
    about = study.description()
    config, slow = about["config"], about["source"].get("slow", {})
    fewer = "".join(
        f"; {name} by {attack}: {examples}" for attack, names in slow.items() for name, examples in names.items()
    )
    return (
        f"Attacked: {config['examples']} examples{fewer}. Kept of each source: at most {config['keep']} adversarial "
        f"texts. Seed {config['seed']}. In brackets: 95 % intervals."
    )


def _inputs(study: StudyFolder) -> str:
    return inputs_note(Path(victims[FIRST]) for victims in study.description()["models"].values())


def _data(study: StudyFolder) -> str:
    return str(study.description()["config"]["data"])


def _where(study: StudyFolder, arm: Arm, record: TransferRecord) -> str:
    matrix = record.matrix()
    asked = (matrix.texts > 0).any(axis=1) | (matrix.texts > 0).any(axis=0)
    return f"{_data(study)}, {arm.name}, {extent([matrix.sources[i] for i in np.flatnonzero(asked)])}"
