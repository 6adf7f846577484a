"""Tables 2 to 4, the findings, and the models of a transfer study, as tables to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from turncoat.intervals import proportion
from turncoat.notation import MISSING
from turncoat.studies.model import Model
from turncoat.studies.tables import Cell, Number, Table
from turncoat.studies.transfer.blocks import CLASSES, Grouping, block_table, class_of
from turncoat.studies.transfer.crafting import Crafted
from turncoat.studies.transfer.factors import FactorRow, factor_table
from turncoat.studies.transfer.matrix import FEWEST, TransferMatrix
from turncoat.studies.transfer.published import SETTINGS, TABLE_2, TABLE_3, TABLE_4, Setting
from turncoat.studies.transfer.record import NOT_ASKED, RIGHT, TransferRecord
from turncoat.studies.transfer.resampling import DRAWS, Cells, percentile_interval, resample, weighted_mean
from turncoat.studies.verdicts import Finding, read_together
from turncoat.studies.zoo_names import ZOO

TWO_LEVELS = "In brackets: 95 % intervals of the two-level bootstrap (models, then examples)."
FEW = f"* on fewer than {FEWEST} texts, or with such cells in it; – not measured."


def setting_of(data: str, attack: str) -> Setting | None:
    """The setting of the paper that a data set ("mr/test") and an attack ("ga-wordnet") are, if they are one."""
    setting = data.partition("/")[0], attack.partition("-")[0]
    return setting if setting in SETTINGS else None


def extent(models: Sequence[Model]) -> str:
    """ "the full zoo (63 models)", or "sub-zoo (n models)" with up to five that are none of the 63."""
    if set(models) == set(ZOO):
        return f"the full zoo ({len(ZOO)} models)"
    beside = [model.name for model in models if model not in ZOO]
    named = f"; not of the {len(ZOO)}: {', '.join(beside)}" if 0 < len(beside) <= 5 else ""
    return f"sub-zoo ({len(models)} models{named})"


def models_table(record: TransferRecord, crafted: Mapping[str, Crafted], where: str, draws: int = DRAWS) -> Table:
    """One row a model: how well it reads, how often it is turned itself, and its rates as source and as target."""
    matrix, drawn = record.matrix(), resample(record, draws=draws)
    ones = np.ones_like(matrix.rates)

    def mean(cells: Cells) -> Number:
        estimate = float(weighted_mean(matrix.rates, ones, cells))
        found = percentile_interval(estimate, weighted_mean(drawn.rates, drawn.weights, cells))
        return Number(found, mark="*" if (matrix.unreliable & cells).any() else "")

    def row(place: int, model: Model) -> tuple[Cell, ...]:
        made, clean = crafted.get(model.name), record.clean[0, place]
        own = matrix.same & np.array([[each == model] for each in matrix.sources])
        line = np.zeros_like(matrix.same)
        line[place] = True
        return (
            model.name,
            Number(proportion(int((clean == RIGHT).sum()), int((clean != NOT_ASKED).sum()))),
            Number(proportion(made.successes, made.attacked) if made else None),
            len(made.texts) if made else 0,
            mean(line & ~matrix.same),
            mean(line.T & ~matrix.same),
            Number(matrix.interval(model, model), mark="*" if (matrix.unreliable & own).any() else ""),
        )

    return Table(
        "models",
        f"Models, {where}",
        ("model", "accuracy", "turned itself", "texts kept", "to others", "from others", "base rate"),
        tuple(row(i, model) for i, model in enumerate(matrix.sources)),
        (
            "Accuracy: of the first instance on clean examples. Base rate: of the second on texts made for the first.",
            f"{TWO_LEVELS} Of accuracy, success and base rate: Wilson. {FEW}",
        ),
    )


def factors_table(record: TransferRecord, where: str, setting: Setting | None, draws: int = DRAWS) -> Table:
    """Table 2, beside what is printed; input form in both readings.

    Raises:
        UsageError: no model has factors.
    """
    found, matrix = factor_table(record, draws=draws), record.matrix()
    other = factor_table(record, all_words=True, draws=draws).rows[0]

    def row(name: str, each: FactorRow) -> tuple[Cell, ...]:
        floor = MISSING if np.isnan(each.floor) else f"{each.floor:.3f}"
        printed = f"{TABLE_2[each.factor][SETTINGS.index(setting)]:.3f}" if setting else MISSING
        return name, each.pairs, Number(each.absolute), floor, Number(each.signed), printed

    share = found.share_in_order
    verdict = "holds" if found.in_order else "does not hold"
    order = "not tested, a factor has no pair" if share is None else f"{verdict} (in {share:.1%} of the resamples)"
    few, known = int(matrix.unreliable.sum()), int((matrix.texts > 0).sum())
    return Table(
        "table-2",
        f"Table 2, {where}: what one changed factor does to the rate",
        ("factor", "pairs", "mean |r - b|", "by luck alone", "mean r - b", "printed |r - b|"),
        (*(row(each.factor, each) for each in found.rows), row("input form, all word vectors", other)),
        (
            f"Claimed order, the strongest first: {order}.",
            f"{TWO_LEVELS} {few} of {known} rates stand on fewer than {FEWEST} texts.",
        ),
    )


def classes_table(record: TransferRecord, grouping: Grouping, where: str, draws: int = DRAWS) -> Table:
    """Table 3 (by architecture) or 4 (by family), each row above the printed one.

    Raises:
        UsageError: no model has factors.
    """
    found, matrix = block_table(record, grouping, draws=draws), record.matrix()
    number, printed = (3, TABLE_3) if grouping == "architecture" else (4, TABLE_4)
    rows: list[tuple[Cell, ...]] = []
    for i, source in enumerate(found.sources):
        marks = [_few(matrix, grouping, source, target) for target in found.targets]
        cells = (Number(cell, mark=mark) for cell, mark in zip(found.cells[i], marks, strict=True))
        rows.append((source, *cells, Number(found.by_source[i])))
        theirs = dict(zip(CLASSES[grouping], printed[source], strict=False))
        alike = grouping == "family" and found.targets == CLASSES["family"]  # the printed means are of all seven
        mean = f"{printed[source][-1]:.3f}" if alike else MISSING
        rows.append((f"{source}, printed", *(f"{theirs[target]:.3f}" for target in found.targets), mean))
    rows.append(("mean", *map(Number, found.by_target), Number(found.average)))
    return Table(
        f"table-{number}",
        f"Table {number}, {where}: mean rates from classes (rows) to classes",
        ("from", *found.targets, "mean"),
        tuple(rows),
        (
            f"{TWO_LEVELS} Base rates are among them. {FEW}",
            "The paper does not say of which data set and attack its own are.",
        ),
    )


def findings_table(findings: Sequence[Finding], name: str, where: str, drawn: str = TWO_LEVELS) -> Table:
    """Claims with verdicts, all read together; `drawn` says what the resamples are of."""
    rows = [
        (
            str(each.claim.number or MISSING),
            each.claim.text,
            each.claim.measure,
            Number(each.effect),
            MISSING if np.isnan(each.share) else f"{each.share:.1%}",
            MISSING if np.isnan(each.p) else f"{each.p:.2g}",
            each.verdict,
        )
        for each in read_together(findings)
    ]
    return Table(
        name,
        f"Findings, {where}",
        ("finding", "claim", "measure", "effect", "resamples above 0", "p (Holm)", "verdict"),
        tuple(rows),
        (f"An effect above 0 speaks for the claim. {drawn} p is two-sided, corrected within this table.",),
    )


def _few(matrix: TransferMatrix, grouping: Grouping, source: str, target: str) -> str:
    """The mark of a block that has an unreliable rate in it."""
    rows = [class_of(model, grouping) == source for model in matrix.sources]
    columns = [class_of(model, grouping) == target for model in matrix.targets]
    return "*" if matrix.unreliable[np.ix_(rows, columns)].any() else ""
