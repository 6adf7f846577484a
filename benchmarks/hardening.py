"""Does training harden a word-CNN? Adversarial texts (PWWS, CEA; 10, 50, 100 %), embedding AT and VAT, both together,
and adversarial texts for every batch (the cross-entropy sampler against random choice): all attacked afresh.

    TURNCOAT_DATA=../shared python benchmarks/hardening.py --models ../models --runs ../runs/hardening --workers 1

Trains a small CNN on MR, attacks its training set, trains every arm with --seeds seeds, and attacks each model with the
same examples. Searches measure similarity with dan-encoder in --models if it is there (`turncoat train-encoder`), else
with the bundled encoder, which is a hundred times slower. What is finished is not done again; `results/foundations/`
gets the tables. `--only TEXT` makes just the arms whose name holds TEXT; `--only nothing` only the tables again.
`--train N` and `--examples N` try it at a small size.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context

from hardening_tables import CONTROL, PARENT, Bench, write_tables
from study import ENCODER, arguments
from turncoat.api import attack
from turncoat.models.card import FILE
from turncoat.models.victim import WhiteBox
from turncoat.studies.hardening.batch_attacks import Sampler, spaces_of, train_against
from turncoat.studies.hardening.parts import Parts
from turncoat.studies.hardening.plan import WIDE, Assault
from turncoat.studies.hardening.training import adversarial_texts
from turncoat.substitutions.expression import read_substitutions
from turncoat.training.augment import augmented, drawn
from turncoat.training.recipes import Cnn, Objective
from turncoat.training.storing import save
from turncoat.training.trainer import examine

RECIPE = Cnn(embedding=100, filters=50, epochs=6)
ASSAULTS = (Assault("pwws"), Assault("cea-min", WIDE, 500), Assault("gradient", None, 500))
EPSILON = 0.7  # as large a part of 18.5 words (MR's mean) x 100 dimensions as the paper's 5 is of 400 x 256: 0.67


@dataclass(frozen=True)
class Arm:
    """One way to train."""

    name: str
    source: str | None = None
    share: float = 0.0
    objective: Objective = "clean"
    epsilon: float = EPSILON
    sampler: Sampler | None = None


AUGMENTED = tuple(
    Arm(f"{source} {round(100 * share)} %", source, share)
    for source in ("pwws", "cea-min")
    for share in (0.1, 0.5, 1.0)
)
PERTURBED = tuple(Arm(name, objective=name) for name in ("random", "at", "vat", "at+vat"))
PROBE = (
    Arm("batch: cross-entropy, 3 x 8", sampler=Sampler(samples=8, iterations=3)),
    Arm("batch: random, best of 24", sampler=Sampler(samples=24, iterations=1)),
    Arm("batch: random, best of 16", sampler=Sampler(samples=16, iterations=1)),  # as many distinct texts as 3 x 8 asks
    Arm("batch: random, not asked", sampler=Sampler(iterations=0)),
)
ARMS = (Arm(CONTROL), *AUGMENTED, *PERTURBED, Arm("pwws 100 % + at", "pwws", 1.0, "at"), *PROBE)


def make(bench: Bench, arm: Arm, seed: int) -> float:
    """Train one model and attack it; gives the CPU seconds of this process."""
    start, parts, splits = time.process_time(), bench.parts(arm.name, seed), bench.splits()
    recipe, train_set = replace(RECIPE, objective=arm.objective, epsilon=arm.epsilon), splits.train
    if arm.source:
        chosen = {example.id for example in drawn(train_set, arm.share, 0)}
        texts = {id: text for id, text in adversarial_texts(bench.texts(arm.source)).items() if id in chosen}
        train_set = augmented(train_set, [texts])
    if arm.sampler is None:
        parts.model("model", train_set, splits, recipe, seed, {"arm": arm.name})
    elif not (parts.path / "model" / FILE).is_file():
        spaces = spaces_of(train_set, read_substitutions(WIDE), RECIPE.max_words)
        with parts.timed("model"):
            trained = train_against(train_set, splits.dev, recipe, arm.sampler, spaces, seed)
        save(examine(trained, splits.test), parts.path / "model")
    victim = bench.victim(arm.name, seed)
    for assault in ASSAULTS:
        if assault.method != "gradient" or isinstance(victim, WhiteBox):
            parts.run(assault.method, assault.method, victim, bench.attacked(), assault, 0, bench.encoder)
    return time.process_time() - start


def make_texts(bench: Bench) -> None:
    """Both attacks on the whole training set of the parent."""
    parts, victim = Parts(bench.runs, attack), bench.victim(PARENT, 0)
    for assault in ASSAULTS[:2]:
        if not (parts.path / "texts" / assault.method / "summary.json").exists():
            parts.run(f"texts/{assault.method}", "", victim, bench.splits().train, assault, 0, bench.encoder)
            print(f"texts of {assault.method}: {parts.seconds(f'texts/{assault.method}'):.0f} s", flush=True)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="models an arm")
    parser.add_argument("--train", type=int, help="training texts; default: all")
    parser.add_argument("--only", default="", help="make only arms whose name holds this")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"], os.environ["TOKENIZERS_PARALLELISM"] = "1", "false"
    encoder = options.models / ENCODER
    bench = Bench(options.runs, str(encoder) if encoder.exists() else "auto", options.train, options.examples or 300)
    seeds = range(1, 1 + options.seeds)
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        pool.submit(make, bench, Arm(PARENT), 0).result()
        pool.submit(make_texts, bench).result()
        jobs = {
            pool.submit(make, bench, a, s): f"{a.name}, seed {s}" for s in seeds for a in ARMS if options.only in a.name
        }
        for i, job in enumerate(as_completed(jobs), 1):
            print(f"[{i}/{len(jobs)}] {jobs[job]}: {job.result():.0f} CPU s", flush=True)
    write_tables(bench, [arm.name for arm in ARMS], [each.method for each in ASSAULTS], seeds)


if __name__ == "__main__":
    main()
