"""Image classifiers: networks of maxout units and of plain layers, by their sizes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor, nn

from turncoat.errors import UsageError

Activation = Literal["relu", "sigmoid"]
ACTIVATIONS: Mapping[str, type[nn.Module]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}


class Sizes(ABC):
    """What a network is built from; a card keeps its fields."""

    kind: ClassVar[str]

    @abstractmethod
    def layers(self) -> list[nn.Module]:
        """From flat inputs (n, inputs) to logits (n, classes); draws random weights from torch's generator."""

    def build(self, seed: int) -> nn.Sequential:
        """A network of images (n, ...) with random weights, the same for equal seeds."""
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return nn.Sequential(nn.Flatten(), *self.layers())


@dataclass(frozen=True, kw_only=True)
class Maxout(Sizes):
    """Layers of maxout units, and a softmax layer on top.

    Source: I. J. Goodfellow, D. Warde-Farley, M. Mirza, A. Courville, Y. Bengio. "Maxout Networks." ICML 2013,
    arXiv 1302.4389. The networks of Goodfellow et al. 2015 on MNIST have two layers of 240 units with 5 pieces, later
    of 1,600 units.

    Differences from the paper:
        - What dropout keeps is made larger in training, inputs too; nothing is rescaled afterwards.

    Attributes:
        units: of each layer.
        pieces: linear functions of which a unit gives the largest.
        keep_inputs, keep_hidden: share of the components that dropout keeps; 1 for no dropout.
        spread: weights begin as U(-spread, spread), biases as 0.
    """

    kind: ClassVar[str] = "maxout"

    inputs: int = 784
    units: Sequence[int] = (240, 240)
    pieces: int = 5
    classes: int = 10
    keep_inputs: float = 0.8
    keep_hidden: float = 1.0
    spread: float = 0.005

    def __post_init__(self) -> None:
        _check_widths((self.inputs, *self.units, self.classes))
        _check_kept(self.keep_inputs)
        _check_kept(self.keep_hidden)
        if self.pieces < 1 or self.spread <= 0:
            raise UsageError(
                f"expected at least 1 piece and a spread above 0, got {self.pieces} pieces and {self.spread}"
            )

    def layers(self) -> list[nn.Module]:
        found = _dropout(self.keep_inputs)
        for incoming, units in pairwise((self.inputs, *self.units)):
            found += [MaxoutLayer(incoming, units, self.pieces), *_dropout(self.keep_hidden)]
        found.append(nn.Linear((self.inputs, *self.units)[-1], self.classes))
        for linear in linear_layers(found):
            nn.init.uniform_(linear.weight, -self.spread, self.spread)
            nn.init.zeros_(linear.bias)
        return found


@dataclass(frozen=True, kw_only=True)
class Dense(Sizes):
    """Plain layers, each followed by its activation, and a softmax layer on top; two widths make softmax regression.

    Attributes:
        widths: of the inputs, the hidden layers and the classes.
        activation: of the hidden layers.
        normalised: batch normalisation after every hidden layer.
        normalised_top: after the last one too, as in the code of Miyato et al. 2016.
        keep_hidden: share of the hidden units that dropout keeps.
    """

    kind: ClassVar[str] = "dense"

    widths: Sequence[int] = (784, 10)
    activation: Activation = "relu"
    normalised: bool = False
    normalised_top: bool = False
    keep_hidden: float = 1.0

    def __post_init__(self) -> None:
        _check_widths(self.widths)
        _check_kept(self.keep_hidden)
        if self.activation not in get_args(Activation):
            raise UsageError(f"expected activation to be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")

    def layers(self) -> list[nn.Module]:
        found: list[nn.Module] = []
        for incoming, units in pairwise(self.widths):
            if found:
                found += [ACTIVATIONS[self.activation](), *_dropout(self.keep_hidden)]
            found += [nn.Linear(incoming, units), *([nn.BatchNorm1d(units)] if self.normalised else [])]
        if self.normalised and not self.normalised_top:
            found.pop()
        return found


class MaxoutLayer(nn.Module):
    """max over k of wᵤₖᵀx + bᵤₖ for each unit u: (n, units) of (n, inputs)."""

    def __init__(self, inputs: int, units: int, pieces: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, units * pieces)
        self._shape = (units, pieces)

    def forward(self, x: Tensor) -> Tensor:
        values: Tensor = self.linear(x)
        return values.view(-1, *self._shape).amax(-1)


class Ensemble(nn.Module):
    """Networks that vote with their probabilities: the logarithms of their mean (n, classes)."""

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> Tensor:
        votes = torch.stack([member(x).log_softmax(-1) for member in self.members])
        return votes.logsumexp(0) - math.log(len(votes))


KINDS: Mapping[str, type[Maxout] | type[Dense]] = {sizes.kind: sizes for sizes in (Maxout, Dense)}


def linear_layers(modules: Sequence[nn.Module] | nn.Module) -> list[nn.Linear]:
    """All linear layers, from the inputs up."""
    whole = modules if isinstance(modules, nn.Module) else nn.Sequential(*modules)
    return [module for module in whole.modules() if isinstance(module, nn.Linear)]


def _dropout(keep: float) -> list[nn.Module]:
    return [nn.Dropout(1 - keep)] if keep < 1 else []


def _check_widths(widths: Sequence[int]) -> None:
    if len(widths) < 2 or min(widths) < 1:
        raise UsageError(f"expected the widths of at least two layers, each at least 1, got {list(widths)}")


def _check_kept(share: float) -> None:
    if not 0 < share <= 1:
        raise UsageError(f"expected dropout to keep a share above 0 and of at most 1, got {share}")


# Of Szegedy et al. 2013 (AE400-10 gets its first layer from `training.autoencoding`) and Miyato et al. 2016.
FC10 = Dense()
FC100 = Dense(widths=(784, 100, 100, 10), activation="sigmoid")
FC123 = Dense(widths=(784, 123, 456, 10), activation="sigmoid")
FC200 = Dense(widths=(784, 200, 200, 10), activation="sigmoid")
AE400 = Dense(widths=(784, 400, 10), activation="sigmoid")
SUPERVISED = Dense(widths=(784, 1200, 600, 300, 150, 10), normalised=True, normalised_top=True)
SEMI_SUPERVISED = Dense(widths=(784, 1200, 1200, 10), normalised=True, normalised_top=True)
SYNTHETIC = Dense(widths=(100, 100, 2))
