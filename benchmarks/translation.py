"""A translator under CEA, Morpheus and random substitution: BLEU and meaning lost, against what was changed.

    TURNCOAT_DATA=../shared python benchmarks/translation.py --translator ../models/translator-de \
        --models ../models --runs ../runs/translation

The translator is a folder (`turncoat train translator multi30k_en_de`) or a hub name. Searches compare translations by
characters (chrF: no encoder here knows the target language) and sources by the encoder `dan-encoder` of --models; what
is told of meaning comes from another encoder. Runs are continued where they stopped; `results/translation/` gets the
tables. `--only nothing` makes them again from the runs that there are.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

from study import CEA_CANDIDATES, ENCODER, RESULTS, markdown, number, paired, percent, write_csv
from turncoat.api import attack
from turncoat.data.parallel import read_translations
from turncoat.evaluation.comparison import compare
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.judging.panel import judge
from turncoat.evaluation.plots import success_by_questions
from turncoat.evaluation.publishing import read_run
from turncoat.evaluation.quality import Metric, read_quality
from turncoat.evaluation.run import Run
from turncoat.evaluation.task_metrics import task_metrics

OUT = RESULTS / "translation"
ETA = 0.5
SIMILARITY, PERPLEXITY = "source similarity", "pseudo-perplexity a word, adversarial / original, median"


@dataclass(frozen=True)
class Cell:
    """One run: an attack with its candidates, and the distortion that is success."""

    attack: str
    candidates: str | None
    words: str
    eta: float = ETA

    @property
    def of(self) -> str:
        """What runs that are compared have in common."""
        return self.words if self.eta == ETA else f"{self.words}, eta {self.eta}"

    @property
    def name(self) -> str:
        return f"{self.of}/{self.attack}"


WIDE = "content-words(wordnet-inflected)"  # many more candidates than CEA's own, which leave most words without any
CELLS = (
    Cell("random", CEA_CANDIDATES, "cea-words"),
    Cell("cea-paper", CEA_CANDIDATES, "cea-words"),
    Cell("cea-min", CEA_CANDIDATES, "cea-words"),
    Cell("random", WIDE, "wordnet"),
    Cell("cea-min", WIDE, "wordnet"),
    Cell("random", "inflections", "inflections"),
    Cell("morpheus", "inflections", "inflections"),
    Cell("cea-min", "inflections", "inflections"),
    *(
        Cell(attack, "inflections", "inflections", eta)
        for eta in (0.7, 0.9)
        for attack in ("random", "morpheus", "cea-min")
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--translator", required=True)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--runs", type=Path, default=Path("runs/translation"))
    parser.add_argument("--data", default="multi30k_en_de", help='named, or two files "SOURCE,REFERENCE"')
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--budget", type=int, default=200, help="most translations a sentence")
    parser.add_argument("--samples", type=int, default=25, help="of CEA an iteration (100 would leave it two)")
    parser.add_argument("--fluency", action="store_true", help="judge by pseudo-perplexity too: many model answers")
    parser.add_argument("--only", default="", help="conduct only runs whose name holds this")
    options = parser.parse_args()
    for cell in CELLS:
        if options.only in cell.name:
            _conduct(cell, options)
    runs = [c for c in CELLS if (options.runs / c.name / "summary.json").exists()]
    if runs:
        _write({cell: read_run(options.runs / cell.name) for cell in runs}, options)


def _conduct(cell: Cell, options: argparse.Namespace) -> None:
    start, out = time.perf_counter(), options.runs / cell.name
    if not (out / "summary.json").exists():
        data = read_translations(options.data).sample(options.sentences, 0)
        settings = [f"samples={options.samples}"] if cell.attack.startswith("cea") else []
        attack(
            options.translator, data, cell.attack, task="translation", candidates=cell.candidates, settings=settings,
            budget=options.budget, eta=cell.eta, likeness="chrf", encoder=str(options.models / ENCODER), out=out,
        )  # fmt: skip
    run = read_run(out)
    judged = [metric.name for metric in quality.metrics] if (quality := read_quality(out, run.outcomes)) else []
    if SIMILARITY not in judged or (options.fluency and PERPLEXITY not in judged):
        judge(run, encoders=("auto",), masked_lm="auto" if options.fluency else None)
    print(f"{cell.name}: {percent(run.summary.success_rate)} %, {time.perf_counter() - start:.0f} s", flush=True)


def _write(runs: dict[Cell, Run], options: argparse.Namespace) -> None:
    rows = [_row(cell, run) for cell, run in runs.items()]
    tests = []
    for of in dict.fromkeys(cell.of for cell in runs):
        together = [Run(c.attack, r.description, r.labels, r.outcomes) for c, r in runs.items() if c.of == of]
        if len(together) > 1:
            tests += [paired({"candidates": of}, difference) for difference in compare(together).differences]
    write_csv(OUT / "translators.csv", rows)
    write_csv(OUT / "paired.csv", tests)
    curves = {f"{cell.attack}, {cell.of}": run.outcomes for cell, run in runs.items() if cell.eta == ETA}
    (OUT / "questions.svg").write_text(success_by_questions(curves), encoding="utf-8")
    bleu = next((m.source for m in task_metrics(next(iter(runs.values()))) if m.name == "BLEU before"), None)
    note = (
        f"Seed 0; {options.sentences} sentences of the test split, at most {options.budget} translations each; "
        f"CEA draws {options.samples} texts an iteration."
    )
    page = f"""# A translator under attack

