"""Adversarial and virtual adversarial training of a text classifier on IMDB: seven trainings, and what became of them.

    TURNCOAT_DATA=../shared OMP_NUM_THREADS=1 python benchmarks/foundations_text.py --runs runs/foundations_text

Each training is kept in --runs as soon as it ends, and one that was stopped goes on where it was; --only trains some of
them (two processes may share the work once the language models are there). Writes to --results, as far as trained:
errors with intervals and paired tests, losses in the course of training, neighbours of "good" and "bad", antonym ranks.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from foundations_text_page import Trial, write_page
from study import RESULTS
from turncoat import load_dataset, load_victim
from turncoat.data.cache import write_whole
from turncoat.data.example import Dataset
from turncoat.data.unlabelled import draw, read_unlabelled
from turncoat.models.storable import Storable
from turncoat.models.victim import decide
from turncoat.models.words import WordVictim
from turncoat.studies.foundations.text_losses import text_losses
from turncoat.text import Text
from turncoat.training.recipes import DocumentReader, LanguageModel
from turncoat.training.storing import save
from turncoat.training.trainer import train

TRAININGS: dict[str, dict[str, object]] = {  # in the order of the paper's Table 2
    "plain": {"normalise": False},
    "normalised": {"normalise": True},
    "random, labelled": {"objective": "random", "unlabelled_batch": 0},
    "random, all": {"objective": "random"},
    "AT": {"objective": "at"},
    "VAT": {"objective": "vat"},
    "AT+VAT": {"objective": "at+vat"},
}
PAPER_EPSILON, PAPER_WORDS, PAPER_DIMENSIONS = 5.0, 400, 256
DEV, WATCHED = 500, 256  # examples kept from training; test texts whose losses are watched
DATA_SEED = 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs/foundations_text"))
    parser.add_argument("--results", type=Path, default=RESULTS / "foundations")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--train", type=int, default=5000, help="labelled texts")
    parser.add_argument("--unlabelled", type=int, default=10_000)
    parser.add_argument("--test", type=int, default=5000)
    parser.add_argument("--words", type=int, default=200, help="of a text that are read")
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--embedding", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--language-steps", type=int, default=800)
    parser.add_argument("--epsilon", type=float, help="default: 5, scaled to the length of a whole text's vectors")
    parser.add_argument("--commonest", type=int, default=5000, help="words among which neighbours are looked for")
    parser.add_argument("--only", nargs="*", choices=TRAININGS, help="train no others")
    parser.add_argument("--tables", action="store_true", help="train nothing, write the tables again")
    return parser.parse_args()


def base(asked: argparse.Namespace) -> DocumentReader:
    """What all trainings share.

    Rates are ten times the paper's, as there are twenty times fewer steps, and dropout is less, as there are fewer
    dimensions. ε is as large a part of a text's normalised vectors as 5 is of the paper's 400 words in 256 dimensions,
    and rises in the first half: a small network that has learnt nothing yet never begins to against all of it.
    """
    scale = math.sqrt(asked.words * asked.embedding / (PAPER_WORDS * PAPER_DIMENSIONS))
    return DocumentReader(
        hidden=asked.hidden, embedding=asked.embedding, max_words=asked.words, epochs=asked.epochs, least=5,
        rate=5e-3, dropout=0.2, epsilon=round(asked.epsilon or PAPER_EPSILON * scale, 2), ramp=0.5,
        language_model=LanguageModel(steps=asked.language_steps, batch=32, rate=5e-3, decline=0.05),
    )  # fmt: skip


def conduct(
    name: str,
    seed: int,
    recipe: DocumentReader,
    data: tuple[Dataset, Dataset, Dataset],
    more: tuple[str, ...],
    runs: Path,
) -> None:
    """Train once, and write down what the victim says of the test texts; nothing if that was done already."""
    folder, train_set, dev_set, test_set = place(runs, name, seed), *data
    if (folder / "card.toml").exists():
        return
    watched, curve_file = test_set.sample(min(WATCHED, len(test_set)), DATA_SEED), Path(f"{folder}.curve.json")
    started, told = time.process_time(), 0.0

    def progress(epoch: int, step: int, steps: int, loss: float) -> None:
        nonlocal told
        if time.monotonic() - told > 20:
            told = time.monotonic()
            print(f"{name}, seed {seed}: epoch {epoch}, step {step} of {steps}, loss {loss:.3f}", flush=True)

    def watch(epoch: int, victim: Storable) -> None:
        if recipe.normalises and isinstance(victim, WordVictim):
            found = text_losses(victim, watched, recipe.epsilon, recipe.difference)
            curve = json.loads(curve_file.read_text()) if curve_file.exists() else {}
            curve[str(epoch)] = [float(part.mean()) for part in (found.nll, found.adversarial, found.virtual)]
            write_whole(curve_file, json.dumps(curve).encode())

    command = " ".join(["python", *sys.argv])
    trained = train(train_set, dev_set, recipe, seed, progress, command, more, runs / "unfinished", watch)
    verdicts = decide(trained.victim, [[Text(example.text) for example in test_set]])[0]
    right = verdicts == np.array([example.label for example in test_set])
    write_whole(Path(f"{folder}.right.json"), json.dumps([int(each) for each in right]).encode())
    save(trained, folder)
    print(f"{name}, seed {seed}: error {1 - right.mean():.2%}, {time.process_time() - started:.0f} s", flush=True)


def place(runs: Path, name: str, seed: int) -> Path:
    return runs / f"{name.replace(', ', '-').replace('+', '-')}-{seed}"


def read(runs: Path, seeds: int) -> dict[str, list[Trial]]:
    """The trainings that have ended, by name and seed."""
    found: dict[str, list[Trial]] = {}
    for name in TRAININGS:
        for seed in range(seeds):
            folder = place(runs, name, seed)
            if (folder / "card.toml").exists():
                curve_file, victim = Path(f"{folder}.curve.json"), load_victim(str(folder))
                curve = json.loads(curve_file.read_text()) if curve_file.exists() else {}
                right = np.array(json.loads(Path(f"{folder}.right.json").read_text()))
                found.setdefault(name, []).append(Trial(seed, victim, folder, right, curve))
    return found


def main() -> None:
    asked = arguments()
    recipe = base(asked)
    if not asked.tables:
        drawn = load_dataset("imdb", "train").sample(asked.train + DEV, DATA_SEED)
        order = np.random.default_rng(DATA_SEED).permutation(len(drawn))
        train_set, dev_set = (
            replace(drawn, name=f"imdb/train, {len(rows)}", examples=tuple(drawn.examples[i] for i in np.sort(rows)))
            for rows in (order[DEV:], order[:DEV])
        )
        test_set = load_dataset("imdb", "test").sample(asked.test, DATA_SEED)
        more = draw(read_unlabelled("imdb:unlabelled"), asked.unlabelled, DATA_SEED)
        for seed in range(asked.seeds):
            for name in asked.only or TRAININGS:
                changed = replace(recipe, **TRAININGS[name])  # type: ignore[arg-type]
                conduct(name, seed, changed, (train_set, dev_set, test_set), more, asked.runs)
    sizes = (
        f"IMDB: {asked.train:,} labelled and {asked.unlabelled:,} unlabelled texts, {asked.test:,} test texts, the "
        f"first {asked.words} words of each; {recipe.embedding} dimensions, {recipe.hidden} units, {recipe.top} ReLU; "
        f"language model: {recipe.language_model.steps} steps of {recipe.language_model.batch} texts; classifier: "
        f"{recipe.epochs} epochs of batches of {recipe.batch}, as many unlabelled; rate {recipe.rate:g}, dropout "
        f"{recipe.dropout:g}; epsilon {recipe.epsilon:g} (as large a part of a text as the paper's 5, not tuned), "
        f"rising in the first {recipe.ramp:.0%} of the steps, finite difference {recipe.difference:g}; seeds 0 to "
        f"{asked.seeds - 1}; the last epoch is kept, weights averaged with decay {recipe.average:g}"
    )
    write_page(read(asked.runs, asked.seeds), recipe, sizes, asked.commonest, asked.results)


if __name__ == "__main__":
    main()
