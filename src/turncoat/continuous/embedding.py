"""The adversarial perturbation of a whole text's word vectors, and which words may be perturbed."""

from __future__ import annotations

import torch
from torch import Tensor

from turncoat.continuous.modes import Model, quiet
from turncoat.continuous.sizes import check_eps, masked, unit
from turncoat.continuous.slopes import logits_and_slope


def perturbable(lengths: Tensor, words: int, end_token: bool = True) -> Tensor:
    """Which of `words` positions may be perturbed (n, words): those before the padding.

    Args:
        lengths: of each text (n,), its end token counted.
        end_token: whether each text ends in one; it is not perturbed.
    """
    return torch.arange(words, device=lengths.device) < (lengths - int(end_token))[:, None]


def adversarial_perturbation(
    model: Model, x: Tensor, labels: Tensor, *, eps: float, mask: Tensor | None = None
) -> Tensor:
    """r = ε g / ‖g‖₂ with g = ∇J(x, label), shaped as `x`: uphill in the loss. Carries no gradient.

    Source: T. Miyato, A. M. Dai, I. Goodfellow. "Adversarial Training Methods for Semi-Supervised Text Classification."
    ICLR 2017, arXiv 1605.07725, where x is the text's concatenated normalised vectors, after dropout on them: the norm
    is that of the whole text, not of each word. Also the L2 form of adversarial training on images. One forward and one
    backward pass; the model keeps its mode, but for dropout, which is off, and running statistics, which are not
    touched. No perturbation where the gradient is exactly 0. For the virtual one, see `virtual_perturbation`; for the
    random control, `on_sphere`.

    Args:
        x: vectors of words (n, words, dimensions), or other inputs (n, ...).
        labels: gold classes (n,).
        eps: L2 norm of each perturbation.
        mask: words (n, words) that may be perturbed, see `perturbable`; others get 0.

    Raises:
        UsageError: a negative `eps`.
    """
    check_eps(eps)
    with quiet(model):
        _, slope = logits_and_slope(model, x, labels)
    return eps * unit(masked(slope, mask))
