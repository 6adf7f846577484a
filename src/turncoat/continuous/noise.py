"""Random perturbations: the controls that a worst-case perturbation must beat."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from turncoat.continuous.sizes import distortion, masked, unit


def signs(x: Tensor, eps: float, generator: Generator) -> Tensor:
    """+ε or -ε in every component, shaped as `x`."""
    return (2 * _uniform(x, generator).round() - 1) * eps


def uniform(x: Tensor, eps: float, generator: Generator) -> Tensor:
    """U(-ε, ε) in every component, shaped as `x`."""
    return (2 * _uniform(x, generator) - 1) * eps


def gaussian(x: Tensor, std: float, generator: Generator) -> Tensor:
    """N(0, std²) in every component, shaped as `x`; its distortion is about `std`."""
    return _normal(x, generator) * std


def on_sphere(x: Tensor, eps: float, generator: Generator, mask: Tensor | None = None) -> Tensor:
    """A Gaussian direction of L2 norm ε for each x[i], shaped as `x`; for a sequence, the norm of the whole sequence.

    Args:
        mask: words (n, words) that may be perturbed; others get 0.
    """
    return unit(masked(_normal(x, generator), mask)) * eps


def in_ball(x: Tensor, eps: float, generator: Generator) -> Tensor:
    """Uniform in the L2 ball of radius ε around 0, shaped as `x`."""
    direction = on_sphere(x, eps, generator)
    shares = torch.rand(len(x), generator=generator, dtype=x.dtype, device=x.device) ** (1 / x[0].numel())
    return direction * shares.view(-1, *[1] * (x.dim() - 1))


def amplified(perturbation: Tensor, std: float) -> Tensor:
    """Each perturbation rescaled so that its distortion is `std`; zero stays zero.

    Differences from the paper (Szegedy et al. 2013, who compare amplified examples with Gaussian noise of one std):
        - The formula that is printed there gives another size; this one is what its table means.
    """
    direction = unit(perturbation)
    return direction * (std / distortion(direction).clamp(min=1e-12)).view(-1, *[1] * (direction.dim() - 1))


def _uniform(x: Tensor, generator: Generator) -> Tensor:
    return torch.rand(x.shape, generator=generator, dtype=x.dtype, device=x.device)


def _normal(x: Tensor, generator: Generator) -> Tensor:
    return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
