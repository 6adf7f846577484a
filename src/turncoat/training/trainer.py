"""Training a victim: one plain loop for every network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.models.card import Accuracy, Card
from turncoat.models.scikit import train_sklearn
from turncoat.models.storable import Storable
from turncoat.models.victim import Victim, decide
from turncoat.text import Text
from turncoat.training.learners import Learner, learner_for
from turncoat.training.recipes import Gradual, LinearBaseline, Recipe

Progress = Callable[[int, int, int, float], None]  # epoch (from 1), step (from 1), steps of the epoch, loss

POOL = 32  # batches that are drawn together and sorted by length, so that little is padded
PACKAGES = ("turncoat", "torch", "transformers", "numpy", "scikit-learn", "safetensors")


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
) -> Trained:
    """Train a victim; the epoch that does best on `dev_set` wins. Same data, recipe, seed and machine: same weights.

    Args:
        progress: told after every step; linear baselines have none.
        command: kept on the card.

    Raises:
        UsageError: the two data sets have other labels, or one is empty.
    """
    if train_set.labels != dev_set.labels or not len(train_set) or not len(dev_set):
        raise UsageError(
            "expected two data sets with examples and the same labels, got "
            f"{train_set.name} ({len(train_set)} examples of {train_set.labels}) and "
            f"{dev_set.name} ({len(dev_set)} examples of {dev_set.labels})"
        )
    card = Card(
        kind="linear",
        labels=train_set.labels,
        training={
            "data": train_set.name, "rows": len(train_set), "dev": dev_set.name, "seed": seed, "command": command,
            "recipe": type(recipe).__name__, **{k: v for k, v in asdict(recipe).items() if v is not None},
        },
        versions={package: version(package) for package in PACKAGES},
    )  # fmt: skip
    if isinstance(recipe, LinearBaseline):
        victim: Storable = train_sklearn(train_set, recipe.longest, recipe.least, recipe.strength, seed)
        return Trained(victim, replace(card, weights=victim.weights, accuracy={"dev": measure(victim, dev_set)}))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        learner = learner_for(recipe, train_set)
        best = fit(learner, dev_set, recipe, seed, progress)
    victim = learner.victim()
    card = replace(card, kind=learner.kind, architecture=learner.architecture, weights=victim.weights)
    return Trained(victim, replace(card, accuracy={"dev": best}))


def fit(learner: Learner, dev_set: Dataset, recipe: Gradual, seed: int, progress: Progress) -> Accuracy:
    """Train a learner's network in place; gives the dev accuracy of the epoch whose weights it keeps."""
    rng = np.random.default_rng(seed)
    network = learner.network
    optimizer = AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    steps = -(-len(learner.lengths) // recipe.batch)
    schedule = LambdaLR(optimizer, lambda step: _rate(step, steps * recipe.epochs, recipe.warm_up))
    best, best_epoch, weights = Accuracy(-1, len(dev_set)), 0, network.state_dict()
    for epoch in range(1, recipe.epochs + 1):
        network.train()
        for step, rows in enumerate(_batches(learner.lengths, recipe.batch, rng), start=1):
            loss = learner.loss(rows)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.most_norm)
            optimizer.step()
            schedule.step()
            progress(epoch, step, steps, loss.item())
        accuracy = measure(learner.victim(), dev_set)
        if accuracy.correct > best.correct:
            best, best_epoch, weights = accuracy, epoch, copy.deepcopy(network.state_dict())
        elif epoch - best_epoch >= recipe.patience:
            break
    network.load_state_dict(weights)
    return best


def examine(trained: Trained, test_set: Dataset) -> Trained:
    """The same victim, with its test accuracy on the card."""
    accuracy = {**trained.card.accuracy, "test": measure(trained.victim, test_set)}
    return replace(trained, card=replace(trained.card, accuracy=accuracy))


def measure(victim: Victim, dataset: Dataset) -> Accuracy:
    """How many examples a victim gets right."""
    labels = decide(victim, [[Text(example.text) for example in dataset]])[0]
    return Accuracy(int((labels == [example.label for example in dataset]).sum()), len(dataset))


def _batches(lengths: NDArray[np.int64], size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Every text once, in batches of similar length and in random order."""
    order = rng.permutation(len(lengths))
    pools = (order[start : start + POOL * size] for start in range(0, len(order), POOL * size))
    batches = [
        rows
        for pool in pools
        for rows in np.split(pool[np.argsort(lengths[pool], kind="stable")], range(size, len(pool), size))
    ]
    return (batches[i] for i in rng.permutation(len(batches)))


def _rate(step: int, steps: int, warm_up: float | None) -> float:
    """Share of the highest learning rate at a step."""
    if warm_up is None:
        return 1.0
    rising = max(1, round(warm_up * steps))
    return min((step + 1) / rising, (steps - step) / max(1, steps - rising))
