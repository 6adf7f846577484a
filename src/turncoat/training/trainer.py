"""Training a victim: one plain loop for every network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from turncoat.data.example import Dataset
from turncoat.disk import plain
from turncoat.errors import UsageError
from turncoat.models.card import Accuracy, Card, versions
from turncoat.models.document_lstm import DocumentLstm
from turncoat.models.scikit import train_sklearn
from turncoat.models.storable import Storable
from turncoat.models.victim import Victim, decide
from turncoat.text import Text
from turncoat.training.batching import batches
from turncoat.training.checkpoint import Checkpoint, file_for
from turncoat.training.course import Course
from turncoat.training.language_model import foretell
from turncoat.training.learners import Learner, learner_for
from turncoat.training.recipes import DocumentReader, Gradual, LinearBaseline, Recipe
from turncoat.training.rows import WordRows
from turncoat.training.steps import Steps, share_at
from turncoat.training.word_learner import WordLearner

Progress = Callable[[int, int, int, float], None]  # epoch (from 1), step (from 1), steps of the epoch, loss
Watch = Callable[[int, Storable], None]  # epoch (from 1; 0: not trained yet), the victim as it is after it


@dataclass(frozen=True)
class Trained:
    """A victim, and the card that tells how it came about."""

    victim: Storable
    card: Card


def train(
    train_set: Dataset,
    dev_set: Dataset,
    recipe: Recipe,
    seed: int = 0,
    progress: Progress = lambda epoch, step, steps, loss: None,
    command: str = "",
    unlabelled: Sequence[str] = (),
    checkpoints: Path | None = None,
    watch: Watch | None = None,
) -> Trained:
    """Train a victim; the epoch that does best on `dev_set` wins. Same data, recipe, seed and machine: same weights.

    Args:
        progress: told after every step; linear baselines have none. Epoch 0 is the language model's.
        command: kept on the card.
        unlabelled: more texts, for objectives and networks that learn from such.
        checkpoints: folder in which an unfinished training is kept, and found again by the same call; a language model
            is found there by all trainings that begin with it. Yours to remove.
        watch: see `fit`.

    Raises:
        UsageError: the two data sets have other labels, or one is empty; or the recipe has no use for unlabelled texts.
        BrokenData: a damaged checkpoint.
    """
    _check(train_set, dev_set, recipe, unlabelled)
    about: dict[str, Any] = {
        "data": train_set.name, "rows": len(train_set), "dev": dev_set.name, "seed": seed, "command": command,
        "recipe": type(recipe).__name__, **plain(asdict(recipe)),
    }  # fmt: skip
    if unlabelled:
        about["unlabelled"] = len(unlabelled)
    made_by = versions("torch", "transformers", "numpy", "scikit-learn", "safetensors")
    card = Card(kind="linear", labels=train_set.labels, versions=made_by)
    if isinstance(recipe, LinearBaseline):
        victim: Storable = train_sklearn(train_set, recipe.longest, recipe.least, recipe.strength, seed)
        found = {"dev": measure(victim, dev_set)}
        return Trained(victim, replace(card, training=about, weights=victim.weights, accuracy=found))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        learner = learner_for(recipe, train_set, unlabelled)
        if isinstance(recipe, DocumentReader) and isinstance(learner, WordLearner) and recipe.language_model.steps:
            strings = [*(example.text for example in train_set), *unlabelled]
            about["perplexity"] = _foretell(learner, recipe, strings, seed, progress, checkpoints)
        checkpoint = None
        if checkpoints:
            golds = [f"{example.label} {example.text}" for data in (train_set, dev_set) for example in data]
            checkpoint = file_for(checkpoints, "training", {"recipe": recipe, "seed": seed}, [*golds, "", *unlabelled])
        best = fit(learner, dev_set, recipe, seed, progress, checkpoint, watch)
    victim = learner.victim()
    card = replace(card, kind=learner.kind, architecture=learner.architecture, weights=victim.weights)
    return Trained(victim, replace(card, training=about, accuracy={"dev": best}))


def fit(
    learner: Learner,
    dev_set: Dataset,
    recipe: Gradual,
    seed: int,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
    watch: Watch | None = None,
) -> Accuracy:
    """Train a learner's network in place; gives the dev accuracy of the epoch whose weights it keeps.

    Args:
        checkpoint: written now and then; goes on from it, bit for bit, if it has been written already.
        watch: shown the victim before the first epoch and after each; must draw nothing from torch's own generator.
    """
    rng = np.random.default_rng(seed)
    network, total = learner.network, recipe.steps(len(learner.lengths))
    steps = Steps(
        network, recipe.rate, lambda step: share_at(step, total, recipe.warm_up, recipe.decline),
        decay=recipe.decay, most_norm=recipe.most_norm, average=recipe.average,
        unclipped="embedding" if isinstance(recipe, DocumentReader) else None,
    )  # fmt: skip
    course = Course(rng.bit_generator.state, network.state_dict())
    if checkpoint:
        course.resume(checkpoint, learner, steps)
    if watch and not steps.taken:
        watch(0, learner.victim())
    while course.epoch <= recipe.epochs:
        network.train()
        rng.bit_generator.state = course.order
        for rows in [*batches(learner.lengths, recipe.batch, rng)][course.step :]:
            loss = learner.loss(rows)
            steps.take(loss)
            course.step += 1
            progress(course.epoch, course.step, total // recipe.epochs, loss.item())
            if checkpoint and checkpoint.due:
                course.write(checkpoint, learner, steps)
        with steps.averaged():
            accuracy = measure(victim := learner.victim(), dev_set)
            if watch:
                watch(course.epoch, victim)
            if better := recipe.keep_last or accuracy.correct > course.correct:
                course.weights = copy.deepcopy(network.state_dict())
                course.correct, course.best_epoch = accuracy.correct, course.epoch
        if not better and course.epoch - course.best_epoch >= recipe.patience:
            break
        course.epoch, course.step, course.order = course.epoch + 1, 0, rng.bit_generator.state
    network.load_state_dict(course.weights)
    return Accuracy(course.correct, len(dev_set))


def examine(trained: Trained, test_set: Dataset) -> Trained:
    """The same victim, with its test accuracy on the card."""
    accuracy = {**trained.card.accuracy, "test": measure(trained.victim, test_set)}
    return replace(trained, card=replace(trained.card, accuracy=accuracy))


def measure(victim: Victim, dataset: Dataset) -> Accuracy:
    """How many examples a victim gets right."""
    labels = decide(victim, [[Text(example.text) for example in dataset]])[0]
    return Accuracy(int((labels == [example.label for example in dataset]).sum()), len(dataset))


def _foretell(
    learner: WordLearner,
    recipe: DocumentReader,
    strings: Sequence[str],
    seed: int,
    progress: Progress,
    folder: Path | None,
) -> float:
    """Let a reader foretell the words of all its texts; gives the perplexity of held-out ones."""
    steps, checkpoint = recipe.language_model.steps, None
    if folder:
        settings = {
            "architecture": learner.architecture, "classes": len(learner.labels), "least": recipe.least, "seed": seed,
            "language_model": recipe.language_model, "normalise": recipe.normalises, "most_norm": recipe.most_norm,
        }  # fmt: skip
        checkpoint = file_for(folder, "language", settings, strings)
    texts = WordRows(strings, learner.vocabulary, learner.max_words)
    told = lambda step, loss: progress(0, step, steps, loss)  # noqa: E731
    return foretell(cast("DocumentLstm", learner.network), texts, recipe, seed, told, checkpoint)


def _check(train_set: Dataset, dev_set: Dataset, recipe: Recipe, unlabelled: Sequence[str]) -> None:
    if train_set.labels != dev_set.labels or not len(train_set) or not len(dev_set):
        raise UsageError(
            "expected two data sets with examples and the same labels, got "
            f"{train_set.name} ({len(train_set)} examples of {train_set.labels}) and "
            f"{dev_set.name} ({len(dev_set)} examples of {dev_set.labels})"
        )
    if unlabelled and not (isinstance(recipe, Gradual) and recipe.wants_unlabelled):
        raise UsageError(
            f"got {len(unlabelled)} unlabelled texts, from which {type(recipe).__name__} with this objective learns "
            "nothing; they are for the objectives vat, at+vat and random, and for lstm-lm"
        )
