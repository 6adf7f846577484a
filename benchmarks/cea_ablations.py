"""What CEA's parameters do: samples and rho, strictness, candidates, dictionary coverage, soft against hard label.

    TURNCOAT_DATA=../shared python benchmarks/cea_ablations.py --models ../models --runs ../runs/ablations

Victims: ag_news-cnn, and sst2-minilm for Eq. 5 against Eq. 6. Runs are continued where they stopped;
`results/cea/` gets one table a question. `--only grid|strictness|candidates|coverage|labels` conducts one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from study import RESULTS, Cell, arguments, conduct, markdown, measures, number, paired, percent, write_csv
from turncoat import load_victim
from turncoat.attacks.cross_entropy import cea_paper
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.comparison import compare
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.failures import best_gains, drift, exhaustion, stagnation
from turncoat.evaluation.plots import success_by_questions
from turncoat.evaluation.run import Run
from turncoat.intervals import mean, proportion
from turncoat.models.answer_store import AnswerStore
from turncoat.models.filling import masked_lm_responders
from turncoat.models.victim import HardLabel, responders
from turncoat.substitutions.combining import candidates as candidates_of

OUT = RESULTS / "cea"
ON_CNN = Cell("", "ag_news-cnn", "ag_news", "cea-paper", examples=150, budget=5002)
SAMPLES, RHOS = (10, 25, 50, 100, 200), (0.1, 0.2, 0.5, 0.8)
EPSILONS = (0.1, 0.2, 0.3, 0.4)
COMBINED = {
    "intersection": "content-words(masked-lm & sememes)",
    "union": "content-words(masked-lm | sememes)",
    "mlm_only": "content-words(masked-lm)",
    "sememe_only": "content-words(sememes)",
}
FIRST_K = {"intersection": "substitutions.inner.first.k", "mlm_only": "substitutions.inner.k"}
Row = Mapping[str, str]


def grid() -> list[Cell]:
    """Rows 0-18, 0-19, 0-24: N and rho (elite share), on sememes alone: the intersection leaves too little choice."""
    base = replace(ON_CNN, candidates=COMBINED["sememe_only"], examples=100)
    return [
        replace(base, name=f"grid/N={n},rho={rho}", settings=(f"samples={n}", f"rho={rho}"))
        for n, rho in product(SAMPLES, RHOS)
    ]


def strictness() -> list[Cell]:
    """Row 0-20: least similarity 1 - epsilon, by candidates (the two modes that take minutes, not hours)."""
    return [
        replace(
            ON_CNN,
            name=f"strictness/{mode},epsilon={e}",
            candidates=COMBINED[mode],
            min_similarity=round(1 - e, 2),
            examples=80,
        )
        for mode, e in product(("intersection", "sememe_only"), EPSILONS)
    ]


def candidates() -> list[Cell]:
    """Row 0-32: K with and without the sememes; row 0-17's end: sememes against WordNet."""
    made = [
        replace(ON_CNN, name=f"candidates/{mode},K={k}", candidates=COMBINED[mode], settings=(f"{FIRST_K[mode]}={k}",))
        for mode, k in product(FIRST_K, (10, 50, 100))
    ]
    others = {
        "union": COMBINED["union"],
        "sememe_only": COMBINED["sememe_only"],
        "wordnet": "content-words(wordnet-inflected)",
    }
    return made + [replace(ON_CNN, name=f"candidates/{mode}", candidates=line) for mode, line in others.items()]


def coverage() -> list[Cell]:
    """Row 0-29: fewer and fewer entries of the sememe dictionary, and what could stand in for it."""
    base = replace(ON_CNN, candidates=COMBINED["sememe_only"], examples=100)
    made = [
        replace(base, name=f"coverage/{share}", settings=(f"substitutions.inner.coverage={share}",))
        for share in (1.0, 0.5, 0.25, 0.0)
    ]
    return made + [
        replace(base, name=f"coverage/{name}", candidates=f"content-words({line})")
        for name, line in (
            ("counter-fitted", "counter-fitted"), ("masked-lm and counter-fitted", "masked-lm & counter-fitted"),
            ("vectors", "vectors"),
        )
    ]  # fmt: skip


