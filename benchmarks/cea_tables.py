"""The tables of `cea_ablations.py`: a row a run, the sweet spot, paired differences. Not a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from study import markdown, measures, number, paired
from turncoat.evaluation.comparison import compare
from turncoat.evaluation.run import Run
from turncoat.intervals import mean

CLOSE = 0.02  # of success, to be about as good as the best
Row = Mapping[str, str]


def row(name: str, run: Run) -> Row:
    """The usual cells, and what CEA's traces tell."""
    attacked = [o for o in run.outcomes if o.status != "skipped"]
    traced = [o for o in attacked if "entropy" in o.trace]
    turned = [o for o in traced if o.status == "success"]
    last = [o.trace["entropy"][-1] for o in traced if o.trace["entropy"]]
    return {
        "setting": name.split("/", 1)[1],
        "positions": number(mean([o.trace.get("positions", 0) for o in attacked])),
        "options": number(mean([o.trace.get("options", 0) for o in attacked])),
        **measures(run),
        "similarity": number(run.summary.similarity.mean, 3),
        "iterations to success": number(mean([len(o.trace["samples"]) for o in turned])),
        "last entropy": number(mean(last) if last else None, 2),
    }


def sweet_spot(found: Mapping[str, Run]) -> list[str]:
    """Row 0-24: the cheapest setting that is about as good as the best."""
    success = {name: run.summary.success_rate.estimate for name, run in found.items() if run.summary.success_rate}
    asked = {name: q.mean.estimate for name, run in found.items() if (q := run.summary.questions.attacked) and q.mean}
    best = max(success, key=lambda name: success[name])
    close = [name for name in success if success[name] >= success[best] - CLOSE]
    chosen, paper = min(close, key=lambda name: asked[name]), "grid/N=100,rho=0.5"

    def told(name: str) -> str:
        return f"{name.split('/')[1]} ({100 * success[name]:.1f} %, {asked[name]:.0f} questions on average)"

    return [
        f"**Sweet spot: {told(chosen)}**: the fewest questions of all settings whose success lies within "
        f"{100 * CLOSE:.0f} points of the best, {told(best)}. The paper's: {told(paper)}. Chosen on these very texts.",
        markdown(pairs(found, {"paper's against chosen": (paper, chosen)})),
    ]


def contribution(found: Mapping[str, Run]) -> list[str]:
    """Row 0-32: what asking for the same sememes changes, at each K."""
    sets = {f"K={k}": (f"candidates/mlm_only,K={k}", f"candidates/intersection,K={k}") for k in (10, 50, 100)}
    return [
        "What the intersection changes against the masked LM alone, on the same texts:",
        markdown(pairs(found, sets)),
    ]


def pairs(found: Mapping[str, Run], sets: Mapping[str, tuple[str, str]]) -> list[Row]:
    """Paired differences, second - first, of each set of two runs that are both there."""
    rows = []
    for told, names in sets.items():
        if all(name in found for name in names):
            runs = [replace(found[name], name=name.split("/", 1)[1]) for name in names]
            rows += [paired({"set": told}, difference) for difference in compare(runs).differences]
    return rows
