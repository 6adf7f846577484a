"""An image network under training: its steps, its best weights, and what of it a checkpoint keeps."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.optim import SGD, Adam, Optimizer

from turncoat.continuous.objectives import Batch
from turncoat.errors import UsageError
from turncoat.models.images import linear_layers
from turncoat.training.checkpoint import Checkpoint, under
from turncoat.training.image_objectives import Objective
from turncoat.training.image_plan import Plan, Pool


class ImageLearning:
    """A network, its optimizer, and the best weights so far."""

    def __init__(self, network: nn.Module, pool: Pool, objective: Objective, plan: Plan, seed: int) -> None:
        self.network, self.pool, self.objective, self.plan, self.seed = network, pool, objective, plan, seed
        self.best: dict[str, Tensor] = {}
        self._linears = [linear for linear in linear_layers(network) if linear.weight.requires_grad]
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        momentum = plan.momentum_at(1)
        self._optimizer: Optimizer = (
            SGD(trained, lr=plan.rate, momentum=momentum) if plan.method == "sgd" else Adam(trained, lr=plan.rate)
        )

    def epoch(self, epoch: int) -> float:
        """Train for one epoch; gives the mean loss."""
        rng = np.random.default_rng([self.seed, epoch])
        generator = Generator(self.pool.inputs.device).manual_seed(int(rng.integers(2**63)))
        _seed_dropout(int(rng.integers(2**63)), self.pool.inputs.is_cuda)
        for group in self._optimizer.param_groups:
            group["lr"] = self.plan.rate * self.plan.decay ** (epoch - 1)
            if self.plan.method == "sgd":
                group["momentum"] = self.plan.momentum_at(epoch)
        self.network.train()
        total, batches = torch.zeros((), device=self.pool.inputs.device), 0
        for batch in self._batches(rng):
            loss = self.objective(self.network, batch, generator)
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            self._shorten()
            total, batches = total + loss.detach(), batches + 1
        return total.item() / batches

    def _batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        pool, plan = self.pool, self.plan
        steps = plan.steps or -(-len(pool.labels) // plan.batch)
        most = None if plan.steps is None else steps * plan.batch
        known = torch.split(_order(len(pool.labels), most, rng), plan.batch)
        if pool.unlabelled is None or not plan.unlabelled:
            yield from (Batch(pool.inputs[rows], pool.labels[rows]) for rows in known)
            return
        others = torch.split(_order(len(pool.unlabelled), steps * plan.unlabelled, rng), plan.unlabelled)
        for rows, more in zip(known, others, strict=True):
            yield Batch(torch.cat([pool.inputs[rows], pool.unlabelled[more]]), pool.labels[rows])

    def _shorten(self) -> None:
        if self.plan.longest is not None:
            with torch.no_grad():
                for linear in self._linears:
                    linear.weight.renorm_(2, 0, self.plan.longest)

    def keep_weights(self) -> None:
        self.best = copy.deepcopy(self.network.state_dict())

    def write(self, checkpoint: Checkpoint, numbers: Mapping[str, Any]) -> None:
        moments = self._optimizer.state_dict()["state"]
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        tensors |= {f"best.{name}": tensor for name, tensor in self.best.items()}
        tensors |= {f"step.{i}.{name}": tensor for i, entry in moments.items() for name, tensor in entry.items()}
        checkpoint.write(tensors, numbers)

    def resume(self, checkpoint: Checkpoint, about: Mapping[str, Any]) -> tuple[list[float], list[float]] | None:
        """Go on from the checkpoint, if there is one: the losses so far, and what was watched."""
        found = checkpoint.read()
        if found is None:
            return None
        tensors, numbers = found
        if numbers["about"] != about:
            raise UsageError(
                f"{checkpoint.path}: expected an unfinished training of {about}, got one of {numbers['about']}; "
                "remove it to begin anew"
            )
        self.network.load_state_dict(under("network", tensors))
        self.best = under("best", tensors)
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in under("step", tensors).items():
            i, _, entry = name.partition(".")
            moments.setdefault(int(i), {})[entry] = tensor
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})
        return numbers["losses"], numbers["watched"]


def _seed_dropout(seed: int, on_gpu: bool) -> None:
    """As `torch.manual_seed`, which takes a millisecond."""
    torch.default_generator.manual_seed(seed)
    if on_gpu:
        torch.cuda.manual_seed(seed)


def _order(n: int, most: int | None, rng: np.random.Generator) -> Tensor:
    """Rows in random order: all of them once, or `most` of them, again and again."""
    turns = 1 if most is None else -(-most // n)
    return torch.from_numpy(np.concatenate([rng.permutation(n) for _ in range(turns)])[:most])
