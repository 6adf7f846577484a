"""FGWS and RanMASK against CEA, PWWS and CEA adapted to them.

    TURNCOAT_DATA=../shared python benchmarks/defences.py --models ../models --runs ../runs/ablations2 [--data mr]

Thresholds are set on the dev split. Runs are continued where they stopped. Writes results/cea/defences.md: what a
defence costs on clean texts, what each attack still achieves, what adapting gains, and the words that the guard flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from defence_tables import Trial, adapting, costs, explained, trial_row
from study import ENCODER, RESULTS, arguments, markdown, write_csv
from turncoat import load_dataset, load_victim
from turncoat.api import attack
from turncoat.attacks.attack import Attack
from turncoat.attacks.cross_entropy import cea_min
from turncoat.attacks.pwws import PWWS
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.run import Run
from turncoat.models.frequency_guard import calibrate as calibrate_guard
from turncoat.models.random_masking import calibrate as calibrate_masking
from turncoat.models.victim import Victim
from turncoat.substitutions.frequent import Frequent
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import inflected
from turncoat.training.splits import read_splits

WIDE = WithoutStopWords(inflected())  # wide enough that the defence decides, not the lack of candidates
BUDGET = 300
Row = Mapping[str, str]


def study(name: str, models: Path, runs: Path, examples: int) -> dict[str, list[Row]]:
    """The tables of one data set, by title."""
    splits = read_splits(name)
    victim, data = load_victim(str(models / f"{name}-cnn")), load_dataset(name).sample(examples, 0)
    guard = calibrate_guard(victim, splits.train, splits.dev)
    masking = calibrate_masking(victim, splits.dev.sample(min(500, len(splits.dev)), 0), most_cost=0.05, copies=(25,))

    def against(defended: Victim, slug: str, method: Attack, candidates: Substitutions = WIDE) -> Run:
        return attack(
            defended, data, method, candidates=candidates, budget=BUDGET, encoder=str(models / ENCODER),
            out=runs / "defences" / name / slug,
        )  # fmt: skip

    cea = cea_min()
    frequent = Frequent(WIDE, name, guard.least_count)
    patient = replace(cea, run_to_convergence=True)  # the first text just past the line falls back under other masks
    fitted = masking.redrawn(1, copies=50, tally="mean")
    trials = [
        Trial("none", "pwws", against(victim, "pwws", PWWS())),
        Trial("none", "cea-min", against(victim, "cea-min", cea)),
        Trial("fgws", "pwws", against(guard, "fgws pwws", PWWS())),
        Trial("fgws", "cea-min", against(guard, "fgws cea-min", cea)),
        Trial("fgws", "cea-min, frequent words only", against(guard, "fgws cea-min frequent", cea, frequent)),
        Trial("ranmask", "pwws", against(masking, "ranmask pwws", PWWS())),
        Trial("ranmask", "cea-min", against(masking, "ranmask cea-min", cea)),
        Trial("ranmask", "cea-min, against the mean of 50 other masks", against(fitted, "ranmask mean", patient)),
    ]
    blind = trials[1].run
    return {
        "Cost on clean texts": costs(name, (guard, masking), splits.test.sample(min(1000, len(splits.test)), 0)),
        "Attacks": [trial_row(name, trial, guard, masking, data) for trial in trials],
        "What adapting gains (McNemar)": adapting(trials, guard, masking.redrawn(7)),
        "Which words gave a text away": explained(blind, guard, victim.labels),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--data", nargs="+", default=["mr"])
    options = parser.parse_args()
    parts = [
        "# Defences named with CEA",
        provenance(
            f"Seed 0; victim and data: {', '.join(f'{name}-cnn on {name}' for name in options.data)}, test split, "
            f"{options.examples or 60} texts, at most {BUDGET:,} questions. Candidates: inflected WordNet synonyms of "
            f"content words, no masked LM and no sememes. The search's encoder: {ENCODER} (for USE); no judge."
        ),
        "From the authors' code, low trust (row 0-35): the defences, the retraining with 10, 50 and 100 % adversarial "
        "texts ([hardening.md](../foundations/hardening.md)) and the transfer between BERT and TextCNN are named by "
        "their plotting scripts alone. Not run: the transfer of CEA's texts between BERT and TextCNN.",
        "A text against FGWS succeeds if the guard's own answer (the restored text's where it flags) is turned.",
    ]
    for name in options.data:
        tables = study(name, options.models, options.runs, options.examples or 60)
        write_csv(RESULTS / "cea" / "defences.csv", tables["Attacks"])
        for title, rows in tables.items():
            parts += [f"## {title}", markdown(rows)]
    (RESULTS / "cea" / "defences.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
