"""Why CEA's searches failed, and in which iteration the others turned: tables of finished runs, for `cea_ablations.py`.

Not a command. The oracle (does any single replacement help?) asks the victim; all else is read from traces and judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from study import ENCODER, Cell, judged_similarity, percent
from turncoat import load_victim
from turncoat.config import from_table
from turncoat.engine.query import Embed, Responders
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.failures import LEAST_SIMILARITY, best_gains, drift, exhaustion, stagnation
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.evaluation.svg import SERIES, draw
from turncoat.evaluation.visible import visible
from turncoat.intervals import proportion
from turncoat.models.answer_store import AnswerStore
from turncoat.models.encoding import load_encoder
from turncoat.models.filling import masked_lm_responders
from turncoat.models.victim import responders

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ITERATIONS = 50
Row = Mapping[str, str]
Gains = dict[str, dict[str, float]]  # by search space (candidates, constraints, target, victim), then by example


def failures(found: Mapping[str, Run], cells: Sequence[Cell], models: Path, oracle: bool) -> list[Row]:
    """Rows 0-21 to 0-23: standing still and (says the oracle) why, drift, running out; a row a run."""
    known: Gains = {}
    return [
        _failures(cell, found[cell.name], _gains(cell, found[cell.name], models, known) if oracle else None)
        for cell in cells
        if cell.name in found
    ]


def _failures(cell: Cell, run: Run, gains: dict[str, float] | None) -> Row:
    still = stagnation(run.outcomes, gains)
    drifted, spent = drift(run.outcomes, judged_similarity(run)), exhaustion(run.outcomes)
    failed = [o for o in run.outcomes if o.status == "failed"]
    lengths = [len(o.trace["samples"]) for o in failed if o.trace.get("samples")]
    ends = spent.endings
    return {
        "run": cell.name.split("/", 1)[1], "budget": f"{cell.budget:,}", "attacked": str(still.attacked),
        "failed": str(len(failed)), "of these: converged": str(ends.get("converged", 0)),
        f"all {ITERATIONS} iterations": str(ends.get("exhausted", 0)), "budget spent": str(ends.get("budget", 0)),
        "no candidates": str(ends.get("no_candidates", 0)),
        "iterations of the failed, median": f"{median(lengths):g}" if lengths else "-",
        "exhausted (iterations or budget)": percent(spent.rate), "never moved": str(spent.never_moved),
        "stalled iterations": percent(spent.stalled_share), "stood still": percent(still.rate),
        **({} if gains is None else {"of these: no effective word": str(still.no_effective_word),
                                     "too few samples": str(still.too_few_samples)}),
        f"judged below {LEAST_SIMILARITY}": f"{drifted.drifted} of {drifted.measured}",
        "of successes": percent(drifted.rate),
    }  # fmt: skip


def _gains(cell: Cell, run: Run, models: Path, known: Gains) -> dict[str, float]:
    """The oracle's answers for the searches that stood still; it sees probabilities even where the search did not."""
    table = dict(run.description["config"]["attack"])
    space = known.setdefault(repr((table["substitutions"], table["constraints"], cell.target, cell.victim)), {})
    asked = [name for name in stagnation(run.outcomes).stagnated if name not in space]
    if asked:
        del table["name"]
        victim = load_victim(str(models / cell.victim))
        target = None if cell.target is None else victim.labels.index(cell.target)
        answers = {
            **responders(victim),
            **masked_lm_responders(store=AnswerStore()),
            Embed: load_encoder(str(models / ENCODER)).embed,
        }
        space |= _in_parts(run.outcomes, Setting(from_table(table), victim, target), answers, asked)
    return space


def _in_parts(outcomes: Sequence[Outcome], setting: Setting, answers: Responders, ids: Sequence[str]) -> Any:
    """`best_gains`, a few texts at a time: each asks about hundreds of others at once."""
    parts = [ids[i : i + 16] for i in range(0, len(ids), 16)]
    return {name: gain for part in parts for name, gain in best_gains(outcomes, setting, answers, part, 16).items()}


def least_similar(found: Mapping[str, Run], worst: int = 10) -> list[Row]:
    """Row 0-22: the successes that a judge finds least like their originals, one row a text and its lowest value."""
    listed: dict[str, tuple[float, str, Outcome]] = {}
    for name, run in found.items():
        outcomes = {o.id: o for o in run.outcomes}
        for key, similarity in drift(run.outcomes, judged_similarity(run), worst=worst).worst:
            entry = (similarity, name.split("/", 1)[1], outcomes[key])
            listed[key] = min(listed.get(key, entry), entry, key=lambda one: one[0])
    lowest = sorted(listed.values(), key=lambda one: one[0])[:worst]
    return [
        {"judged": f"{value:.3f}", "run": name, "original": o.original.strip(), "adversarial": o.adversarial.strip()}
        for value, name, o in lowest
    ]


def by_iteration(found: Mapping[str, Run]) -> list[Row]:
    """Row 0-16: how many are turned after so many iterations, and whether the distribution had moved by then."""
    rows = []
    for name, run in found.items():
        attacked, at = _turned_at(run.outcomes)
        moved = sum(bool(e := o.trace.get("entropy")) and min(e) < max(e) for o in run.outcomes)
        rows.append({
            "run": name.split("/", 1)[1], "attacked": str(attacked),
            **{f"turned by iteration {t}": percent(proportion(sum(i <= t for i in at), attacked))
               for t in (1, 2, 5, 10, 20, ITERATIONS)},
            "searches whose distribution moved": str(moved),
        })  # fmt: skip
    return rows


def curves(found: Mapping[str, Run]) -> str:
    """Row 0-16: success by iterations, soft against hard label, on the same candidates."""
    turned = {name.split("/", 1)[1]: _turned_at(run.outcomes) for name, run in found.items()}

    def paint(axes: Axes) -> None:
        for i, (name, (attacked, at)) in enumerate(turned.items()):
            shares = [100 * sum(j <= t for j in at) / max(1, attacked) for t in range(1, ITERATIONS + 1)]
            line = ":" if ",hard" in name else "-"
            axes.step(range(1, ITERATIONS + 1), shares, line, where="post", color=SERIES[i // 2], label=name)
        axes.set(xscale="log", xlabel="iterations, at most", ylabel="turned, % of attacked texts", ylim=(0, 102))
        axes.set_xticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
        axes.minorticks_off()

    told = "; ".join(f"{visible(name)}: {len(at)} of {attacked}" for name, (attacked, at) in turned.items())
    return draw(paint, f"Share of attacked texts turned, by number of iterations. {told}.")


def _turned_at(outcomes: Iterable[Outcome]) -> tuple[int, list[int]]:
    """How many were attacked, and the iteration in which each success was drawn."""
    attacked = [o for o in outcomes if o.status != "skipped"]
    return len(attacked), [len(o.trace["samples"]) for o in attacked if o.status == "success"]
