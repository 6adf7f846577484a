"""Directions and sizes of perturbations, example by example, and the box that inputs must stay in."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from turncoat.errors import UsageError

Box = tuple[float, float]
PIXELS: Box = (0.0, 1.0)


def unit(v: Tensor) -> Tensor:
    """Each v[i], whatever its shape, divided by its L2 norm; zero stays zero. Safe for very small and large numbers."""
    flat = v.flatten(1)
    flat = flat / _or_one(flat.abs().amax(1, keepdim=True))
    return (flat / _or_one(l2(flat)[:, None])).view_as(v)


def l2(v: Tensor) -> Tensor:
    """L2 norm of each v[i] (n,)."""
    return v.flatten(1).square().sum(1).sqrt()


def linf(v: Tensor) -> Tensor:
    """Largest absolute component of each v[i] (n,)."""
    return v.flatten(1).abs().amax(1)


def distortion(v: Tensor) -> Tensor:
    """sqrt(Σ v² / m) of each v[i] (n,), m being its number of components (Szegedy et al. 2013)."""
    return l2(v) / math.sqrt(v.flatten(1).shape[1])


def masked(v: Tensor, mask: Tensor | None) -> Tensor:
    """`v` (n, words, dimensions) with 0 wherever `mask` (n, words) is False; `v` itself without a mask."""
    return v if mask is None else v.masked_fill(~mask.unsqueeze(-1), 0)


def inside(x: Tensor, box: Box | None) -> Tensor:
    """`x` cut off at the ends of the box."""
    return x if box is None else x.clamp(*box)


def check_inside(x: Tensor, box: Box | None) -> None:
    """
    Raises:
        UsageError: an input lies outside the box.
    """
    if box is not None and x.numel() and not bool(((x >= box[0]) & (x <= box[1])).all()):
        raise UsageError(
            f"expected inputs within {list(box)}, got {x.min().item():g} to {x.max().item():g}; "
            "scale them, or give another box"
        )


def check_eps(eps: float) -> None:
    """
    Raises:
        UsageError: a size that is negative, infinite or no number.
    """
    if not (math.isfinite(eps) and eps >= 0):
        raise UsageError(f"expected eps of at least 0, got {eps}")


def _or_one(sizes: Tensor) -> Tensor:
    return torch.where(sizes > 0, sizes, torch.ones_like(sizes))
