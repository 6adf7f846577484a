"""A translator under training: its pairs of sentences, its steps, its best weights so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from turncoat.data.translation import TranslationDataset
from turncoat.errors import UsageError
from turncoat.models.beam_search import END, PAD, START
from turncoat.models.small_transformer import SmallTransformer
from turncoat.training.batching import batches
from turncoat.training.checkpoint import Checkpoint, under
from turncoat.training.steps import Steps, share_at
from turncoat.training.translator_recipe import TranslatorRecipe

Progress = Callable[[int, int, int, float], None]  # epoch (from 1), step (from 1), steps of the epoch, loss


@dataclass(frozen=True)
class Pairs:
    """Sentences as numbers of pieces: sources end in END, targets also begin with START."""

    sources: Sequence[Tensor]
    targets: Sequence[Tensor]

    @classmethod
    def of(cls, dataset: TranslationDataset, pieces: Tokenizer, most: int | None = None) -> Pairs:
        """All pairs of a data set, or those of at most so many pieces on either side.

        Raises:
            UsageError: there are none.
        """
        texts = [" ".join(example.text.split()) for example in dataset]
        references = [" ".join(example.reference.split()) for example in dataset]
        both = zip(pieces.encode_batch(texts), pieces.encode_batch(references), strict=True)
        kept = [(a.ids, b.ids) for a, b in both if most is None or max(len(a.ids), len(b.ids)) <= most]
        if not kept:
            raise UsageError(f"{dataset.name}: expected sentences of at most {most} pieces, got none")
        return cls(
            [torch.tensor([*source, END]) for source, _ in kept],
            [torch.tensor([START, *target, END]) for _, target in kept],
        )

    @property
    def lengths(self) -> NDArray[np.int64]:
        """By which similar pairs are found (pairs,)."""
        both = zip(self.sources, self.targets, strict=True)
        return np.array([1000 * len(target) + len(source) for source, target in both], np.int64)

    def padded(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Sources and targets of some pairs (rows, pieces)."""
        sides = ([side[row] for row in rows] for side in (self.sources, self.targets))
        first, second = (pad_sequence(side, batch_first=True, padding_value=PAD) for side in sides)
        return first, second


@dataclass(frozen=True)
class Kept:
    """What an unfinished training has written down.

    Attributes:
        taken: steps so far.
        losses: see `Learning`.
        pieces: the pieces it has chosen.
        about: what tells it from other trainings, as JSON has it.
        tensors: weights, moments and averages.
    """

    taken: int
    losses: Sequence[float]
    pieces: Tokenizer
    about: Any
    tensors: Mapping[str, Tensor]

    @classmethod
    def read(cls, checkpoint: Checkpoint) -> Kept | None:
        """None if nothing was kept."""
        if (found := checkpoint.read()) is None:
            return None
        tensors, numbers = found
        pieces = Tokenizer.from_str(numbers["pieces"])
        return cls(numbers["taken"], numbers["losses"], pieces, numbers["about"], tensors)


class Learning:
    """A network under training, and its best weights so far. Each step draws its own random numbers.

    Attributes:
        losses: dev loss (nats a piece) after each epoch so far.
    """

    def __init__(self, train: Pairs, dev: Pairs, pieces: Tokenizer, recipe: TranslatorRecipe, seed: int) -> None:
        self.train, self.dev, self.pieces, self.recipe, self.seed = train, dev, pieces, recipe, seed
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = SmallTransformer(pieces.get_vocab_size(), recipe.sizes)
        self.steps_an_epoch = -(-len(train.sources) // recipe.batch)
        steps = self.steps_an_epoch * recipe.epochs
        self.steps = Steps(
            self.network, recipe.rate, lambda step: share_at(step, steps, recipe.warm_up),
            most_norm=recipe.most_norm, average=recipe.average,
        )  # fmt: skip
        self._best = self.network.state_dict()
        self.losses: list[float] = []

    def epoch(self, progress: Progress) -> Iterator[None]:
        """Learn from every pair once, or from those left of an epoch that was broken off; pauses after each step."""
        done = len(self.losses)
        start = self.steps.taken - done * self.steps_an_epoch
        drawn = [*batches(self.train.lengths, self.recipe.batch, np.random.default_rng([self.seed, done]))]
        self.network.train()
        for step, rows in enumerate(drawn[start:], start + 1):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(1_000_003 * self.seed + self.steps.taken)
                loss = self._loss(self.train, rows, self.recipe.smoothing)
            self.steps.take(loss)
            progress(done + 1, step, self.steps_an_epoch, loss.item())
            yield

    def close_epoch(self) -> None:
        """Measure the averaged weights, which are remembered if they are the best."""
        with self.steps.averaged():
            self.losses.append(self._dev_loss())
            if self.losses[-1] == min(self.losses):
                self._best = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}

    def best(self) -> SmallTransformer:
        """The network with the weights of its best epoch."""
        self.network.load_state_dict(self._best)
        return self.network

    def keep(self, checkpoint: Checkpoint, about: Mapping[str, Any]) -> None:
        """Write down all that the next step depends on; `about` tells this training from others."""
        best = {f"best.{name}": tensor for name, tensor in self._best.items()}
        numbers = {"taken": self.steps.taken, "losses": self.losses, "pieces": self.pieces.to_str(), "about": about}
        checkpoint.write(self.steps.state() | best, numbers)

    def resume(self, kept: Kept) -> None:
        """Go on from what was kept."""
        self.losses = [*kept.losses]
        self.steps.resume(kept.taken, kept.tensors)
        self._best = under("best", kept.tensors)

    def _loss(self, pairs: Pairs, rows: NDArray[np.int64], smoothing: float, reduction: str = "mean") -> Tensor:
        sources, targets = pairs.padded(rows)
        wanted = targets[:, 1:]
        real = wanted != PAD
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.bfloat16):
            hidden = self.network(sources, sources != PAD, targets[:, :-1])
            logits = self.network.logits(hidden[real])
        return cross_entropy(logits.float(), wanted[real], label_smoothing=smoothing, reduction=reduction)

    @torch.inference_mode()
    def _dev_loss(self) -> float:
        self.network.eval()
        drawn = batches(self.dev.lengths, self.recipe.batch, np.random.default_rng(0))
        total = sum(float(self._loss(self.dev, rows, 0.0, "sum")) for rows in drawn)
        return total / sum(len(target) - 1 for target in self.dev.targets)
