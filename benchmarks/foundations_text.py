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
from numpy.typing import NDArray

from foundations_text_page import Trial, Trials, write_page
from study import RESULTS
from turncoat import load_dataset, load_victim
from turncoat.data.example import Dataset
from turncoat.data.unlabelled import draw, read_unlabelled
from turncoat.disk import write_file
from turncoat.models.card import read_card
from turncoat.models.storable import Storable
from turncoat.models.victim import decide
from turncoat.studies.foundations.text_losses import text_losses
from turncoat.text import Text
from turncoat.training.origins import origin_of
from turncoat.training.recipes import DocumentReader, LanguageModel, Recipe
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
COMPARED = {"objective": "clean", "normalise": None, "unlabelled_batch": None}  # what those change, by default
PAPER_EPSILON, PAPER_WORDS, PAPER_DIMENSIONS = 5.0, 400, 256
DEV, WATCHED = 500, 256  # examples kept from training; test texts whose losses are watched
DATA_SEED = 0

Sizes = tuple[DocumentReader, int, int, int]  # what all trainings share; labelled, unlabelled and test texts


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
    epsilon = scaled_epsilon(asked.words, asked.embedding) if asked.epsilon is None else asked.epsilon
    return DocumentReader(
        hidden=asked.hidden, embedding=asked.embedding, max_words=asked.words, epochs=asked.epochs, least=5,
        rate=5e-3, dropout=0.2, epsilon=epsilon, ramp=0.5,
        language_model=LanguageModel(steps=asked.language_steps, batch=32, rate=5e-3, decline=0.05),
    )  # fmt: skip


def scaled_epsilon(words: int, dimensions: int) -> float:
    return round(PAPER_EPSILON * math.sqrt(words * dimensions / (PAPER_WORDS * PAPER_DIMENSIONS)), 2)


def conduct(
    name: str,
    seed: int,
    recipe: DocumentReader,
    data: tuple[Dataset, Dataset, Dataset],
    more: tuple[str, ...],
    runs: Path,
) -> None:
    """Train once, and write down which test texts the victim gets right; nothing if that was done already.

    Raises:
        SystemExit: `runs` holds trainings with other sizes.
    """
    folder, train_set, dev_set, test_set = place(runs, name, seed), *data
    asked = sizes_of(recipe, len(train_set), len(more), len(test_set))
    there = ended(runs)
    if other := [each for each in there if stored_sizes(each) != asked]:
        sys.exit(f"{other[0]}: trained with other sizes; give another --runs, or --tables for the tables alone")
    if folder in there:
        return
    watched, curve_file = test_set.sample(min(WATCHED, len(test_set)), DATA_SEED), Path(f"{folder}.curve.json")
    started, told = time.process_time(), 0.0

    def progress(epoch: int, step: int, steps: int, loss: float) -> None:
        nonlocal told
        if time.monotonic() - told > 20:
            told = time.monotonic()
            print(f"{name}, seed {seed}: epoch {epoch}, step {step} of {steps}, loss {loss:.3f}", flush=True)

    def watch(epoch: int, victim: Storable) -> None:
        if recipe.normalises:
            found = text_losses(victim, watched, recipe.epsilon, recipe.difference)
            curve = json.loads(curve_file.read_text()) if curve_file.exists() else {}
            curve[str(epoch)] = [float(part.mean()) for part in (found.nll, found.adversarial, found.virtual)]
            write_file(json.dumps(curve), curve_file)

    command = " ".join(["python", *sys.argv])
    trained = train(train_set, dev_set, recipe, seed, progress, command, more, runs / "unfinished", watch)
    verdicts = decide(trained.victim, [[Text(example.text) for example in test_set]])[0]
    right = verdicts == np.array([example.label for example in test_set])
    write_file(json.dumps([int(each) for each in right]), right_file(folder))
    save(trained, folder)
    print(f"{name}, seed {seed}: error {1 - right.mean():.2%}, {time.process_time() - started:.0f} s", flush=True)


def place(runs: Path, name: str, seed: int) -> Path:
    return runs / f"{name.replace(', ', '-').replace('+', '-')}-{seed}"


def ended(runs: Path) -> list[Path]:
    """Folders of the trainings that have ended; those still being written are hidden."""
    return sorted(card.parent for card in runs.glob("[!.]*-[0-9]*/card.toml"))


def sizes_of(recipe: Recipe, rows: int | None, unlabelled: int, tested: int) -> Sizes:
    return replace(recipe, **COMPARED), rows, unlabelled, tested  # type: ignore[arg-type, return-value]


def stored_sizes(folder: Path) -> Sizes:
    """Of a training that has ended."""
    origin = origin_of(read_card(folder))
    return sizes_of(origin.recipe, origin.rows, origin.unlabelled, len(read_right(folder)))


def right_file(folder: Path) -> Path:
    return Path(f"{folder}.right.json")


def read_right(folder: Path) -> NDArray[np.int64]:
    """Which test texts a training got right (texts,)."""
    return np.array(json.loads(right_file(folder).read_text()), np.int64)


def read(runs: Path) -> dict[str, list[Trial]]:
    """The trainings that have ended, by name and seed."""
    found: dict[str, list[Trial]] = {}
    there = ended(runs)
    seeds = sorted({int(folder.name.rpartition("-")[2]) for folder in there})
    for name in TRAININGS:
        for seed in seeds:
            if (folder := place(runs, name, seed)) in there:
                curve_file, victim = Path(f"{folder}.curve.json"), load_victim(str(folder))
                curve = json.loads(curve_file.read_text()) if curve_file.exists() else {}
                found.setdefault(name, []).append(Trial(seed, victim, folder, read_right(folder), curve))
    return found


def shared(trials: Trials) -> tuple[DocumentReader, str]:
    """What all trainings have in common, from their cards: the recipe, and the sizes in words.

    Raises:
        SystemExit: none has ended, or they differ in more than what the study compares.
    """
    found = {stored_sizes(trial.folder) for each in trials.values() for trial in each}
    if len(found) != 1:
        sys.exit(f"expected trainings with the same sizes, got {len(found)} kinds: {'; '.join(map(str, found))}")
    ((recipe, rows, unlabelled, tested),) = found
    as_in_paper = recipe.epsilon == scaled_epsilon(recipe.max_words, recipe.embedding)
    scaled = " (as large a part of a text as the paper's 5, not tuned)" if as_in_paper else ""
    return recipe, (
        f"IMDB: {rows:,} labelled and {unlabelled:,} unlabelled texts, {tested:,} test texts, the first "
        f"{recipe.max_words} words of each, those of fewer than {recipe.least} texts unknown; {recipe.embedding} "
        f"dimensions, {recipe.hidden} units, {recipe.top} ReLU; language model: {recipe.language_model.steps} steps of "
        f"{recipe.language_model.batch} texts; classifier: {recipe.epochs} epochs of batches of {recipe.batch}, as "
        f"many unlabelled; rate {recipe.rate:g}, dropout {recipe.dropout:g}; epsilon {recipe.epsilon:g}"
        f"{scaled}, rising in the first {recipe.ramp:.0%} of the steps, finite difference {recipe.difference:g}; the "
        f"last epoch is kept, weights averaged with decay {recipe.average:g}"
    )


def main() -> None:
    asked = arguments()
    if not asked.tables:
        recipe = base(asked)
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
    trials = read(asked.runs)
    write_page(trials, *shared(trials), asked.commonest, asked.results)


if __name__ == "__main__":
    main()
