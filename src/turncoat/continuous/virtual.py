"""Virtual adversarial perturbations and local distributional smoothness (Miyato et al., ICLR 2016)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn.functional import kl_div

from turncoat.continuous.modes import Model, quiet
from turncoat.continuous.noise import on_sphere
from turncoat.continuous.sizes import check_eps, linf, masked, unit
from turncoat.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class PowerIteration:
    """How the virtual adversarial direction is approximated.

    Attributes:
        eps: L2 norm of the perturbation, in units of the inputs; of a whole sequence where inputs are sequences.
        xi: length of the finite difference; the authors' code has 1e-6 for images, which is lost in 32-bit floats, and
            0.1 for texts.
        iterations: I_p; 0 leaves the direction random (the control), 5 is for measuring LDS.
    """

    eps: float
    xi: float = 1e-2
    iterations: int = 1

    def __post_init__(self) -> None:
        check_eps(self.eps)
        if self.xi <= 0 or self.iterations < 0:
            raise UsageError(
                f"expected xi above 0 and iterations of at least 0, got {self.xi} and {self.iterations} "
                "(at a difference of 0 the gradient is 0)"
            )


def divergence(clean: Tensor, logits: Tensor) -> Tensor:
    """KL[p ‖ q] in nats (n,), p from the logits `clean` and held constant, q from `logits`, both (n, classes).

    Differences from the authors' code:
        - Logarithms are taken of the logits, so that no probability needs to be kept from 0.
    """
    p = clean.detach().log_softmax(-1)
    return kl_div(logits.log_softmax(-1), p, reduction="none", log_target=True).sum(-1)


def virtual_perturbation(
    model: Model, x: Tensor, search: PowerIteration, generator: Generator, mask: Tensor | None = None
) -> Tensor:
    """η of norm ε that changes the model's distribution most, about, shaped as `x`. Needs no labels; no gradient.

    Source: T. Miyato, S. Maeda, M. Koyama, K. Nakae, S. Ishii. "Distributional Smoothing with Virtual Adversarial
    Training." ICLR 2016, arXiv 1507.00677. Power iteration for the top eigenvector of the Hessian of Δ_KL at η = 0, by
    the gradient at ξ·d. One forward pass, and a forward and a backward pass for each iteration; the model keeps its
    mode, but for dropout, which is off, and running statistics, which are not touched.

    Differences from the paper:
        - Where the gradient is 0 (a saturated model), the direction stays as it is, random at first.

    Args:
        x: inputs (n, ...), or vectors of words (n, words, dimensions).
        generator: draws the first direction.
        mask: words (n, words) that may be perturbed; others get 0.
    """
    with quiet(model), torch.no_grad():
        return _perturbation(model, x.detach(), model(x), search, generator, mask)


def lds(model: Model, x: Tensor, search: PowerIteration, generator: Generator, mask: Tensor | None = None) -> Tensor:
    """Local distributional smoothness Δ_KL(η_vadv, x), in nats (n,): 0 is smooth. A gradient flows through q only.

    Source and arguments: see `virtual_perturbation`. One forward pass more, and its backward pass in training.

    Differences from the paper:
        - It defines LDS with a minus sign and maximises it; the loss that comes of it is the same.
    """
    with quiet(model):
        with torch.no_grad():
            clean = model(x)
            eta = _perturbation(model, x.detach(), clean, search, generator, mask)
        return divergence(clean, model(x + eta))


def _perturbation(
    model: Model, x: Tensor, clean: Tensor, search: PowerIteration, generator: Generator, mask: Tensor | None
) -> Tensor:
    direction = on_sphere(x, 1.0, generator, mask)
    for _ in range(search.iterations):
        with torch.enable_grad():
            difference = (search.xi * direction).requires_grad_()
            (slope,) = torch.autograd.grad(divergence(clean, model(x + difference)).sum(), difference)
        slope = masked(slope, mask)
        flat = (linf(slope) == 0).view(-1, *[1] * (x.dim() - 1))
        direction = torch.where(flat, direction, unit(slope))
    return search.eps * direction
