"""Tables of `hardening.py`: what each arm gained and cost, and what that says of the claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from study import RESULTS, markdown, number, percent, write_csv
from turncoat.api import attack
from turncoat.data.example import Dataset
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.metrics import stands
from turncoat.evaluation.publishing import read_run
from turncoat.evaluation.run import Run
from turncoat.evaluation.significance import holm, sign_flips
from turncoat.intervals import Interval, mean
from turncoat.models.card import read_card
from turncoat.models.loading import load_victim
from turncoat.models.victim import Victim, decide
from turncoat.studies.hardening.parts import Parts
from turncoat.studies.hardening.plot import Point, robustness
from turncoat.studies.hardening.rows import right
from turncoat.studies.hardening.training import adversarial_texts
from turncoat.text import Text
from turncoat.training.splits import Splits, read_splits

OUT = RESULTS / "foundations"
PARENT = "parent"  # seed 0; all adversarial texts were made against it
CONTROL = "control"
CE = "batch: cross-entropy, 3 x 8"

CLAIMS = (  # what is said, by whom; the arm, against which, under which attack; whether more is better
    ("adversarial texts of PWWS harden against PWWS (Ren et al. 2019)", "pwws 100 %", CONTROL, "pwws"),
    ("adversarial texts of CEA harden against CEA", "cea-min 100 %", CONTROL, "cea-min"),
    ("... and against another attack: PWWS's against CEA", "pwws 100 %", CONTROL, "cea-min"),
    ("... and against another attack: CEA's against PWWS", "cea-min 100 %", CONTROL, "pwws"),
    ("more PWWS texts harden more: 100 % against 10 %", "pwws 100 %", "pwws 10 %", "pwws"),
    ("more CEA texts harden more: 100 % against 10 %", "cea-min 100 %", "cea-min 10 %", "cea-min"),
    ("CEA's texts harden better than PWWS's, against PWWS", "cea-min 100 %", "pwws 100 %", "pwws"),
    ("CEA's texts harden better than PWWS's, against CEA", "cea-min 100 %", "pwws 100 %", "cea-min"),
    ("a few texts harden already (Alzantot et al. 2018: no)", "pwws 10 %", CONTROL, "pwws"),
    ("embedding AT hardens against word substitution", "at", CONTROL, "pwws"),
    ("embedding VAT hardens against word substitution", "vat", CONTROL, "pwws"),
    ("AT does more than random noise of its size", "at", "random", "pwws"),
    ("texts and AT together harden more than texts alone", "pwws 100 % + at", "pwws 100 %", "pwws"),
    ("AT raises clean accuracy (Miyato et al. 2017)", "at", CONTROL, ""),
    ("VAT raises clean accuracy (Miyato et al. 2017: not on short reviews)", "vat", CONTROL, ""),
    ("adversarial texts cost clean accuracy", CONTROL, "pwws 100 %", ""),
    *(
        (f"row 0-28: {told}, under {under}", CE, other, under)
        for told, other in (
            ("CE optimisation beats random choice with as many draws", "batch: random, best of 24"),
            ("CE optimisation beats random choice with about as many questions", "batch: random, best of 16"),
            ("CE optimisation beats random substitution", "batch: random, not asked"),
        )
        for under in ("pwws", "cea-min")
    ),
    ("row 0-28: CE-chosen texts for every batch harden, under pwws", CE, CONTROL, "pwws"),
    ("row 0-28: CE-chosen texts for every batch harden, under cea-min", CE, CONTROL, "cea-min"),
)


@dataclass(frozen=True)
class Bench:
    """Where everything lies, and how large it is."""

    runs: Path
    encoder: str
    train: int | None
    examples: int

    def splits(self) -> Splits:
        found = read_splits("mr")
        return replace(found, train=found.train.sample(self.train, 0))

    def attacked(self) -> Dataset:
        return self.splits().test.sample(self.examples, 0)

    def parts(self, name: str, seed: int) -> Parts:
        return Parts(self.runs / f"{name.replace(' ', '_').replace('%', 'percent').replace(':', '')}-{seed}", attack)

    def victim(self, name: str, seed: int) -> Victim:
        return load_victim(str(self.parts(name, seed).path / "model"))

    def texts(self, source: str) -> Run:
        return read_run(self.runs / "texts" / source)


Flags = NDArray[np.float64]


class Measured:
    """One arm, all its seeds: per example the share of its models that are right; `old`: that are wrong."""

    def __init__(self, bench: Bench, name: str, seeds: Sequence[int], old: Mapping[str, Run]) -> None:
        victims = [bench.victim(name, seed) for seed in seeds]
        test = bench.splits().test
        self.by_seed = np.array([right(victim, test) for victim in victims], np.float64)
        self.flags: dict[str, Flags] = {"": self.by_seed.mean(axis=0)}
        self.success: dict[str, Interval | None] = {}
        self.robust_by_seed: dict[str, Flags] = {}
        self.old: dict[str, Interval | None] = {}
        for attack_name in old:
            runs = [read_run(bench.parts(name, seed).path / attack_name) for seed in seeds]
            standing = np.array([[stands(o) for o in run.outcomes] for run in runs], np.float64)
            self.robust_by_seed[attack_name], self.flags[attack_name] = standing, standing.mean(axis=0)
            self.success[attack_name] = _success(runs)
            self.old[attack_name] = _old(victims, old[attack_name])
        cards = [read_card(bench.parts(name, seed).path / "model").training for seed in seeds]
        self.rows = cards[0]["rows"]
        self.epsilon = "-" if cards[0]["objective"] == "clean" else f"{cards[0]['epsilon']:g}"
        self.questions = np.mean([card.get("questions", 0) for card in cards])
        self.seconds = np.mean([bench.parts(name, seed).seconds("model") for seed in seeds])


def _success(runs: Sequence[Run]) -> Interval | None:
    """Of the texts that a model reads rightly: per example the mean over the models that do."""
    hits: dict[str, list[bool]] = {}
    for run in runs:
        for outcome in run.outcomes:
            if outcome.status != "skipped":
                hits.setdefault(outcome.id, []).append(outcome.status == "success")
    return mean([float(np.mean(found)) for found in hits.values()])


def _old(victims: Sequence[Victim], run: Run) -> Interval | None:
    """Texts that turned the parent: share that is wrong now, of those whose original is read rightly."""
    old = [outcome for outcome in run.outcomes if outcome.status == "success"]
    golds = np.array([outcome.label for outcome in old])
    shares = []
    for victim in victims:
        before, after = decide(victim, [[Text(o.original) for o in old], [Text(o.adversarial) for o in old]])
        shares.append(np.where(before == golds, after != golds, np.nan))
    every = np.array(shares, np.float64)
    return mean(np.nanmean(every[:, ~np.isnan(every).all(axis=0)], axis=0))


def row(name: str, found: Measured, added: str) -> dict[str, str]:
    cells = {
        "arm": name, "seeds": str(len(found.by_seed)), "texts learned": str(found.rows), "of them adversarial": added,
        "epsilon": found.epsilon, "questions in training": f"{found.questions:.0f}", "seconds": f"{found.seconds:.0f}",
        "clean accuracy": told(found.by_seed),
    }  # fmt: skip
    for under, flags in found.robust_by_seed.items():
        cells |= {
            f"{under}: accuracy": told(flags),
            f"{under}: success": percent(found.success[under]),
            f"{under}: old texts": percent(found.old[under]),
        }
    return cells


def told(by_seed: Flags) -> str:
    """Mean with its interval over examples, and the standard deviation over seeds, in percent."""
    spread = f" ± {100 * by_seed.mean(axis=1).std(ddof=1):.1f}" if len(by_seed) > 1 else ""
    return f"{percent(mean(by_seed.mean(axis=0)))}{spread}"


def claims(found: Mapping[str, Measured]) -> list[dict[str, str]]:
    """Paired over examples, each with the mean over its seeds; Holm over all claims that could be tested."""
    tested = [
        (claim, first, second, under, found[first].flags[under] - found[second].flags[under])
        for claim, first, second, under in CLAIMS
        if first in found and second in found and under in found[first].flags
    ]
    corrected = holm([sign_flips(difference) for *_, difference in tested])
    rows = []
    for (claim, first, second, under, difference), p in zip(tested, corrected, strict=True):
        interval = mean(100 * difference)
        verdict = "undecided" if p >= 0.05 else "supported" if difference.mean() > 0 else "contradicted"
        rows.append({
            "claim": claim, "verdict": verdict, "first": first, "second": second,
            "accuracy": f"under {under}" if under else "clean", "texts": str(len(difference)),
            "difference, points": number(interval, 1), "p Holm": f"{p:.2g}",
        })  # fmt: skip
    return rows


def write_tables(bench: Bench, arms: Sequence[str], attacks: Sequence[str], seeds: Sequence[int]) -> None:
    """The tables of all arms whose models are all there."""
    under = [each for each in attacks if (bench.parts(PARENT, 0).path / each / "summary.json").exists()]
    old = {name: read_run(bench.parts(PARENT, 0).path / name) for name in under}
    complete = [
        arm for arm in arms
        if all((bench.parts(arm, s).path / name / "summary.json").exists() for s in seeds for name in under)
    ]  # fmt: skip
    found = {PARENT: Measured(bench, PARENT, [0], old)}
    found |= {arm: Measured(bench, arm, seeds, old) for arm in complete}
    clean = len(bench.splits().train)
    rows = [row(name, each, str(each.rows - clean)) for name, each in found.items()]
    rows += [{"arm": arm, "seeds": "not run"} for arm in arms if arm not in complete]
    tests = claims(found)
    write_csv(OUT / "hardening.csv", rows)
    write_csv(OUT / "hardening_claims.csv", tests)
    for name in under:
        points = [
            Point(model, name, clean_accuracy, robust) for model, each in found.items()
            if (clean_accuracy := mean(each.flags[""])) and (robust := mean(each.flags[name]))
        ]  # fmt: skip
        (OUT / f"hardening-{name}.svg").write_text(robustness(points), encoding="utf-8")
    texts = [_texts_row(bench, name) for name in under if (bench.runs / "texts" / name).is_dir()]
    about = provenance(
        f"MR; a small CNN (embedding 100, 50 filters a width, at most 6 epochs), {clean:,} training texts, "
        f"parent of seed 0, arms of seeds {', '.join(map(str, seeds))}; attacks on {bench.examples} test texts: "
        f"pwws (own candidates, no limit), cea-min (inflected WordNet, 500 questions), similarity in searches by "
        f"{Path(bench.encoder).name}; gradient: {'run' if 'gradient' in under else 'not run, the CNN is no white box'}."
    )
    page = ("# Does training harden?", about, "## Verdicts", markdown(tests), "## All arms", NOTES, markdown(rows),
            "## Adversarial texts of the training set", markdown(texts))  # fmt: skip
    (OUT / "hardening.md").write_text("\n\n".join(page) + "\n", encoding="utf-8")


def _texts_row(bench: Bench, name: str) -> dict[str, str]:
    run = bench.texts(name)
    return {
        "attack": name, "training texts": str(len(run)), "turned": str(len(adversarial_texts(run))),
        "questions a text, mean": number(mean([o.queries for o in run.outcomes])),
        "seconds": f"{Parts(bench.runs, attack).seconds(f'texts/{name}'):.0f}",
    }  # fmt: skip


NOTES = """Accuracy in percent: mean over the seeds, its 95 % interval over examples (BCa), ± standard deviation over
seeds. `accuracy` under an attack is over all attacked texts, `success` over those that a model reads rightly; all
attacks were run again on each model. `old texts`: share of the parent's adversarial test texts that are read wrongly,
of those whose original is read rightly: what a defence looks like if it is never attacked again. `control` is a plain
training with the arms' seeds. `epsilon`: L2 norm of what is added to all word vectors of a text, in units of
normalised vectors; 0.7 is as large a part of a review of 18.5 words in 100 dimensions as the 5 of Miyato et al. is of
400 words in 256; not tuned. `questions in training`: those asked while it trained; what the adversarial texts cost
stands in the last table. Verdicts: random signs on per-example differences, Holm over the table, 0.05; the
intervals hold for these trainings, seeds are too few to speak for others. Seconds are of this machine, once."""