{provenance(note)}

Success: 1 - BLEU x chrF of the translations before and after, at least eta, {ETA} but where
another one stands. BD: corpus BLEU lost, in points
({bleu}). SD: likeness to the reference lost, in hundredths of a cosine; source similarity: cosine of the sources. Both
by all-MiniLM-L6-v2, which no search used: a stand-in, as it was trained on English alone. All means are over all
sentences, with the text that the search ended in, but "of successes"; 95 % intervals.

{markdown(rows)}

![Success by number of translations](questions.svg)

## Paired differences

{markdown(tests, ("candidates", "measure", "first", "second", "n", "difference", "test", "p Holm")) if tests else "-"}

CEA-words: `{CEA_CANDIDATES}`; wordnet: `{WIDE}`. Not run: the published test sets (WMT20 MLQE, English to Chinese and
to German) and Marian models are not on this machine.
"""
    (OUT / "README.md").write_text(page, encoding="utf-8")


def _row(cell: Cell, run: Run) -> dict[str, str]:
    quality = read_quality(Path(run.name), run.outcomes)
    told: dict[str, Metric] = {metric.name: metric for metric in task_metrics(run)}
    told |= {metric.name: metric for metric in (quality.metrics if quality else ()) if metric.interval}

    def cell_of(name: str, digits: int = 1) -> str:
        metric = told.get(name)
        interval = metric.interval if metric else None
        return percent(interval, digits) if metric and metric.unit == "share" else number(interval, digits)

    asked = run.summary.questions.attacked
    row = {
        "attack": cell.attack, "candidates": cell.of, "sentences": str(len(run)), "success": cell_of("success rate"),
        "BLEU before": cell_of("BLEU before"), "BLEU after": cell_of("BLEU after"),
        "BD": cell_of("BLEU drop (BD), points"), "BD, %": cell_of("BLEU drop, relative"),
        "SD": cell_of("semantic drop (SD), points"),
        "source similarity": cell_of("source similarity", 3),
        "of successes": cell_of("source similarity of successes", 3),
        "changed words": cell_of("changed words"), "share changed": cell_of("changed words, share"),
        "translations, mean": number(asked.mean if asked else None),
        "translations, median": number(asked.median if asked else None),
    }  # fmt: skip
    return {**row, "pseudo-perplexity ratio": cell_of(PERPLEXITY, 2)} if PERPLEXITY in told else row


if __name__ == "__main__":
    main()
