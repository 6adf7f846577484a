"""Training image networks: one plain loop. A killed training goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from turncoat.training.checkpoint import Checkpoint
from turncoat.training.image_learning import ImageLearning
from turncoat.training.image_objectives import Objective
from turncoat.training.image_plan import Plan, Pool

Watch = Callable[[nn.Module], float]
Progress = Callable[[int, int, float, float | None], None]  # epoch (from 1), epochs, mean loss, what was watched


@dataclass(frozen=True)
class Fitted:
    """What came of a training.

    Attributes:
        losses: mean loss of each epoch, in nats.
        watched: what was watched after each epoch; empty if nothing was.
        best: the epoch, from 1, whose weights the network has: the lowest watched, the earliest of equals, or the last.
    """

    losses: tuple[float, ...]
    watched: tuple[float, ...]
    best: int


def fit(
    network: nn.Module,
    pool: Pool,
    objective: Objective,
    plan: Plan,
    *,
    seed: int = 0,
    watch: Watch | None = None,
    checkpoint: Checkpoint | None = None,
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda epoch, epochs, loss, watched: None,
) -> Fitted:
    """Train a network in place, and leave it in evaluation mode.

    Each epoch draws from generators of its own, seeded by (seed, epoch): a training that is killed and called again
    ends with the same bits, given the same machine and number of threads.

    Args:
        watch: what is measured after each epoch; the weights with the lowest are kept.
        checkpoint: what each epoch writes if it is due, and where training goes on if it has been written.
        about: what tells this training from others; a checkpoint of another is refused.

    Raises:
        UsageError: the checkpoint is of another training, or of another pool's size.
        BrokenData: it is damaged.
    """
    learning = ImageLearning(network, pool, objective, plan, seed)
    told = {**asdict(plan), "seed": seed, "objective": repr(objective), "rows": len(pool.labels), **(about or {})}
    found = learning.resume(checkpoint, told) if checkpoint else None
    losses, watched = found or ([], [])
    with torch.random.fork_rng():
        for epoch in range(len(losses) + 1, plan.epochs + 1):
            if plan.patience is not None and watched and len(watched) - _best(watched) >= plan.patience:
                break
            losses.append(learning.epoch(epoch))
            if watch:
                watched.append(watch(network.eval()))
                if _best(watched) == epoch:
                    learning.keep_weights()
            if checkpoint and checkpoint.due:
                learning.write(checkpoint, {"losses": losses, "watched": watched, "about": told})
            progress(epoch, plan.epochs, losses[-1], watched[-1] if watched else None)
    if watched:
        network.load_state_dict(learning.best)
    network.eval()
    return Fitted(tuple(losses), tuple(watched), _best(watched) if watched else len(losses))


def settle(network: nn.Module, inputs: Tensor, batch: int = 250) -> None:
    """Take the running statistics of batch normalisation anew, from all inputs (n, ...) with the final weights.

    As the code of Miyato et al. 2016 does after semi-supervised training, from the images without labels.
    """
    layers = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # a plain mean over the batches
    network.train()
    with torch.random.fork_rng(), torch.no_grad():
        for images in torch.split(inputs, batch):
            network(images)
    network.eval()


def _best(watched: list[float]) -> int:
    return watched.index(min(watched)) + 1
