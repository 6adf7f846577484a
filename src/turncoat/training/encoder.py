"""Training the averaging encoder: among many sentences, find the one that stands beside a given one.

Logeswaran and Lee (2018, Quick-Thought) take a sentence's neighbour for its class; all neighbours of a batch are the
classes, at a temperature, as in van den Oord et al. (2018).

Differences from the paper: one network reads both sentences and is kept, where Quick-Thought keeps two; the network
averages where theirs is recurrent; one neighbour a step, either before or after.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import Adagrad, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from turncoat.data.passages import Pair, neighbours, passages
from turncoat.errors import UsageError
from turncoat.models.averaging import KIND, TABLES, WEIGHTS, Averaging, AveragingEncoder, AveragingNetwork, Hashed
from turncoat.models.card import Card, versions, write_card
from turncoat.training.storing import new_folder

Progress = Callable[[int, int, int, float], None]  # epoch (1), step (from 1), steps, loss


@dataclass(frozen=True, kw_only=True)
class EncoderRecipe:
    """How it is trained.

    Attributes:
        sizes: of the network.
        steps: batches to learn from.
        batch: pairs of neighbours a step; each sentence must be told from all others on the other side.
        rate: of the layers, by AdamW; falls to 0 along half a cosine, as the next one does.
        table_rate: of the two tables, by Adagrad, for most rows are rare.
        temperature: cosines are divided by it.
    """

    sizes: Averaging = field(default_factory=Averaging)
    steps: int = 4000
    batch: int = 256
    rate: float = 1e-3
    table_rate: float = 0.1
    temperature: float = 0.07

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 2:
            raise UsageError(f"expected steps >= 1 and batch >= 2, got {self.steps} and {self.batch}")
        if min(self.rate, self.table_rate, self.temperature) <= 0:
            raise UsageError("expected rates and a temperature above 0")


def train_encoder(
    sources: Sequence[str],
    folder: Path,
    recipe: EncoderRecipe,
    seed: int = 0,
    progress: Progress = lambda epoch, step, steps, loss: None,
    command: str = "",
) -> Card:
    """Train an encoder and keep it, with its card, in a new folder.

    The same sources, recipe, seed and machine give the same weights.

    Args:
        sources: text files, one passage a line (may be .xz or .gz), or named data sets, of which the train split is
            read. Leave out what will be attacked.
        command: kept on the card.

    Raises:
        UsageError: the folder is there already, or the sources hold too few neighbouring sentences.
        MissingResource, UnknownName, BrokenData: see `passages`.
    """
    with new_folder(folder) as partial:
        pairs = [[*_pairs(source)] for source in sources]
        network = fit(pairs, recipe, seed, progress)
        AveragingEncoder(network, str(folder)).write(partial)
        about = {key: value for key, value in asdict(recipe).items() if key != "sizes"}
        card = Card(
            kind=KIND,
            labels=(),
            architecture=asdict(recipe.sizes),
            training={
                "data": {source: _describe(found) for source, found in zip(sources, pairs, strict=True)},
                "seed": seed, "command": command, **about,
            },
            versions=versions("torch", "numpy", "safetensors"),
            weights=WEIGHTS,
        )  # fmt: skip
        return write_card(card, partial)


def fit(sources: Sequence[Sequence[Pair]], recipe: EncoderRecipe, seed: int, progress: Progress) -> AveragingNetwork:
    """A network trained on pairs of neighbours; each batch is of one source, so that its topic tells nothing.

    Raises:
        UsageError: a source has less than a batch of pairs.
    """
    if min(map(len, sources), default=0) < recipe.batch:
        raise UsageError(
            f"expected sources with at least {recipe.batch} pairs of neighbouring sentences each (a batch), "
            f"got {', '.join(str(len(pairs)) for pairs in sources) or 'no source'}"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = AveragingNetwork(recipe.sizes).train()
    optimizers = _optimizers(network, recipe)
    schedules = [LambdaLR(each, lambda step: (1 + math.cos(math.pi * step / recipe.steps)) / 2) for each in optimizers]
    batches = _batches(sources, recipe.batch, np.random.default_rng(seed))
    for step in range(1, recipe.steps + 1):
        loss = contrast(network, next(batches), recipe.temperature)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.sparse.check_sparse_tensor_invariants(False):  # type: ignore[no-untyped-call]  # else Adagrad warns
            for optimizer, schedule in zip(optimizers, schedules, strict=True):
                optimizer.step()
                schedule.step()
        progress(1, step, recipe.steps, loss.item())
    return network


def contrast(network: AveragingNetwork, pairs: Sequence[Pair], temperature: float) -> Tensor:
    """Mean cross-entropy of finding each sentence's neighbour among all of the batch, in both directions."""
    hashed = Hashed([first for first, _ in pairs] + [second for _, second in pairs], network.sizes)
    first, second = network(*hashed.inputs(range(2 * len(pairs)))).chunk(2)
    logits, own = first @ second.T / temperature, torch.arange(len(pairs))
    return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2


def _optimizers(network: AveragingNetwork, recipe: EncoderRecipe) -> list[Optimizer]:
    tables = [network.words.weight, network.groups.weight]
    layers = [p for name, p in network.named_parameters() if not name.startswith(TABLES)]
    return [AdamW(layers, lr=recipe.rate, weight_decay=0.0), Adagrad(tables, lr=recipe.table_rate)]


def _batches(sources: Sequence[Sequence[Pair]], size: int, rng: np.random.Generator) -> Iterator[list[Pair]]:
    """Batches without end, of all sources in proportion; what is less than a batch waits for the next round."""
    while True:
        orders = [(pairs, rng.permutation(len(pairs))) for pairs in sources]
        batches = [
            (pairs, order[start : start + size])
            for pairs, order in orders
            for start in range(0, len(order) - size + 1, size)
        ]
        for i in rng.permutation(len(batches)):
            pairs, rows = batches[i]
            yield [pairs[row] for row in rows]


def _pairs(source: str) -> Iterator[Pair]:
    for passage in passages(source):
        yield from neighbours(passage)


def _describe(pairs: Sequence[Pair]) -> dict[str, int | str]:
    """How many, and a checksum of all."""
    digest = sha256()
    for pair in pairs:
        digest.update("\n".join((*pair, "")).encode("utf-8", "surrogatepass"))
    return {"pairs": len(pairs), "sha256": digest.hexdigest()}
