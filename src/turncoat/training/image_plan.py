"""What image networks learn from, and by what steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from torch import Tensor

from turncoat.errors import UsageError

Method = Literal["sgd", "adam"]


@dataclass(frozen=True)
class Pool:
    """What is learnt from.

    Attributes:
        inputs: images with labels (n, ...).
        labels: their classes (n,).
        unlabelled: further images (m, ...), those with labels among them; None for supervised training.
    """

    inputs: Tensor
    labels: Tensor
    unlabelled: Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and by what steps.

    Attributes:
        epochs: at most.
        batch: images with labels in a step.
        unlabelled: images without labels in a step, for a pool that has some.
        steps: in an epoch; None for every image with a label once.
        method: SGD with momentum, or Adam.
        rate: learning rate of the first epoch.
        decay: what it is multiplied by after each epoch.
        momentum, last_momentum: of SGD; it rises in a straight line over `rising` epochs.
        longest: norm that the incoming weights of a unit (of a piece of one) are cut to after each step; None for any.
        patience: epochs without a new best after which training stops, if something is watched.
    """

    epochs: int = 100
    batch: int = 100
    unlabelled: int = 0
    steps: int | None = None
    method: Method = "sgd"
    rate: float = 0.1
    decay: float = 1.0
    momentum: float = 0.0
    last_momentum: float | None = None
    rising: int = 250
    longest: float | None = None
    patience: int | None = None

    def __post_init__(self) -> None:
        counts = (self.epochs, self.batch, self.rising, 1 if self.steps is None else self.steps)
        if self.method not in get_args(Method) or min(counts) < 1 or self.unlabelled < 0:
            raise UsageError(
                f"expected method to be one of {', '.join(get_args(Method))}, epochs, batch, steps and rising of at "
                f"least 1 and unlabelled of at least 0, got {self.method!r}, {counts} and {self.unlabelled}"
            )

    def momentum_at(self, epoch: int) -> float:
        """Momentum in an epoch, counted from 1."""
        last = self.momentum if self.last_momentum is None else self.last_momentum
        return self.momentum + (last - self.momentum) * min(1.0, (epoch - 1) / self.rising)
