"""Studies: many runs side by side, continued where they stopped, and the tables made of them.

Not a command; `attack_suite.py`, `cea_ablations.py` and `tweets.py` use it.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from turncoat import load_dataset
from turncoat.data.example import Dataset
from turncoat.evaluation.comparison import Difference
from turncoat.evaluation.markdown import tabulated
from turncoat.evaluation.quality import read_quality
from turncoat.evaluation.run import Run
from turncoat.intervals import Interval
from turncoat.notation import fixed, told
from turncoat.substitutions.constraints import MinSimilarity
from turncoat.text import Text

RESULTS = Path(__file__).parents[1] / "results"
ENCODER = "dan-encoder"  # what searches measure similarity with (`turncoat train-encoder`): 0.05 ms a text, not 10
JUDGE = "all-MiniLM-L6-v2"  # what judges it; no search of a study uses it
JUDGED = {
    "similarity (judge)": f"similarity ({JUDGE}), mean",
    "pseudo-perplexity ratio": "pseudo-perplexity a word, adversarial / original, median",
    "antonyms": "texts with an antonym",
    "polarity flips": "texts with a polarity flip",
    "unknown substitutes": "substitutes unknown to the victim",
}
CEA_CANDIDATES = "content-words(masked-lm & sememes)"
VICTIMS = {"cnn": "a word-CNN of ours, the TextCNN", "minilm": "MiniLM-L6, for BERT"}
STAND_INS = (
    "Masked LM: minilm-mlm (for roberta-large). Sememes: HowNet through WordNet (for OpenHowNet). The search's encoder:"
    f" {ENCODER}, our own of USE's type (the authors' code searches with {JUDGE}). Judge: {JUDGE} (for USE)."
)


@dataclass(frozen=True)
class Cell:
    """One run of a study; `name` is its folder."""

    name: str
    victim: str
    data: str
    attack: str
    candidates: str | None = None
    settings: tuple[str, ...] = ()
    hard: bool = False
    examples: int = 100
    budget: int | None = 1000
    seed: int = 0
    most_words: int | None = None  # longer texts are cut
    short: int | None = None  # only texts of at most so many words are drawn
    target: str | None = None
    from_class: str | None = None
    min_similarity: float | None = None
    fluency: bool = False  # judge the turned texts by pseudo-perplexity too: a model's answer for every word


def arguments(about: str | None) -> argparse.ArgumentParser:
    """What every study can be told."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"), help="trained victims, DATA-KIND each")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--workers", type=int, default=2, help="processes, one thread each")
    parser.add_argument("--examples", type=int, help="examples a run, instead of the study's own sizes")
    return parser


def conduct(cells: Sequence[Cell], models: Path, runs: Path, workers: int) -> dict[str, Run]:
    """All runs by name. Finished ones are read, the others continued; a run that fails is told and left out."""
    from turncoat.evaluation.publishing import read_run

    os.environ["OMP_NUM_THREADS"] = "1"  # processes with several threads each fight for the cores
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    found: dict[str, Run] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        started = {pool.submit(_conduct, cell, models, runs): cell for cell in cells}
        for i, future in enumerate(as_completed(started), 1):
            cell = started[future]
            try:
                seconds = future.result()
            except Exception as error:  # one broken run must not end a night's study
                print(f"[{i}/{len(cells)}] {cell.name}: FAILED {type(error).__name__}: {error}", flush=True)
                continue
            found[cell.name] = read_run(runs / cell.name)
            told = percent(found[cell.name].summary.success_rate)
            print(f"[{i}/{len(cells)}] {cell.name}: {told} %, {seconds:.0f} s", flush=True)
    return {cell.name: found[cell.name] for cell in cells if cell.name in found}


def _conduct(cell: Cell, models: Path, runs: Path) -> float:
    from turncoat.api import attack
    from turncoat.evaluation.judging.panel import judge
    from turncoat.evaluation.publishing import read_run

    start = time.perf_counter()
    done = runs / cell.name / "summary.json"
    if not done.exists():
        attack(
            models / cell.victim, data_of(cell), cell.attack, candidates=cell.candidates, settings=cell.settings,
            from_class=cell.from_class, budget=cell.budget, seed=cell.seed, hard_label=cell.hard, target=cell.target,
            constraints=() if cell.min_similarity is None else (MinSimilarity(cell.min_similarity),),
            encoder=str(models / ENCODER), out=runs / cell.name,
        )  # fmt: skip
    run = read_run(runs / cell.name)
    if read_quality(runs / cell.name, run.outcomes) is None:
        fluency = "auto" if cell.fluency else None
        judge(run, encoders=("auto",), victim=str(models / cell.victim), masked_lm=fluency)
    return time.perf_counter() - start


