"""The page and files of the study of universal rules; `universal_rules.py` uses it."""

from __future__ import annotations

from pathlib import Path

from rule_tables import (
    CAP,
    SUCCESS,
    finding_rows,
    long_rows,
    name_of,
    pwws_rows,
    table_5,
    table_9,
    table_10,
    target_rows,
)
from rule_texts import Part, Rows, bias_parts, universal_parts
from study import markdown, write_csv
from turncoat.evaluation.environment import provenance
from turncoat.intervals import Interval
from turncoat.studies.rules.measures import ALL, Measures
from turncoat.studies.rules.plots import curves
from turncoat.studies.rules.published import TABLE_9, TABLE_10
from turncoat.studies.rules.rates import READINGS
from turncoat.studies.rules.run import PMI, STANDARD, RuleStudy, uawr
from turncoat.studies.transfer.entries import FIRST
from turncoat.studies.zoo_inputs import inputs_note
from turncoat.studies.zoo_names import ZOO


def write_all(study: RuleStudy, out: Path, transfer: Path | None, timed: Rows, draws: int) -> Path:
    """Every table into one folder; gives the page that holds them all."""
    measures = Measures(study.tried, draws)
    parts: list[Part] = []
    for number, make in (("5", table_5), ("9", table_9)):
        every: Rows = []
        for reading in READINGS:
            rows, measured = make(study, measures, reading)
            every += long_rows(measured)
            parts.append(Part("", f"Table {number}, {reading}", SUCCESS, rows))
        write_csv(out / f"table_{number}.csv", every)
    rows, measured = table_10(study, measures)
    write_csv(out / "table_10.csv", long_rows(measured))
    parts += [
        Part("", "Table 10: caps", f"{SUCCESS}; all targets", rows),
        Part("claims", "Claims", "success, all models alike", finding_rows(study, measures)),
        *bias_parts(study),
        *universal_parts(study),
        Part(
            "pwws",
            "Against PWWS",
            "mean over models of success, incremental, cap 30 %; PWWS on the texts and instances of the transfer study",
            pwws_rows(study, transfer),
        ),
        Part("targets", "Targets", "success at a cap of 30 %, each target by itself", target_rows(study)),
        Part("speed", "Speed of mining", "processor seconds, one thread", timed),
    ]
    parts = [part for part in parts if part.rows]
    for part in parts:
        if part.file:
            write_csv(out / f"{part.file}.csv", part.rows)
    draw_curves(study, measures, out)
    page = out / "README.md"
    sections = [f"## {part.title}\n\n{part.note}\n\n{markdown(part.rows)}\n" for part in parts]
    page.write_text("\n".join([*head(study, draws), *sections]), encoding="utf-8")
    return page


def draw_curves(study: RuleStudy, measures: Measures, out: Path) -> None:
    """Success by cap, and by size of the ensemble, incremental."""

    def points(rules: str, cap: float) -> Interval:
        return measures.success(rules, "incremental", cap, ALL).interval()

    caps = {rules: [(100 * cap, points(rules, cap)) for cap in study.caps] for rules in (study.headline, PMI, STANDARD)}
    sizes = {"UAWR": [(float(size), points(uawr(size), CAP)) for size in study.sizes_here]}
    name = name_of(study)
    printed = {"printed": TABLE_10[name]} if name in TABLE_10 else {}
    svg = curves(f"Success by cap, {name}", "words that may be changed, %", caps, printed)
    (out / "caps.svg").write_text(svg, encoding="utf-8")
    printed = {"printed": TABLE_9[name][ALL][0]} if name in TABLE_9 else {}
    svg = curves(f"Success by size of the ensemble, {name}", "models in the ensemble", sizes, printed)
    (out / "sizes.svg").write_text(svg, encoding="utf-8")


def head(study: RuleStudy, draws: int) -> list[str]:
    """What was run, and how to read it."""
    books, mining = study.books, study.mining
    here = {target.name for target in study.targets}
    missing = [str(model) for model in ZOO if str(model) not in here]
    zoo = len(ZOO) - len(missing)
    inputs = inputs_note(study.zoo / name / FIRST for name in sorted(here))
    note = (
        f"Sub-zoo: {zoo} of {len(ZOO)} models, and {len(here) - zoo} beside them. {inputs} "
        f"Rules from {len(study.train):,} texts of {study.train.name}, tried on {len(study.test):,} of "
        f"{study.test.name}, both drawn with seed {mining.seed}. Each rule is tried at up to {mining.most_instances} "
        f"places ({study.trial.size:,} in all) and seen {mining.min_count} times at least; score {mining.score}. "
        f"Ensembles of m are the first m of: {study.members}."
    )
    sizes = ", ".join(f"{name}: {sum(rule.salience > 0 for rule in book.rules):,}" for name, book in books.items())
    return [
        f"# Universal rules on {name_of(study)}\n",
        f"{provenance(note)}\n",
        f"Rules of positive salience: {sizes}. Models that were not run: {', '.join(missing) or 'none'}.\n",
        "Success is over the texts that a target reads rightly before; each model has its own rate, and all count "
        "alike unless it says pooled. Oblivious: all replacements under the cap, one text for all targets. "
        "Incremental: as many as it takes with each target; the printed shares of changed words are of this kind. "
        f"Intervals: 95 %, {draws:,} draws of models within families, then of texts; Wilson for single models. "
        "A model that rules were mined from is a target by its other instance. Universal triggers and SEARs, which the "
        "paper only contrasts, were not run; the reach of few rules stands below.\n",
        "![Success by cap](caps.svg)\n\n![Success by size](sizes.svg)\n",
    ]
