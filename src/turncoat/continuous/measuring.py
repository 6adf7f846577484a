"""What a perturbation did: its sizes, and the model's verdicts before and after."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from turncoat.continuous.modes import Model, evaluating
from turncoat.continuous.sizes import distortion, l2, linf


@dataclass(frozen=True)
class Verdicts:
    """What a model says: classes (n,), and the probability of each (n,), in [0, 1]."""

    classes: Tensor
    confidences: Tensor


@dataclass(frozen=True)
class Perturbed:
    """One row an input.

    Attributes:
        l2, linf: norms of the perturbation (n,), in units of the inputs.
        distortion: sqrt(Σ η² / m) (n,).
        before, after: the model's verdicts.
    """

    l2: Tensor
    linf: Tensor
    distortion: Tensor
    before: Verdicts
    after: Verdicts


@dataclass(frozen=True)
class Mistakes:
    """Error rate over all inputs, in [0, 1], and mean confidence on the mistakes; None where there are none."""

    error: float
    confidence: float | None


def judge(model: Model, x: Tensor) -> Verdicts:
    """The verdicts on inputs (n, ...), in evaluation mode."""
    with evaluating(model), torch.no_grad():
        confidences, classes = model(x).softmax(-1).max(-1)
    return Verdicts(classes, confidences)


def compare(model: Model, x: Tensor, perturbed: Tensor) -> Perturbed:
    """Sizes and verdicts of perturbed inputs, both (n, ...)."""
    eta = perturbed - x
    return Perturbed(l2(eta), linf(eta), distortion(eta), judge(model, x), judge(model, perturbed))


def mistakes(verdicts: Verdicts, labels: Tensor) -> Mistakes:
    """Error rate against gold classes (n,), those counted that were wrong before any perturbation too.

    "Confidence" is Goodfellow et al.'s: the mean probability of the class that was given, over the mistakes alone.
    """
    wrong = verdicts.classes != labels
    confidence = verdicts.confidences[wrong].mean().item() if bool(wrong.any()) else None
    return Mistakes(wrong.double().mean().item(), confidence)
