"""Readers under AddSent, AddOneSent, AddAny and AddCommon: F1 before and after, and which rules mislead.

    TURNCOAT_DATA=../shared python benchmarks/reading.py --reader ../models/reader --reader word-overlap \
        --runs ../runs/reading

Readers are folders (`turncoat train reader squad`), hub names or "word-overlap". AddAny and AddCommon ask hundreds of
questions for one, so they attack fewer, under a budget; all sizes stand in the table. Runs are continued where they
stopped; `results/reading/` gets the tables. `--only nothing` makes them again from the runs that there are.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from study import RESULTS, markdown, number, percent, write_csv
from turncoat.api import attack
from turncoat.attacks.addsent.knowledge import open_knowledge
from turncoat.attacks.addsent.repair import automatic
from turncoat.attacks.addsent.writing import Trace, write_sentence
from turncoat.data.squad import read_questions
from turncoat.data.super_bowl import ANSWER, MISLED, PUBLISHED, super_bowl
from turncoat.engine.query import Asked
from turncoat.evaluation.addsent_figure import addsent_figure
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.publishing import read_run
from turncoat.evaluation.run import Run
from turncoat.evaluation.svg import FALLBACKS, SERIES, draw
from turncoat.evaluation.task_metrics import task_metrics
from turncoat.intervals import mean, proportion
from turncoat.models.reader import load_reader, read
from turncoat.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OUT = RESULTS / "reading"
CHEAP = ("add-one-sent", "add-sent")
DEAR = ("add-any", "add-common")
RULES = {"mutation": "step 1", "answer": "step 2", "conversion": "step 3"}
PRINTED = (  # Jia and Liang 2017, Tables 2 and 3: F1
    {"reader": "BiDAF, single", "original": "75.5", "AddOneSent": "45.7", "AddSent": "34.3", "AddAny": "4.8",
     "AddCommon": "41.7"},
    {"reader": "Match-LSTM, single", "original": "71.4", "AddOneSent": "39.0", "AddSent": "27.3", "AddAny": "7.6",
     "AddCommon": "38.9"},
    {"reader": "logistic regression", "original": "50.4", "AddOneSent": "30.4", "AddSent": "23.2"},
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One run: a reader under one attack."""

    reader: str
    attack: str
    questions: int
    budget: int | None

    @property
    def name(self) -> str:
        return f"{Path(self.reader).name}/{self.attack}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", action="append", required=True, help="may be given again")
    parser.add_argument("--runs", type=Path, default=Path("runs/reading"))
    parser.add_argument("--data", default="squad", help="named reading data set, or a JSON file of SQuAD's form")
    parser.add_argument("--questions", type=int, default=500, help="for AddOneSent and AddSent")
    parser.add_argument("--few", type=int, default=50, help="for AddAny and AddCommon")
    parser.add_argument("--budget", type=int, default=1000, help="most questions to the reader, AddAny and AddCommon")
    parser.add_argument("--only", default="", help="conduct only runs whose name holds this")
    options = parser.parse_args()
    cells = [Cell(r, a, options.questions, None) for r in options.reader for a in CHEAP]
    cells += [Cell(r, a, options.few, options.budget) for r in options.reader for a in DEAR]
    for cell in cells:
        if options.only in cell.name:
            _conduct(cell, options.data, options.runs)
    runs = {c: read_run(options.runs / c.name) for c in cells if (options.runs / c.name / "summary.json").exists()}
    if runs:
        _write(runs, super_bowl_rows(options.reader))


def _conduct(cell: Cell, data: str, runs: Path) -> None:
    start, out = time.perf_counter(), runs / cell.name
    if not (out / "summary.json").exists():
        dataset = read_questions(data).sample(cell.questions, 0)
        attack(
            cell.reader, dataset, cell.attack, task="reading", budget=cell.budget, encoder=None, masked_lm=None, out=out
        )
    print(f"{cell.name}: {time.perf_counter() - start:.0f} s", flush=True)


def super_bowl_trace() -> tuple[Trace, tuple[str, ...]]:
    """The steps of AddSent on the best-known example, and the sentences that AddSent-auto makes of them."""
    example = super_bowl()
    trace = write_sentence(example.text, example.question, example.answers, example.starts, open_knowledge())
    if trace is None:
        raise SystemExit("expected words of the Super Bowl question that can be exchanged, found none: see `doctor`")
    return trace, automatic(trace, example.answers)


def super_bowl_rows(readers: Sequence[str]) -> list[dict[str, str]]:
    """What readers answer to the best-known example: as it is, with the published sentence, with AddSent-auto's."""
    example, attacked = super_bowl(), {"untouched": "", "published": PUBLISHED}
    attacked |= {f"AddSent-auto {i}": sentence for i, sentence in enumerate(super_bowl_trace()[1], 1)}
    asked = [Asked(Text(f"{example.text} {sentence}".strip()), example.question) for sentence in attacked.values()]
    found = {Path(reader).name: [each.answer for each in read(load_reader(reader), [asked])[0]] for reader in readers}
    return [
        {"sentence behind the paragraph": sentence or "none", **{name: answers[i] for name, answers in found.items()}}
        for i, sentence in enumerate(attacked.values())
    ]


