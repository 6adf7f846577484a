"""How far a training has come, and what it needs to go on as if it had never stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from turncoat.training.checkpoint import Checkpoint, under
from turncoat.training.learners import Learner
from turncoat.training.steps import Steps


@dataclass
class Course:
    """A training under way.

    Attributes:
        order: state of the generator of the order of texts, as it was when the epoch began.
        epoch: under way, from 1.
        step: steps of it that were taken.
        correct: dev examples that the best epoch got right; -1 before the first.
        best_epoch: its number.
        weights: its weights.
    """

    order: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    epoch: int = 1
    step: int = 0
    correct: int = -1
    best_epoch: int = 0

    def write(self, checkpoint: Checkpoint, learner: Learner, steps: Steps) -> None:
        """Keep all that the next step and the end depend on."""
        tensors = steps.state() | {"torch": torch.get_rng_state()}
        if self.best_epoch:
            tensors |= {f"best.{name}": tensor for name, tensor in self.weights.items()}
        if learner.perturbing:
            tensors |= {f"perturbing.{name}": tensor for name, tensor in learner.perturbing.state().items()}
        numbers = {name: value for name, value in vars(self).items() if name != "weights"}
        checkpoint.write(tensors, numbers | {"taken": steps.taken})

    def resume(self, checkpoint: Checkpoint, learner: Learner, steps: Steps) -> None:
        """Go on from what was written last, if anything was."""
        if (kept := checkpoint.read()) is None:
            return
        tensors, numbers = kept
        steps.resume(numbers.pop("taken"), tensors)
        torch.set_rng_state(tensors["torch"])
        if learner.perturbing:
            learner.perturbing.resume(under("perturbing", tensors))
        vars(self).update(numbers)
        if self.best_epoch:
            self.weights = under("best", tensors)
