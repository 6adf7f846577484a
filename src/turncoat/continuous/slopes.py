"""A model's logits, losses and verdicts, and the slope of its loss at the inputs. All of the model in its own mode."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from turncoat.continuous.modes import Model


def losses(logits: Tensor, labels: Tensor) -> Tensor:
    """J = -log p(label), in nats (n,), of logits (n, classes)."""
    return cross_entropy(logits, labels, reduction="none")


def logits_and_slope(model: Model, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (n, classes), and the gradient of each example's own loss at its input, shaped as `x`. Both detached.

    One forward and one backward pass. Parameters are given no gradients.
    """
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        logits = model(leaf)
        (slope,) = torch.autograd.grad(losses(logits, labels).sum(), leaf)
    return logits.detach(), slope


def verdicts(model: Model, x: Tensor) -> Tensor:
    """argmax of the logits (n,); the lowest class wins a tie."""
    with torch.no_grad():
        return model(x).argmax(-1)