def _write(runs: dict[Cell, Run], super_bowl_answers: list[dict[str, str]]) -> None:
    rows = [_row(cell, run) for cell, run in runs.items()]
    rules = [row for cell, run in runs.items() for row in _rules(cell, run)]
    write_csv(OUT / "readers.csv", rows)
    write_csv(OUT / "rules.csv", rules)
    write_csv(OUT / "super_bowl.csv", super_bowl_answers)
    (OUT / "f1.svg").write_text(_plot(runs), encoding="utf-8")
    trace, written = super_bowl_trace()
    (OUT / "addsent.svg").write_text(addsent_figure(trace, next(iter(written), "")), encoding="utf-8")
    mutations = [row for row in rules if row["step"] == RULES["mutation"]]
    note = "Seed 0; questions drawn from the test split of SQuAD v1.1 (rebuilt; whole articles unseen in training)."
    page = f"""# Readers under attack

{provenance(note)}

F1 and exact match are over all questions, in %, with 95 % intervals; an attack that has no sentence for a question
leaves its paragraph alone. "Touching": share of the answers with F1 = 0, and of those that were not wrong before, that
touch the added sentence. The sentences of AddSent and AddOneSent are made and mended by rules (AddSent-auto): no person
approved them.

{markdown(rows)}

![F1 before and after](f1.svg)

## By rule of the first step

Questions whose sentence used the rule at least once. All steps: rules.csv.

{markdown(mutations) if mutations else "No run of AddSent or AddOneSent has ended."}

## The Super Bowl example

"{super_bowl().question}": {ANSWER}. BiDAF answered {MISLED} once the published sentence, approved by people, was there.

{markdown(super_bowl_answers)}

How AddSent comes to its sentence (after Figure 2 of Jia and Liang 2017):

![The steps of AddSent on the Super Bowl question](addsent.svg)

## Published, for comparison (F1; other readers, human-approved sentences)

{markdown(PRINTED)}
"""
    (OUT / "README.md").write_text(page, encoding="utf-8")


def _row(cell: Cell, run: Run) -> dict[str, str]:
    found = {metric.name: metric for metric in task_metrics(run)}
    asked = run.summary.questions.attacked

    def share(name: str) -> str:
        metric = found[name]
        return percent(metric.interval) + (f" of {metric.n}" if "touching" in name and metric.interval else "")

    return {
        "reader": run.victim, "attack": cell.attack, "questions": str(len(run)), "budget": str(cell.budget or "-"),
        "F1 before": share("F1 before"), "F1 after": share("F1 after"), "F1 drop": share("F1 drop"),
        "EM before": share("exact match before"), "EM after": share("exact match after"),
        "turned to F1 = 0": f"{percent(run.summary.success_rate)} of {run.summary.attacked}",
        "with a sentence": share("questions with an added sentence"),
        "wrong answers touching it": share("wrong answers touching the added sentence"),
        "turned answers touching it": share("turned answers touching the added sentence"),
        "asked, mean": number(asked.mean if asked else None),
    }  # fmt: skip


def _rules(cell: Cell, run: Run) -> Iterator[dict[str, str]]:
    """One row for each rule of each step that left a trace."""
    by_rule: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in run:
        steps = outcome.trace.get("steps")
        if steps is None or not outcome.details["sentence"]:
            continue
        for rule in {each["rule"] for each in steps["mutations"]}:
            by_rule[RULES["mutation"], rule].append(outcome)
        by_rule[RULES["answer"], steps["answer_rule"]].append(outcome)
        by_rule[RULES["conversion"], steps["conversion_rule"]].append(outcome)
    for (step, rule), outcomes in sorted(by_rule.items(), key=lambda entry: (entry[0][0], -len(entry[1]), entry[0][1])):
        attacked = [outcome for outcome in outcomes if outcome.status != "skipped"]
        turned = sum(outcome.status == "success" for outcome in attacked)
        yield {
            "reader": run.victim, "attack": cell.attack, "step": step, "rule": rule, "questions": str(len(outcomes)),
            "F1 before": _mean(outcomes, "f1_before"), "F1 after": _mean(outcomes, "f1_after"),
            "turned to F1 = 0": f"{percent(proportion(turned, len(attacked)))} of {len(attacked)}",
        }  # fmt: skip


def _mean(outcomes: Sequence[Outcome], detail: str) -> str:
    return percent(mean([outcome.details[detail] for outcome in outcomes]))


def _plot(runs: dict[Cell, Run]) -> str:
    """F1 after each attack, a series a reader, with the F1 before as an open mark."""
    readers = list(dict.fromkeys(cell.reader for cell in runs))
    attacks = [name for name in (*CHEAP, *DEAR) if any(cell.attack == name for cell in runs)]

    def paint(axes: Axes) -> None:
        for cell, run in runs.items():
            series = readers.index(cell.reader)
            colour, place = SERIES[series % len(SERIES)], attacks.index(cell.attack) + 0.16 * series
            for when, face in (("before", "none"), ("after", colour)):
                found = {m.name: m.interval for m in task_metrics(run)}[f"F1 {when}"]
                if found is None:
                    continue
                low, high = (found.estimate if end is None else end for end in (found.low, found.high))
                axes.plot([place, place], [100 * low, 100 * high], color=colour, linewidth=1, alpha=0.6)
                axes.plot(place, 100 * found.estimate, "o", color=colour, markerfacecolor=face, markersize=6)
        for series, reader in enumerate(readers):
            axes.plot([], [], "o", color=SERIES[series % len(FALLBACKS)], label=Path(reader).name)
        axes.set_xticks(range(len(attacks)), attacks)
        axes.set_ylim(0, 100)
        axes.set_ylabel("F1, %: open before, full after the attack")
        axes.legend()

    return draw(paint, "F1 of each reader before and after each attack, with 95 % intervals")


if __name__ == "__main__":
    main()
