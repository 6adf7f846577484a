"""Errors, confidences and attacks on many images, some at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from turncoat.continuous.fgsm import fgsm
from turncoat.continuous.measuring import judge
from turncoat.continuous.sizes import Box

PART = 1000
Perturb = Callable[[Tensor, Tensor], Tensor]


def perturbed(perturb: Perturb, x: Tensor, y: Tensor) -> Tensor:
    """`perturb` of images (n, pixels) and classes (n,), a thousand at a time."""
    return torch.cat([perturb(a, b) for a, b in zip(torch.split(x, PART), torch.split(y, PART), strict=True)])


def by_fgsm(network: nn.Module, x: Tensor, y: Tensor, eps: float, box: Box | None = None) -> Tensor:
    """Images after FGSM at their gold classes."""
    return perturbed(lambda a, b: fgsm(network, a, b, eps=eps, box=box), x, y)


def answers(network: nn.Module, x: Tensor) -> Tensor:
    """The classes given (n,)."""
    return torch.cat([judge(network, images).classes for images in torch.split(x, PART)])


def wrong(network: nn.Module, x: Tensor, y: Tensor) -> int:
    """How many images are misclassified."""
    return int((answers(network, x) != y).sum())


def mistaken(network: nn.Module, x: Tensor, y: Tensor) -> dict[str, Any]:
    """Mistakes, of how many, and the mean confidence in them with half its normal 95 % interval; None without any."""
    verdicts = [judge(network, images) for images in x.split(PART)]
    classes = torch.cat([verdict.classes for verdict in verdicts])
    sure = torch.cat([verdict.confidences for verdict in verdicts])[classes != y].double()
    half = 1.96 * sure.std().item() / math.sqrt(len(sure)) if len(sure) > 1 else None
    return {"wrong": len(sure), "n": len(y), "confidence": sure.mean().item() if len(sure) else None, "half": half}


def error(found: dict[str, Any]) -> float:
    return float(found["wrong"] / found["n"])
