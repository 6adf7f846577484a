"""FGSM, the fast gradient sign method (Goodfellow, Shlens, Szegedy, ICLR 2015)."""

from __future__ import annotations

from torch import Tensor

from turncoat.continuous.modes import Model, evaluating
from turncoat.continuous.sizes import Box, check_eps, inside
from turncoat.continuous.slopes import logits_and_slope, verdicts


def fgsm(model: Model, x: Tensor, labels: Tensor | None, *, eps: float, box: Box | None = None) -> Tensor:
    """x + ε·sign(∇ₓJ(x, l)), shaped as `x`: untargeted, one forward and one backward pass. Carries no gradient.

    Source: I. J. Goodfellow, J. Shlens, C. Szegedy. "Explaining and Harnessing Adversarial Examples." ICLR 2015,
    arXiv 1412.6572. The model is asked in evaluation mode. Where the gradient is exactly 0 (a saturated model), x stays
    as it is. In the paper ε is 0.25 for MNIST, 0.1 for CIFAR-10 and 0.007 for ImageNet.

    Differences from the paper:
        - Pixels may be kept in a box; the method as displayed does not clip, and neither does the default.

    Args:
        x: inputs (n, ...).
        labels: gold classes l (n,); None for the model's own verdicts l = f(x) (one forward pass more).
        eps: largest change of a component, in units of `x`.
        box: ends that components are cut off at, `PIXELS` for images.

    Raises:
        UsageError: a negative `eps`.
    """
    check_eps(eps)
    with evaluating(model):
        _, slope = logits_and_slope(model, x, verdicts(model, x) if labels is None else labels)
    return inside(x.detach() + eps * slope.sign(), box)
