"""What image networks are trained on: objectives with their parameters, drawing from the generator they are given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from torch import Generator, Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from turncoat.continuous import objectives
from turncoat.continuous.noise import signs, uniform
from turncoat.continuous.objectives import Batch
from turncoat.continuous.sizes import PIXELS, check_eps
from turncoat.continuous.virtual import PowerIteration
from turncoat.errors import UsageError
from turncoat.models.images import linear_layers

Noise = Literal["signs", "uniform"]


class Objective(ABC):
    """A loss of a network on a batch, in nats. See `continuous.objectives` for sources."""

    @abstractmethod
    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        """The loss, a scalar."""


@dataclass(frozen=True, kw_only=True)
class Clean(Objective):
    """Cross-entropy alone."""

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        return objectives.clean(network, batch)


@dataclass(frozen=True, kw_only=True)
class FastGradient(Objective):
    """FGSM adversarial training: α J(x, l) + (1 - α) J(x', l); ε of each pixel."""

    eps: float = 0.25
    alpha: float = 0.5
    clip: bool = False

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        box = PIXELS if self.clip else None
        return objectives.fgsm_training(network, batch, eps=self.eps, alpha=self.alpha, box=box)


@dataclass(frozen=True, kw_only=True)
class Noisy(Objective):
    """The control of FGSM training: random noise of ±ε, or of U(-ε, ε), on each pixel."""

    noise: Noise = "signs"
    eps: float = 0.25

    def __post_init__(self) -> None:
        check_eps(self.eps)
        if self.noise not in get_args(Noise):
            raise UsageError(f"expected noise to be one of {', '.join(get_args(Noise))}, got {self.noise!r}")

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        kind = signs if self.noise == "signs" else uniform
        return objectives.with_noise(network, batch, noise=partial(kind, eps=self.eps, generator=generator))


@dataclass(frozen=True, kw_only=True)
class Adversarial(Objective):
    """Adversarial training in the L2 norm: J(x, l) + weight J(x + r, l), ‖r‖₂ = ε."""

    eps: float
    weight: float = 1.0

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        return objectives.adversarial(network, batch, eps=self.eps, weight=self.weight)


@dataclass(frozen=True, kw_only=True)
class RandomDirection(Objective):
    """The control of `Adversarial`: r is a random direction of the same norm."""

    eps: float
    weight: float = 1.0

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        return objectives.random(network, batch, eps=self.eps, generator=generator, weight=self.weight)


@dataclass(frozen=True, kw_only=True)
class Virtual(Objective):
    """VAT: J over the labelled inputs plus weight times the mean LDS over all; `iterations` 0 is its random control."""

    eps: float
    xi: float = 1e-2
    iterations: int = 1
    weight: float = 1.0

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        search = PowerIteration(eps=self.eps, xi=self.xi, iterations=self.iterations)
        return objectives.virtual(network, batch, search=search, generator=generator, weight=self.weight)


@dataclass(frozen=True, kw_only=True)
class Decayed(Objective):
    """Another objective plus Σ l1 |w| + l2 w² over the weights of each linear layer; biases are left alone.

    Attributes:
        inner: the other objective.
        l1, l2: one coefficient for each linear layer from the inputs up, or none.
    """

    inner: Objective
    l1: Sequence[float] = ()
    l2: Sequence[float] = ()

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        loss = self.inner(network, batch, generator)
        weights = [layer.weight for layer in linear_layers(network)]
        for coefficients, size in ((self.l1, Tensor.abs), (self.l2, Tensor.square)):
            if coefficients and len(coefficients) != len(weights):
                raise UsageError(f"expected a decay for each of {len(weights)} layers, got {list(coefficients)}")
            for coefficient, weight in zip(coefficients, weights, strict=False):
                loss = loss + coefficient * size(weight).sum()
        return loss


@dataclass(frozen=True, kw_only=True)
class Reconstruction(Objective):
    """A sparse autoencoder's loss: cross-entropy of all pixels plus weight times KL[ρ ‖ mean activation] of all units.

    For an `Autoencoder`; labels are not looked at. Source: A. Ng, "Sparse autoencoder", CS294A lecture notes, 2011.
    """

    sparsity: float = 0.1
    weight: float = 0.5

    def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> Tensor:
        pixels = batch.inputs.flatten(1)
        code, logits = network(pixels)
        loss: Tensor = binary_cross_entropy_with_logits(logits, pixels, reduction="none").sum(1).mean()
        mean, wanted = code.mean(0).clamp(1e-6, 1 - 1e-6), self.sparsity
        sparse: Tensor = wanted * (wanted / mean).log() + (1 - wanted) * ((1 - wanted) / (1 - mean)).log()
        return loss + self.weight * sparse.sum()