def labels() -> list[Cell]:
    """Rows 0-16, 0-25, 0-33: Eq. 5 against Eq. 6 on the same victim, candidates (sememes alone) and seeds."""
    victims = (("sst2-minilm", "sst2", 60), ("sst2-cnn", "sst2", 200), ("ag_news-cnn", "ag_news", 200))
    base = replace(ON_CNN, candidates=COMBINED["sememe_only"], budget=2000)
    return [
        replace(base, name=f"labels/{victim},{label}", victim=victim, data=data, hard=label == "hard", examples=n)
        for (victim, data, n), label in product(victims, ("soft", "hard"))
    ]


QUESTIONS = {"grid": grid, "strictness": strictness, "candidates": candidates, "coverage": coverage, "labels": labels}


def row(name: str, run: Run) -> Row:
    """The usual cells, and what CEA's traces tell."""
    attacked = [o for o in run.outcomes if o.status != "skipped"]
    traced = [o for o in attacked if "entropy" in o.trace]
    turned = [o for o in traced if o.status == "success"]
    last = [o.trace["entropy"][-1] for o in traced if o.trace["entropy"]]
    empty = proportion(sum(o.reason == "no_candidates" for o in attacked), len(attacked))
    return {
        "setting": name.split("/", 1)[1],
        **measures(run),
        "similarity": number(run.summary.similarity.mean, 3),
        "iterations to success": number(mean([len(o.trace["samples"]) for o in turned])),
        "last entropy": number(mean(last) if last else None, 2),
        "exhausted": percent(exhaustion(run.outcomes).rate),
        "no candidates": percent(empty),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--only", choices=sorted(QUESTIONS), help="one question alone")
    options = parser.parse_args()
    for question in [options.only] if options.only else QUESTIONS:
        cells = QUESTIONS[question]()
        if options.examples:
            cells = [replace(cell, examples=options.examples) for cell in cells]
        found = conduct(cells, options.models, options.runs, options.workers)
        rows = [row(name, run) for name, run in found.items()]
        write_csv(OUT / f"{question}.csv", rows)
        about = (QUESTIONS[question].__doc__ or "").strip()
        text = f"# {about}\n\n{provenance('Seed 0.')}\n\n{markdown(rows)}\n"
        if question == "labels":
            (OUT / "labels.svg").write_text(curves(found), encoding="utf-8")
            text += f"\nPaired tests (McNemar exact, random signs, Holm within a victim):\n\n{markdown(pairs(found))}\n"
            text += f"\nWhy searches failed:\n\n{markdown(failures(found, cells, options.models))}\n"
        (OUT / f"{question}.md").write_text(text, encoding="utf-8")


def failures(found: Mapping[str, Run], cells: Sequence[Cell], models: Path) -> list[Row]:
    """Rows 0-21 to 0-23: standing still and why, drift, running out."""
    rows = []
    for cell in cells:
        if cell.name not in found:
            continue
        victim, outcomes = load_victim(str(models / cell.victim)), found[cell.name].outcomes
        attack = replace(cea_paper(), substitutions=candidates_of("sememe_only"))
        setting = Setting(attack, victim, hard_label=cell.hard)
        answers = {
            **responders(HardLabel(victim) if cell.hard else victim),
            **masked_lm_responders(store=AnswerStore()),
        }
        gains = best_gains(outcomes, setting, answers, stagnation(outcomes).stagnated)
        still, drifted, spent = stagnation(outcomes, gains), drift(outcomes), exhaustion(outcomes)
        rows.append({
            "run": cell.name.split("/")[1], "attacked": str(still.attacked), "stood still": percent(still.rate),
            "of these: no effective word": str(still.no_effective_word), "too few samples": str(still.too_few_samples),
            "drifted (similarity below 0.8), of successes": percent(drifted.rate), "ran out": percent(spent.rate),
            "of these: never moved": str(spent.never_moved), "stalled iterations": percent(spent.stalled_share),
        })  # fmt: skip
    return rows


def curves(found: Mapping[str, Run]) -> str:
    """Row 0-16: success by questions (an iteration is 100), soft against hard label, on the same candidates."""
    return success_by_questions({name.split("/")[1]: run.outcomes for name, run in found.items()})


def pairs(found: Mapping[str, Run]) -> list[Row]:
    rows = []
    for victim in dict.fromkeys(name.split(",")[0] for name in found):
        runs = [
            Run(n.split(",")[1], r.description, r.labels, r.outcomes) for n, r in found.items() if n.startswith(victim)
        ]
        if len(runs) == 2:
            rows += [paired({"victim": victim.split("/")[1]}, difference) for difference in compare(runs).differences]
    return rows


if __name__ == "__main__":
    main()
