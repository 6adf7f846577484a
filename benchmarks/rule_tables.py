"""Tables 5, 9 and 10 of the study of universal rules, claims, targets; `rule_page.py` uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from rule_texts import Rows
from study import percent
from turncoat.intervals import mean, proportion
from turncoat.studies.rules.direct_attacks import direct_success
from turncoat.studies.rules.measures import ALL, OUTSIDE, POOLED, Measured, Measures
from turncoat.studies.rules.published import CAPS, PWWS, SIZES, TABLE_5, TABLE_9, TABLE_10
from turncoat.studies.rules.rates import MEASURES, READINGS, Reading
from turncoat.studies.rules.run import PMI, STANDARD, RuleStudy, uawr
from turncoat.studies.verdicts import Finding, read_together

CAP = 0.3
NOT_RUN = "not run"
SUCCESS = "success / words changed in successes, %"


def long_rows(measured: Iterable[Measured]) -> Rows:
    """Every number of a table, one rule book, reading, cap and group a row."""
    return [
        {
            "rules": row.rules, "reading": row.reading, "cap": f"{row.cap:.0%}", "targets": row.group,
            "models": str(row.models) if row.models else NOT_RUN,
            **{
                measure + pooled: percent(row.values.get(measure + pooled))
                for measure in MEASURES
                for pooled in ("", POOLED)
            },
        }
        for row in measured
    ]  # fmt: skip


def cell(row: Measured, pooled: str = "") -> str:
    """Success, and the share of words changed in successes: 86.8 (85.1 to 88.0) / 9.0."""
    if not row.models:
        return NOT_RUN
    changed = row.values["changed, of successes" + pooled]
    words = f"{100 * changed.estimate:.1f}" if np.isfinite(changed.estimate) else "-"
    return f"{percent(row.values['success' + pooled])} / {words}"


def wide(columns: Mapping[str, Sequence[Measured]], published: Mapping[str, Mapping[str, str]] | None = None) -> Rows:
    """A table with a row for each group of targets, and one for all of them pooled; `published` by column and group."""
    rows: Rows = []
    for lines in zip(*columns.values(), strict=True):
        group, models = lines[0].group, lines[0].models
        printed = {name: cells.get(group, "-") for name, cells in (published or {}).items()}
        cells = dict(zip(columns, map(cell, lines), strict=True))
        rows.append({"targets": group, "models": str(models) if models else NOT_RUN, **cells, **printed})
        if group == ALL:
            cells = {name: cell(line, POOLED) for name, line in zip(columns, lines, strict=True)}
            rows.append({"targets": group + POOLED, "models": str(models), **cells})
    return rows


def table_5(study: RuleStudy, measures: Measures, reading: Reading) -> tuple[Rows, list[Measured]]:
    """UAWR and PMI at a cap of 30 %, by family of the target."""
    books = (PMI, STANDARD, study.headline)
    columns = {name: measures.measure(name, reading, CAP) for name in books}
    printed = TABLE_5.get(name_of(study), {})
    published = {
        f"printed: {name}": {group: pair(numbers[i]) for group, numbers in printed.items()}
        for i, name in enumerate(("PMI", "UAWR"))
    }
    rows = wide(columns, published)
    tested = [row for row in rows if row["models"] != NOT_RUN and not row["targets"].endswith(POOLED)]
    findings = [measures.better(study.headline, PMI, reading, CAP, row["targets"]) for row in tested]
    for row, found in zip(tested, read_together(findings), strict=True):
        row["UAWR - PMI, paper"] = f"{percent(found.effect)}: {found.verdict}"
    return rows, [line for lines in columns.values() for line in lines]


def table_9(study: RuleStudy, measures: Measures, reading: Reading) -> tuple[Rows, list[Measured]]:
    """Sizes of the ensemble."""
    columns = {f"{size} models": measures.measure(uawr(size), reading, CAP) for size in study.sizes_here}
    printed = TABLE_9.get(name_of(study), {})
    rows = wide(columns)
    rows += [
        {"targets": f"printed: {group}", "models": "-",
         **{f"{size} models": pair(both) for size, both in zip(SIZES, zip(*numbers, strict=True), strict=True)}}
        for group, numbers in printed.items()
    ]  # fmt: skip
    for size in set(SIZES) - set(study.sizes_here):
        for row in rows:
            row.setdefault(f"{size} models", NOT_RUN)
    return rows, [line for lines in columns.values() for line in lines]


def table_10(study: RuleStudy, measures: Measures) -> tuple[Rows, list[Measured]]:
    """Caps on the words changed, all targets."""
    rows, every = [], []
    for rules in (PMI, STANDARD, study.headline):
        for reading in READINGS:
            lines = [line for cap in study.caps for line in measures.measure(rules, reading, cap, [ALL])]
            every += lines
            rows.append({"rules": rules, "reading": reading, **{f"{line.cap:.0%}": cell(line) for line in lines}})
    if printed := TABLE_10.get(name_of(study)):
        caps = {f"{cap:.0%}": str(value) for cap, value in zip(CAPS, printed, strict=True)}
        rows.append({"rules": "printed: UAWR", "reading": "-", **caps})
    return rows, every


def target_rows(study: RuleStudy) -> Rows:
    """Each target by itself, Wilson intervals."""
    rows: Rows = []
    books = (PMI, STANDARD, study.headline)
    turns = {(b, r): study.tried.turns(b, CAP, r) for b in books for r in READINGS}
    for i, target in enumerate(study.targets):
        right = next(iter(turns.values())).right[i]
        row = {
            "target": target.name, "instance": target.instance, "family": target.family,
            "rules mined from": ("these very weights" if target.same_weights else "the other instance")
            if target.member else "no", "clean accuracy": percent(proportion(int(right.sum()), len(right))),
        }  # fmt: skip
        for (book, reading), found in turns.items():
            hits = int((found.wrong & found.right)[i].sum())
            row[f"{book}, {reading}"] = percent(proportion(hits, int(right.sum())))
        rows.append(row)
    return rows


def pwws_rows(study: RuleStudy, folder: Path | None) -> Rows:
    """Row 2-30: rules that ask nobody against PWWS, which asks its victim."""
    printed = {"printed: PWWS": str(PWWS.get(name_of(study), "-"))}
    asked = direct_success(folder, "pwws", study.test.name) if folder else {}
    turned = study.tried.turns(study.headline, CAP, "incremental")
    pairs = []
    for i, target in enumerate(study.targets):
        if target.name in asked and turned.right[i].any():
            pairs.append((asked[target.name].estimate, (turned.wrong & turned.right)[i].sum() / turned.right[i].sum()))
    if not pairs:
        return [{"models": f"{NOT_RUN}: no transfer study with PWWS was given", **printed}]
    theirs, ours = np.array(pairs).T
    return [
        {"models": str(len(pairs)), "PWWS": percent(mean(theirs)), study.headline: percent(mean(ours)),
         "difference": percent(mean(ours - theirs)), **printed}
    ]  # fmt: skip


def finding_rows(study: RuleStudy, measures: Measures) -> Rows:
    """Claims with verdicts."""
    first, last = (uawr(size) for size in (min(study.sizes_here), max(study.sizes_here)))
    found: list[Finding] = []
    for reading in READINGS:
        groups = [ALL, *([OUTSIDE] if OUTSIDE in measures.groups else [])]
        found += [measures.better(study.headline, b, reading, CAP, g) for b in (PMI, STANDARD) for g in groups]
        if first != last:
            found.append(measures.better(last, first, reading, CAP, ALL))
    return [
        {
            "claim": f.claim.text,
            "measure": f.claim.measure,
            "difference, points": percent(f.effect),
            "p (Holm)": f"{f.p:.2g}",
            "verdict": f.verdict,
        }
        for f in read_together(found)
    ]


def name_of(study: RuleStudy) -> str:
    """The data set without its split."""
    return study.test.name.split("/")[0]


def pair(numbers: Sequence[float]) -> str:
    return " / ".join(f"{number:.1f}" for number in numbers)
