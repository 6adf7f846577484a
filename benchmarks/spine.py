"""The table of the spine: random, PWWS and CEA against three victims on MR.

    TURNCOAT_DATA=../shared python benchmarks/spine.py [--models models] [--runs runs] [--examples 500] [--budget 500]

Victims are trained if their folder is missing (`turncoat train cnn|lstm|transformer mr`), runs are continued where they
stopped, and `results/spine/` gets the table (mr.md, mr.csv), the paired tests (mr_paired.csv) and the plot (mr.svg).
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from pathlib import Path
from typing import Any

from turncoat import load_dataset, load_victim
from turncoat.api import attack
from turncoat.evaluation.comparison import Difference, compare
from turncoat.evaluation.environment import environment
from turncoat.evaluation.intervals import Interval
from turncoat.evaluation.plots import success_by_questions
from turncoat.evaluation.run import Run
from turncoat.models.card import read_card
from turncoat.training.recipes import named_recipe
from turncoat.training.splits import read_splits
from turncoat.training.storing import save
from turncoat.training.trainer import examine, train

VICTIMS = {"cnn": "cnn", "lstm": "lstm", "minilm": "transformer"}
ATTACKS = ("random", "pwws", "cea-paper", "cea-min")
CEA_WORDS = "content-words(wordnet-inflected)"  # WordNet for all attacks, instead of CEA's own candidates
RESULTS = Path(__file__).parents[1] / "results" / "spine"
COLUMNS = (
    "victim", "attack", "examples", "attacked", "success_rate", "accuracy_before", "accuracy_after", "words_changed",
    "changed_share", "questions_mean", "questions_median", "success_at_50", "success_at_100", "similarity",
)  # fmt: skip


def victim_folder(models: Path, name: str) -> Path:
    """The victim's folder; trained first if it is not there."""
    folder = models / f"mr-{name}"
    if not folder.exists():
        splits = read_splits("mr")
        command = f"turncoat train {VICTIMS[name]} mr --out {folder}"
        trained = train(splits.train, splits.dev, named_recipe(VICTIMS[name]), 0, command=command)
        save(examine(trained, splits.test), folder)
    return folder


def row(victim: str, name: str, run: Run) -> dict[str, str]:
    """One line of the table; every cell with its 95 % interval."""
    found = run.summary
    successes, attacked = found.words_changed.successes, found.questions.attacked
    shares = found.changed_share.successes
    cells = {
        "success_rate": percent(found.success_rate),
        "accuracy_before": percent(found.clean_accuracy),
        "accuracy_after": percent(found.after_attack_accuracy),
        "words_changed": number(successes.mean if successes else None),
        "changed_share": percent(shares.mean if shares else None),
        "questions_mean": number(attacked.mean if attacked else None),
        "questions_median": number(attacked.median if attacked else None),
        "success_at_50": percent(found.success_at_budget[50]),
        "success_at_100": percent(found.success_at_budget[100]),
        "similarity": number(found.similarity.mean, 3),
    }
    return {"victim": victim, "attack": name, "examples": str(found.n), "attacked": str(found.attacked), **cells}


def percent(cell: Interval | None) -> str:
    if cell is None or cell.low is None or cell.high is None:
        return "-"
    return f"{100 * cell.estimate:.1f} ({100 * cell.low:.1f} to {100 * cell.high:.1f})"


def number(cell: Interval | None, digits: int = 1) -> str:
    if cell is None or cell.low is None or cell.high is None:
        return "-"
    return f"{cell.estimate:.{digits}f} ({cell.low:.{digits}f} to {cell.high:.{digits}f})"


def paired_row(victim: str, difference: Difference) -> dict[str, str]:
    return {
        "victim": victim, "first": difference.first, "second": difference.second, "measure": difference.measure,
        "over": difference.over, "n": str(difference.n), "first_mean": f"{difference.first_mean:.4f}",
        "second_mean": f"{difference.second_mean:.4f}", "difference": number(difference.difference, 4),
        "test": difference.test, "p": f"{difference.p:.2g}", "p_holm": f"{difference.p_holm:.2g}",
    }  # fmt: skip


def write_csv(name: str, rows: list[dict[str, str]]) -> None:
    with (RESULTS / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def markdown(rows: list[dict[str, str]]) -> str:
    lines = [" | ".join(column.replace("_", " ") for column in COLUMNS), " | ".join("---" for _ in COLUMNS)]
    return "\n".join(f"| {line} |" for line in [*lines, *(" | ".join(row[c] for c in COLUMNS) for row in rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--budget", type=int, default=500)
    options = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    data = load_dataset("mr")
    rows, paired, cards, curves = [], [], [], {}
    for name in VICTIMS:
        folder = victim_folder(options.models, name)
        victim, card = load_victim(str(folder)), read_card(folder)
        judged = card.accuracy["test"]
        cards.append(
            f"- `mr-{name}` ({card.kind}): {judged.correct} of {judged.n} test texts right, sha256 {card.sha256[:12]}"
        )
        runs = []
        for method in ATTACKS:
            run = attack(
                victim, data, method, candidates=CEA_WORDS if method.startswith("cea") else None,
                examples=options.examples, budget=options.budget, live=128,
                out=options.runs / f"mr-{name}-{method}",
            )  # fmt: skip
            rows.append(row(f"mr-{name}", method, run))
            runs.append(Run(method, run.description, run.labels, run.outcomes))
            if name == "cnn":
                curves[method] = run.outcomes
        paired += [paired_row(f"mr-{name}", difference) for difference in compare(runs).differences]
    write_csv("mr.csv", rows)
    write_csv("mr_paired.csv", paired)
    (RESULTS / "mr.svg").write_text(success_by_questions(curves), encoding="utf-8")
    (RESULTS / "mr.md").write_text(page(rows, cards, options), encoding="utf-8")


def page(rows: list[dict[str, str]], cards: list[str], options: Any) -> str:
    where = environment()
    versions = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    return f"""# MR: random, PWWS and CEA against three victims

Command: `{shlex.join(["python", *sys.argv])}`, seed 0, {options.examples} examples of the test split, at most
{options.budget} unique questions an example. {where["machine"]}; Python {where["python"]}, {versions}.

Percentages and means with 95 % intervals (proportions: Wilson; means: BCa bootstrap over examples; medians: percentile
bootstrap). Paired tests between the attacks on the same examples (McNemar, random signs, Holm): `mr_paired.csv`.

{markdown(rows)}

Victims (recipes of `turncoat train cnn|lstm|transformer mr`, seed 0):

{chr(10).join(cards)}

What stands in for what, and what to keep in mind:

- Trust letters of `results_to_reproduce.md`: none of these cells reproduces a published number. MR with our own victims
  and WordNet candidates is not in the papers' tables; the published AG News / BERT figures belong to a later study.
- Candidates: PWWS and random use WordNet lemmas of the same part of speech; CEA uses WordNet synonyms of content words,
  inflected like the original. The masked-LM and sememe candidates of the paper are not built yet.
- Similarity: all-MiniLM-L6-v2, the encoder that CEA itself optimises, so CEA's similarity is flattered. No second
  encoder is at hand offline (USE: `not run`). mr-minilm was fine-tuned from the same weights as this encoder.
- The budget cuts CEA off after four or five iterations of 100 samples (the paper allows fifty).
- The random control looks strong because it may change any share of the words: read the changed share and the
  similarity beside it.
- Perplexity and grammar: `not run` (a later issue builds them).
"""


if __name__ == "__main__":
    main()
