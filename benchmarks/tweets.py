"""The gradient attack on Twitter sentiment: success, ranking against chance, thresholds, failures, transfer.

    TURNCOAT_DATA=../shared python benchmarks/tweets.py --models ../models --runs ../runs/tweets

Victims: tweets-minilm (binary), tweets_3way-minilm, tweets-cnn (`turncoat train transformer|cnn tweets|tweets_3way`).
Runs are continued where they stopped; `results/tweets/` gets the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import spearmanr

from study import (
    RESULTS,
    Cell,
    arguments,
    conduct,
    data_of,
    markdown,
    measures,
    number,
    paired,
    percent,
    write_csv,
)
from turncoat import load_victim
from turncoat.attacks.weighing import Aggregate, importance
from turncoat.engine.query import Gradient, Labelled, Predict
from turncoat.evaluation.comparison import compare
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.run import Run
from turncoat.evaluation.svg import INK, SERIES, draw
from turncoat.intervals import mean, proportion
from turncoat.models.victim import responders
from turncoat.text import Text

OUT = RESULTS / "tweets"
BASE = Cell("", "tweets-minilm", "tweets", "gradient", examples=120, budget=1000, from_class="negative")
THREE = replace(BASE, victim="tweets_3way-minilm", data="tweets_3way")
AGGREGATES = get_args(Aggregate)
SIMILARITIES = (0.7, 0.8, 0.85, 0.9, 0.95)
QUESTIONS = {
    "main": [
        replace(BASE, name="gradient"),
        replace(BASE, name="all tweets to positive", from_class=None, target="positive", examples=300),
        replace(BASE, name="from positive", from_class="positive"),
        replace(THREE, name="3-way, away from negative"),
        replace(THREE, name="3-way, negative to positive", target="positive"),
        replace(THREE, name="3-way, away from neutral", from_class="neutral"),
    ],
    "ranking": [
        replace(BASE, name="gradient"),
        replace(BASE, name="ranking=deletion", settings=("ranking=deletion",)),
        *(replace(BASE, name=f"random {seed}", settings=("ranking=random",), seed=seed) for seed in range(5)),
    ],
    "weights": [
        *(replace(BASE, name=f"aggregate={a}", settings=(f"aggregate={a}",)) for a in AGGREGATES[1:]),
        *(replace(BASE, name=f"z_min={z}", settings=(f"z_min={z}",)) for z in ("0.0", "1.0")),
    ],
    "similarity": [
        replace(BASE, name=f"min_similarity={s}", settings=(f"min_similarity={s}",)) for s in SIMILARITIES
    ],
    "ceiling": [
        replace(BASE, name="ceiling", attack="beam", candidates="same-pos(datamuse)", min_similarity=0.9, examples=40),
    ],
}  # fmt: skip
Rows = list[dict[str, str]]


def row(name: str, run: Run) -> dict[str, str]:
    """The usual cells, where searches stopped, and the four kinds of failure."""
    attacked = [o for o in run.outcomes if o.status != "skipped"]
    kinds = Counter(o.trace["failure"] for o in attacked if o.trace.get("failure"))
    below = sum(o.reason == "below_delta" for o in attacked)
    return {
        "run": name,
        **measures(run),
        "accuracy before": percent(run.summary.clean_accuracy),
        "similarity": number(run.summary.similarity.mean, 3),
        "stopped below delta without a turn": str(below),
        **{kind: str(kinds[kind]) for kind in ("spread_sentiment", "drift", "empty_pool", "gradient_masking")},
    }


def transfer(run: Run, models: Path) -> Rows:
    """Row 3-17: the successful texts shown to other victims, without any search."""
    turned = [o for o in run.outcomes if o.status == "success"]
    rows = []
    for name in ("tweets-minilm", "tweets-cnn"):
        if not (models / name).exists():
            continue
        predict = responders(load_victim(str(models / name)))[Predict]
        before = predict([[Text(o.original) for o in turned]])[0].argmax(1)
        after = predict([[Text(o.adversarial) for o in turned]])[0].argmax(1)
        labels = np.array([o.label for o in turned])
        right = before == labels
        wrong = after != labels
        rows.append({
            "target": name, "texts": str(len(turned)),
            "wrong after, of all": percent(proportion(int(wrong.sum()), len(turned))),
            "wrong after, of those right before": percent(proportion(int(wrong[right].sum()), int(right.sum()))),
        })  # fmt: skip
    return [*rows, *({"target": name, "texts": "not run: no weights offline"} for name in ("RoBERTa", "DistilBERT"))]


def proxies(models: Path) -> Rows:
    """Rows 3-10, 3-11: deletion against gradient ranking; what the gradient predicts against what happens."""
    answers = responders(load_victim(str(models / "tweets-minilm")))
    texts = [Text(e.text) for e in data_of(replace(BASE, examples=100)) if len(Text(e.text)) > 3]
    clean = answers[Predict]([texts])[0]
    gradients = answers[Gradient]([[Labelled(t, int(p.argmax())) for t, p in zip(texts, clean, strict=True)]])[0]
    deleted = answers[Predict]([[t.delete(i) for i in range(len(t))] for t in texts])
    ranks: dict[str, list[float]] = {name: [] for name in AGGREGATES}
    predicted, real = [], []
    for text, before, gradient, after in zip(texts, clean, gradients, deleted, strict=True):
        label = int(before.argmax())
        rise = before[label] - after[:, label]
        for name, values in ranks.items():
            values.append(float(spearmanr(importance(gradient, name), rise).statistic))  # type: ignore[arg-type]
        predicted += list(importance(gradient, "times_input")[: len(text)])
        real += list(np.log(before[label]) - np.log(np.maximum(after[:, label], 1e-6)))
    rows = [
        {"question": f"Spearman of {name} and the drop of F_y when a word is deleted, mean over texts",
         "answer": number(mean([v for v in values if np.isfinite(v)]), 3), "n": str(len(values))}
        for name, values in ranks.items()
    ]  # fmt: skip
    (OUT / "first_order.svg").write_text(scatter(predicted, real), encoding="utf-8")
    both = spearmanr(predicted, real).statistic
    signs = sum(np.sign(a) == np.sign(b) for a, b in zip(predicted, real, strict=True))
    first_order = "loss's change to first order (the word's embedding set to 0) and when it is deleted"
    n = str(len(real))
    rows.append({"question": f"Spearman of the {first_order}", "answer": f"{both:.3f}", "n": n})
    equal = percent(proportion(int(signs), len(real)))
    rows.append({"question": f"equal sign of the {first_order}", "answer": equal, "n": n})
    return rows


def scatter(predicted: Sequence[float], real: Sequence[float]) -> str:
    """What the gradient predicts for each word, and what leaving it out does."""

    def paint(axes: Axes) -> None:
        axes.scatter(predicted, real, s=5, alpha=0.4, color=SERIES[0], linewidths=0)
        axes.axline((0, 0), slope=1, color=INK, linewidth=0.6)
        axes.set_xlabel("rise of the loss predicted: gradient · (0 - embedding)")
        axes.set_ylabel("rise of the loss when the word is deleted")

    return draw(paint, "One point a word: the loss's predicted rise against its real rise.")


def against_chance(found: Mapping[str, Run]) -> Rows:
    """Row 3-16: the gradient's order against random orders, paired, one test a seed."""
    rows: Rows = []
    for name, run in found.items():
        if name != "gradient":
            first = Run("gradient", found["gradient"].description, run.labels, found["gradient"].outcomes)
            second = Run(name, run.description, run.labels, run.outcomes)
            rows += [paired({}, difference) for difference in compare([first, second], common=True).differences]
    return rows


