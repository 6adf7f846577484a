"""Rows of the tables about runs on tweets. Not a command; `tweets.py` uses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from study import JUDGE, measures, number, paired, percent
from turncoat import load_victim
from turncoat.engine.query import Predict
from turncoat.evaluation.comparison import compare
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import read_quality
from turncoat.evaluation.run import Run
from turncoat.evaluation.significance import sign_flips
from turncoat.intervals import SEED, mean, percentile, proportion
from turncoat.models.victim import responders
from turncoat.text import Text

Rows = list[dict[str, str]]

FAILURES = ("spread_sentiment", "drift", "empty_pool", "gradient_masking")
REJECTED = ("too far as first change, %", "too far after a change, %")
DELTA = ("below delta before any change", "stopped below delta without a turn")
IN_PAGE = (
    "run", "victim", "encoder", "examples", "attacked", "turned", "success", "accuracy before", "accuracy after",
    "words changed", "questions, mean", "similarity", "similarity (judge)", "least accepted",
    *REJECTED, *DELTA, *FAILURES,
)  # fmt: skip
RESAMPLES = 2_000
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def attack_rows(runs: Mapping[str, Run]) -> tuple[Rows, Rows]:
    """One row a run: with all cells, and with those that the page shows."""
    rows = [_attack_row(name, run) for name, run in runs.items()]
    shown = [c for c in IN_PAGE if c not in DELTA or any(row.get(DELTA[0], "0") != "0" for row in rows)]
    return rows, [{column: row[column] for column in shown if column in row} for row in rows]


def _attack_row(name: str, run: Run) -> dict[str, str]:
    """The usual cells, where searches started and stopped, and the four kinds of failure."""
    attacked = attacked_in(run)
    row = {
        "run": name,
        "victim": run.victim,
        "encoder": Path(run.encoder or "-").name,
        **measures(run),
        "turned": str(sum(o.status == "success" for o in run.outcomes)),
        "accuracy before": percent(run.summary.clean_accuracy),
        "similarity": number(run.summary.similarity.mean, 3),
    }
    if run.attack != "gradient":
        return row
    delta = run.description["config"]["attack"]["delta"]
    accepted = [s["similarity"] for o in attacked for s in o.trace["words"] if "accepted" in s]
    kinds = Counter(o.trace["failure"] for o in attacked if o.trace["failure"])
    return row | {
        "least accepted": f"{min(accepted):.3f}" if accepted else "-",
        **dict(zip(REJECTED, _rejected(attacked), strict=True)),
        DELTA[0]: str(sum(o.trace["probability"][0] < delta for o in attacked)),
        DELTA[1]: str(sum(o.reason == "below_delta" for o in attacked)),
        **{kind: str(kinds[kind]) for kind in FAILURES},
    }


def _rejected(outcomes: Sequence[Outcome]) -> tuple[str, str]:
    """Share of the candidates of the right kind that the similarity filter rejects: in untouched texts, and later."""
    counts = np.zeros((len(outcomes), 2, 2))  # tweets; before, after a change; tried, too far
    for i, outcome in enumerate(outcomes):
        changed = 0
        for step in outcome.trace["words"]:
            counts[i, changed] += step["candidates"] - step["wrong_pos"], step.get("too_far", 0)
            changed = max(changed, int("accepted" in step))
    drawn = np.random.default_rng(SEED).integers(len(outcomes), size=(RESAMPLES, len(outcomes)))
    sums, draws = counts.sum(0), counts[drawn].sum(1)
    with np.errstate(invalid="ignore"):
        shares, draws = sums[:, 1] / sums[:, 0], draws[:, :, 1] / draws[:, :, 0]
    first, later = (percent(percentile(float(shares[k]), draws[:, k], "bootstrap over tweets")) for k in (0, 1))
    return first, later


def attacked_in(run: Run) -> list[Outcome]:
    return [o for o in run.outcomes if o.status != "skipped"]


def sources(runs: Mapping[str, Run]) -> str:
    """Where the accepted words came from, in a sentence."""
    traces = [o.trace for run in runs.values() for o in run.outcomes]
    counts = Counter(step["source"] for trace in traces for step in trace.get("words", ()) if "source" in step)
    return "Sources of the accepted words, by trace: " + ", ".join(f"{k} {n:,}" for k, n in counts.items()) + "."


def transfer(run: Run, models: Path) -> Rows:
    """Row 3-17: the successful texts shown to other victims, without any search."""
    turned = [o for o in run.outcomes if o.status == "success"]
    labels = np.array([o.label for o in turned])
    rows = []
    for name in ("tweets-minilm", "tweets-cnn"):
        predict = responders(load_victim(str(models / name)))[Predict]
        right = predict([[Text(o.original) for o in turned]])[0].argmax(1) == labels
        wrong = predict([[Text(o.adversarial) for o in turned]])[0].argmax(1) != labels
        rows.append({
            "target": name, "texts": str(len(turned)),
            "similarity of the texts": number(mean([o.similarity for o in turned if o.similarity is not None]), 3),
            "wrong after, of all": percent(proportion(int(wrong.sum()), len(turned))),
            "wrong after, of those right before": percent(proportion(int(wrong[right].sum()), int(right.sum()))),
        })  # fmt: skip
    return [*rows, *({"target": name, "texts": "not run: no weights offline"} for name in ("RoBERTa", "DistilBERT"))]


def paired_runs(runs: Mapping[str, Run], pairs: Sequence[tuple[str, str]]) -> Rows:
    """Paired tests of runs on the same tweets, corrected by Holm within each pair."""
    named = {name: replace(run, name=name) for name, run in runs.items()}
    tests = [compare([named[a], named[b]], common=True) for a, b in pairs if a in named and b in named]
    return [paired({}, difference) for test in tests for difference in test.differences]


def hardened(tests: Rows) -> Rows:
    """The rows about the verdict alone."""
    kept = ("first", "second", "n", "first mean", "second mean", "difference", "p")
    return [{k: row[k] for k in kept} for row in tests if row["measure"] == "after-attack accuracy"]


def pooled(run: Run, others: Sequence[Run]) -> Rows:
    """Row 3-16: the run against the mean of some random ones, tweet by tweet."""
    measured: dict[str, Callable[[Outcome], float]] = {
        "success, %": lambda o: 100.0 * (o.status == "success"),
        "questions": lambda o: o.queries,
        "changed words, %, where turned": lambda o: 100 * o.changed_share if o.status == "success" else np.nan,
        "similarity where turned": lambda o: (o.similarity or 0.0) if o.status == "success" else np.nan,
    }
    tables = [{o.id: o for o in attacked_in(other)} for other in others]
    mine = [o for o in attacked_in(run) if all(o.id in table for table in tables)]
    rows = []
    for name, measure in measured.items():
        ours = np.array([measure(o) for o in mine], np.float64)
        theirs = np.array([[measure(table[o.id]) for table in tables] for o in mine], np.float64)
        both = np.isfinite(ours) & np.isfinite(theirs).any(1)
        differences = ours[both] - np.nanmean(theirs[both], axis=1)
        seeds = np.nanmean(theirs, axis=0)
        rows.append({
            "measure": name, "tweets": str(len(differences)), "gradient": f"{ours[both].mean():.3f}",
            "mean of the orders": f"{(ours[both] - differences).mean():.3f}",
            "each order, mean ± sd": f"{seeds.mean():.3f} ± {seeds.std(ddof=1):.3f}",
            "difference": number(mean(differences), 3), "p (random signs)": f"{sign_flips(differences):.2g}",
        })  # fmt: skip
    return rows


def same_space(runs: Mapping[str, Run], pairs: Sequence[tuple[str, str]]) -> Rows:
    """Row 3-13: greedy and beam on the same tweets; what was searched exhaustively."""
    tests = {(row["first"], row["second"]): row for row in paired_runs(runs, pairs) if row["measure"] == "success rate"}
    rows = []
    for a, b in pairs:
        if a not in runs or b not in runs:
            continue
        greedy, beam = ({o.id: o for o in attacked_in(runs[name])} for name in (a, b))
        both = [(o, beam[id]) for id, o in greedy.items()]
        won = Counter((x.status == "success", y.status == "success") for x, y in both)
        exhaustive = [(x, y) for x, y in both if y.trace["exhaustive"]]
        proved = sum(y.status != "success" for _, y in exhaustive)
        rows.append({
            "greedy": a, "beam": b, "attacked": str(len(both)), "searched exhaustively": str(len(exhaustive)),
            "of them proved impossible": str(proved), "turned by both": str(won[True, True]),
            "by greedy alone": str(won[True, False]), "by beam alone": str(won[False, True]),
            "greedy success": tests[a, b]["first mean"], "beam success": tests[a, b]["second mean"],
            "difference": tests[a, b]["difference"], "p (McNemar)": tests[a, b]["p"],
            "beam ran out of questions": str(sum(y.reason == "budget" for _, y in both)),
        })  # fmt: skip
    return rows


def similarities(runs: Mapping[str, Run]) -> Rows:
    """Row 3-12: how similar turned texts are by the judge, and how many of the similar ones flip a word's polarity."""
    rows = []
    for name, run in runs.items():
        quality = read_quality(Path(run.name), run.outcomes)
        if quality is None:
            continue
        metrics = {metric.name: metric for metric in quality.metrics}
        cosines = np.array([*metrics[f"similarity ({JUDGE}), mean"].values.values()])
        flips = metrics[f"texts with a polarity flip among those of similarity ({JUDGE}) 0.9 or more"]
        if not len(cosines):
            continue
        flipped = round(flips.interval.estimate * flips.n) if flips.interval else 0
        rows.append({
            "run": name, "turned": str(len(cosines)), **quantiles(cosines),
            "0.9 or more": percent(proportion(int((cosines >= 0.9).sum()), len(cosines))),
            "of these with a polarity flip": f"{flipped} of {flips.n}: {percent(flips.interval)}",
        })  # fmt: skip
    return rows


def quantiles(values: NDArray[np.floating]) -> dict[str, str]:
    return {
        f"{q:.0%}".replace("%", " %"): f"{v:.3f}"
        for q, v in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
    }


def examples(run: Run, most: int = 8) -> Rows:
    shown = [o for o in run.outcomes if o.status == "success"]
    shown.sort(key=lambda o: (len(o.changes), -(o.similarity or 0)))
    return [
        {"original": o.original.replace("|", "/"), "changes": ", ".join(f"{c.old} → {c.new}" for c in o.changes),
         "similarity": f"{o.similarity or 0:.3f}"} for o in shown[:most]
    ]  # fmt: skip
