"""FGWS and RanMASK against CEA, PWWS and CEA adapted to them.

    TURNCOAT_DATA=../shared python benchmarks/defences.py --models ../models [--data mr] [--examples 60]

Thresholds are set on the dev split. Writes results/cea/defences.md: what a defence costs on clean texts, what each
attack still achieves, and what the guard flags.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from study import RESULTS, arguments, markdown, number, percent, write_csv
from turncoat import load_dataset, load_victim
from turncoat.api import attack
from turncoat.attacks.cross_entropy import cea_min
from turncoat.attacks.pwws import PWWS
from turncoat.evaluation.defences import ask_again, clean_cost, flags
from turncoat.evaluation.environment import provenance
from turncoat.models.frequency_guard import FrequencyGuard
from turncoat.models.frequency_guard import calibrate as calibrate_guard
from turncoat.models.random_masking import RandomMasking
from turncoat.models.random_masking import calibrate as calibrate_masking
from turncoat.substitutions.frequent import Frequent
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.wordnet import inflected
from turncoat.training.splits import read_splits

WIDE = WithoutStopWords(inflected())  # wide enough that the defence decides, not the lack of candidates
BUDGET = 300


def study(name: str, models: Path, examples: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    splits = read_splits(name)
    victim, data = load_victim(str(models / f"{name}-cnn")), load_dataset(name).sample(examples, 0)
    guard = calibrate_guard(victim, splits.train, splits.dev)
    masking = calibrate_masking(victim, splits.dev.sample(min(500, len(splits.dev)), 0), most_cost=0.05, copies=(25,))
    costs, rows = [], []
    for defended in (guard, masking):
        cost = clean_cost(defended, splits.test.sample(min(1000, len(splits.test)), 0))
        costs.append({
            "victim": f"{name}-cnn", "defence": told(defended), "clean texts": str(cost.n),
            "before": percent(cost.before),
            "after": percent(cost.after), "broken": str(cost.broken), "repaired": str(cost.repaired),
            "McNemar p": f"{cost.p:.2g}",
        })  # fmt: skip
    cea, rare = cea_min(), {"candidates": WIDE}
    frequent = Frequent(WIDE, name, guard.least_count)
    patient = replace(cea, run_to_convergence=True)  # the first text just past the line falls back under other masks
    fitted = masking.redrawn(1, copies=50, tally="mean")
    runs = [
        ("none", "pwws", attack(victim, data, PWWS(), budget=BUDGET, **rare)),
        ("none", "cea-min", attack(victim, data, cea, budget=BUDGET, **rare)),
        (told(guard), "pwws", attack(guard, data, PWWS(), budget=BUDGET, **rare)),
        (told(guard), "cea-min", attack(guard, data, cea, budget=BUDGET, **rare)),
        (told(guard), "cea-min, frequent words only", attack(guard, data, cea, budget=BUDGET, candidates=frequent)),
        (told(masking), "pwws", attack(masking, data, PWWS(), budget=BUDGET, **rare)),
        (told(masking), "cea-min", attack(masking, data, cea, budget=BUDGET, **rare)),
        (
            f"{told(masking)}, 50 other masks",
            "cea-min, against the mean",
            attack(fitted, data, patient, budget=BUDGET, **rare),
        ),
    ]
    for defence, method, run in runs:
        found = run.summary
        shares = found.changed_share.successes
        row = {
            "victim": f"{name}-cnn", "defence": defence, "attack": method, "attacked": str(found.attacked),
            "success": percent(found.success_rate), "share changed": percent(shares.mean if shares else None),
            "questions, median": number(found.questions.attacked.median if found.questions.attacked else None),
        }  # fmt: skip
        if defence == "none":
            seen = flags(guard, run.outcomes, data)
            row |= {"flagged by the guard": percent(seen.found), "false alarms": percent(seen.false_alarms)}
            row["still turned under the guard"] = percent(ask_again(run.outcomes, guard).rate)
        if "fgws" in defence:
            row["turned and not flagged"] = percent(flags(guard, run.outcomes, data).unseen)
        if "ranmask" in defence:
            row["still turned under new masks"] = percent(ask_again(run.outcomes, masking.redrawn(7)).rate)
        rows.append(row)
        print(row, flush=True)
    return costs, rows


def told(defended: FrequencyGuard | RandomMasking) -> str:
    if isinstance(defended, FrequencyGuard):
        return f"fgws (at least {defended.least_count} in training, gamma {defended.gamma:.2f})"
    return f"ranmask ({defended.rate:.0%} masked, {defended.copies} copies)"


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--data", nargs="+", default=["mr"])
    options = parser.parse_args()
    costs, rows = [], []
    for name in options.data:
        more_costs, more_rows = study(name, options.models, options.examples or 60)
        costs, rows = costs + more_costs, rows + more_rows
    write_csv(RESULTS / "cea" / "defences.csv", rows)
    about = provenance(
        f"Seed 0, at most {BUDGET:,} questions; candidates: inflected WordNet synonyms of content words. A text against"
        " FGWS succeeds if the guard's own answer (the restored text's where it flags) is turned."
    )
    parts = (
        "# Defences named with CEA",
        about,
        "## Cost on clean texts",
        markdown(costs),
        "## Attacks",
        markdown(rows),
    )
    text = "\n\n".join(parts) + "\n"
    (RESULTS / "cea" / "defences.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