def examples_table(run: Run, most: int = 8) -> Rows:
    shown = [o for o in run.outcomes if o.status == "success"]
    shown.sort(key=lambda o: (len(o.changes), -(o.similarity or 0)))
    return [
        {"original": o.original.replace("|", "/"), "changes": ", ".join(f"{c.old} → {c.new}" for c in o.changes),
         "similarity": f"{o.similarity or 0:.3f}"} for o in shown[:most]
    ]  # fmt: skip


def main() -> None:
    options = arguments(__doc__).parse_args()
    sections: list[tuple[str, Sequence[Mapping[str, Any]]]] = []
    found: dict[str, Run] = {}
    for question, cells in QUESTIONS.items():
        sized = [replace(c, examples=options.examples or c.examples) for c in cells]
        conducted = conduct(sized, options.models, options.runs, options.workers)
        found |= conducted
        rows = [row(name, run) for name, run in conducted.items()]
        write_csv(OUT / f"{question}.csv", rows)
        sections.append((question, rows))
    ranked = {c.name: found[c.name] for c in QUESTIONS["ranking"] if c.name in found}
    tests = against_chance(ranked)
    write_csv(OUT / "ranking_paired.csv", tests)
    sections += [
        ("gradient against other orders, paired", tests),
        ("transfer of the successful texts", transfer(found["gradient"], options.models)),
        ("proxies and first-order prediction", proxies(options.models)),
        ("examples with few changes", examples_table(found["gradient"])),
    ]
    parts = [f"## {title}\n\n{markdown(rows)}\n" for title, rows in sections if rows]
    about = provenance(
        "Examples of the official test split, drawn with seed 0; at most 1,000 questions a tweet. No data set here "
        "labels sarcasm or slang, so nothing is broken down by them."
    )
    (OUT / "README.md").write_text("\n".join([f"# Twitter gradient attack\n\n{about}\n", *parts]), encoding="utf-8")


if __name__ == "__main__":
    main()