def finished(cells: Sequence[Cell], runs: Path) -> dict[str, Run]:
    """The runs that have ended, whenever they were conducted."""
    from turncoat.evaluation.publishing import read_run

    return {cell.name: read_run(runs / cell.name) for cell in cells if (runs / cell.name / "summary.json").exists()}


def stand_ins(cells: Sequence[Cell]) -> str:
    """Who was attacked on what, how much was asked, and which models stand for the sources': for a page's head."""
    victims = ", ".join(f"{v} ({VICTIMS[v.split('-')[-1]]})" for v in dict.fromkeys(c.victim for c in cells))
    data = " and ".join(dict.fromkeys(c.data for c in cells))
    budgets = " or ".join(f"{b:,}" for b in dict.fromkeys(c.budget for c in cells) if b)
    return f"Victim: {victims}. Data: {data}, test split. Budget: {budgets} questions a text. {STAND_INS}"


def data_of(cell: Cell) -> Dataset:
    """The cell's examples of the test split, the same for every seed; texts cut to their first `most_words` words."""
    data = load_dataset(cell.data)
    if cell.from_class is not None:
        chosen = tuple(e for e in data if data.labels[e.label] == cell.from_class)
        data = replace(data, examples=chosen)
    if cell.short is not None:
        data = replace(data, examples=tuple(e for e in data if len(Text(e.text)) <= cell.short))
    data = data.sample(min(cell.examples, len(data)), 0)
    if cell.most_words is None:
        return data
    cut = tuple(replace(e, text=str(Text(e.text).part(0, cell.most_words))) for e in data)
    return replace(data, name=f"{data.name}, first {cell.most_words} words", examples=cut)


def percent(cell: Interval | None, digits: int = 1) -> str:
    return "-" if cell is None else told(cell, fixed(digits, percent=True))


def number(cell: Interval | None, digits: int = 1) -> str:
    return "-" if cell is None else told(cell, fixed(digits))


def measures(run: Run) -> dict[str, str]:
    """The cells that every table has."""
    found = run.summary
    successes, attacked = found.words_changed.successes, found.questions.attacked
    shares = found.changed_share.successes
    return {
        "examples": str(found.n),
        "attacked": str(found.attacked),
        "success": percent(found.success_rate),
        "accuracy after": percent(found.after_attack_accuracy),
        "words changed": number(successes.mean if successes else None),
        "share changed": percent(shares.mean if shares else None),
        "questions, mean": number(attacked.mean if attacked else None),
        "questions, median": number(attacked.median if attacked else None),
        **{f"success at {b}": percent(found.success_at_budget[b]) for b in (50, 100, 500, 1000)},
        **judged(run),
    }


def judged(run: Run) -> dict[str, str]:
    """What judges that no search used said of the turned texts."""
    quality = read_quality(Path(run.name), run.outcomes)
    cells = {}
    for column, name in JUDGED.items() if quality else ():
        metric = {m.name: m for m in quality.metrics}.get(name) if quality else None
        if metric is not None:
            told = percent if metric.unit == "share" else number
            cells[column] = told(metric.interval, 1 if metric.unit == "share" else 3)
    return cells


def judged_similarity(run: Run) -> Mapping[str, float]:
    """The judge's similarity of every success to its original, by id; empty if nothing was judged."""
    quality = read_quality(Path(run.name), run.outcomes)
    found = {metric.name: metric.values for metric in quality.metrics} if quality else {}
    return found.get(JUDGED["similarity (judge)"], {})


def paired(where: Mapping[str, str], difference: Difference) -> dict[str, str]:
    """One row of a table of paired tests."""
    return {
        **where, "first": difference.first, "second": difference.second, "measure": difference.measure,
        "over": difference.over, "n": str(difference.n), "first mean": f"{difference.first_mean:.4f}",
        "second mean": f"{difference.second_mean:.4f}", "difference": number(difference.difference, 4),
        "test": difference.test, "p": f"{difference.p:.2g}", "p Holm": f"{difference.p_holm:.2g}",
    }  # fmt: skip


def write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    rows = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def markdown(rows: Sequence[Mapping[str, str]], columns: Sequence[str] | None = None) -> str:
    columns = columns or list(dict.fromkeys(column for row in rows for column in row))
    return tabulated(columns, [[row.get(column, "-") for column in columns] for row in rows])
