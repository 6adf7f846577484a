"""Ensembles as tables to read: what they reached, what is claimed of them, and Table 8 beside the printed one."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.notation import MISSING
from turncoat.studies.ensembles.choices import GREEDY, Chosen
from turncoat.studies.ensembles.curves import (
    EXPERT,
    PRINTED_EXPERT,
    SEARCH,
    Curves,
    EnsembleRecord,
    agreement,
    ensemble_curves,
)
from turncoat.studies.ensembles.run import EnsembleStudy
from turncoat.studies.model import Model
from turncoat.studies.tables import Cell, Number, Table
from turncoat.studies.transfer.published import CHOSEN, Setting
from turncoat.studies.transfer.published import EXPERT as PRINTED
from turncoat.studies.transfer.record import TransferRecord
from turncoat.studies.transfer.resampling import DRAWS
from turncoat.studies.transfer.tables import FEW

FIGURE = (SEARCH, EXPERT, GREEDY, PRINTED_EXPERT)  # the choices that Figure 1 draws, as far as they were made


def curves_of(
    record: TransferRecord, study: EnsembleStudy, choices: Sequence[str] | None = None, draws: int = DRAWS
) -> Curves | None:
    """Rates outside the ensembles of some choices (None: all); None if there are no such ensembles."""
    names = dict.fromkeys(each.choice for each in study.chosen if choices is None or each.choice in choices)
    found = {name: shown for name in names if (shown := records_of(study, name))}
    return ensemble_curves(record, found, draws) if found else None


def records_of(study: EnsembleStudy, choice: str) -> list[EnsembleRecord]:
    """What was said of the texts of one choice's ensembles, as far as they were shown."""
    records = (study.record(each) for each in study.chosen if each.choice == choice)
    return [record for record in records if record is not None]


def ensembles_table(record: TransferRecord, study: EnsembleStudy, where: str, draws: int = DRAWS) -> Table:
    """One row a choice: who was chosen, the fitness, and the mean rate of the models outside."""
    curves = curves_of(record, study, draws=draws)
    reached = curves.curves if curves else {}
    rows = [
        (
            len(each.members),
            each.choice,
            ", ".join(map(str, each.members)),
            f"{each.fitness:.3f}",
            Number(reached.get(each.choice, {}).get(len(each.members)), mark=_mark(study.record(each))),
        )
        for each in sorted(study.chosen, key=lambda each: len(each.members))
    ]
    notes = [f"In brackets: 95 % intervals of the bootstrap over the models outside and examples. {FEW}"]
    if study.examples is not None:
        notes.append(f"Each was attacked on {study.examples} examples, on fewer if a member is slow.")
    if study.left_out:
        notes.append(f"Not to be chosen, but asked: {', '.join(study.left_out)}.")
    if curves:
        notes.append(f"Mean base rate {Number(curves.base)}, mean of single pairs {Number(curves.single)}.")
    distinct = {frozenset(each.members): each for each in study.chosen if study.record(each) is not None}
    if distinct:
        shown = [study.records[members] for members in distinct]
        fitting = Number(agreement([each.fitness for each in distinct.values()], shown, draws), digits=2)
        notes.append(f"Correlation of the fitness with what was reached, over {len(distinct)} ensembles: {fitting}.")
    columns = ("models", "choice", "members", "fitness", "rate outside")
    return Table("ensembles", f"Ensembles, {where}", columns, tuple(rows), tuple(notes))


def _mark(record: EnsembleRecord | None) -> str:
    return "*" if record is not None and record.unreliable else ""


def table_8(study: EnsembleStudy, models: Sequence[Model], where: str, setting: Setting | None) -> Table:
    """Our choices beside the printed ones.

    Args:
        models: those that could be chosen.
    """
    searched = CHOSEN[setting] if setting else {}
    theirs = {SEARCH: searched, EXPERT: {size: PRINTED[:size] for size in range(1, len(PRINTED) + 1)}}

    def row(each: Chosen) -> tuple[Cell, ...]:
        size, ours = len(each.members), ", ".join(map(str, each.members))
        if not (printed := theirs[each.choice].get(size, ())):
            return size, each.choice, ours, MISSING, MISSING, MISSING
        both, here = (f"{len(set(printed) & set(some))} of {size}" for some in (each.members, models))
        return size, each.choice, ours, ", ".join(map(str, printed)), both, here

    rows = [row(each) for each in study.chosen if each.choice in theirs]
    return Table(
        "table-8",
        f"Table 8, {where}: chosen ensembles",
        ("models", "choice", "chosen here", "printed", "in both", "printed ones that are here"),
        tuple(rows),
        ("A printed model that is not part of this study could not be chosen.",),
    )
