"""Networks whose word vectors are normalised throughout training, and plain networks that do the same."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

Network = TypeVar("Network", bound=nn.Module)
TINY = 1e-6  # added to the variance


class Normalised(nn.Module):
    """How the weights of a table of word vectors are read: mean 0 and variance 1 over the words of the training texts,
    in each dimension; vectors that were learnt already are then brought back to the mean and deviation that they had.

    Source: T. Miyato, A. M. Dai, I. Goodfellow. "Adversarial Training Methods for Semi-Supervised Text Classification."
    ICLR 2017, arXiv 1605.07725: v̄ₖ = (vₖ - E(v)) / sqrt(Var(v)), with E(v) = Σⱼ fⱼ vⱼ and Var(v) = Σⱼ fⱼ (vⱼ - E(v))².
    Without it a model could escape a perturbation of fixed size by making its vectors longer. Mean and variance are
    taken of the vectors as they are at each call, and gradients flow through them too. As in the authors' code, 1e-6 is
    added to the variance.

    Attributes:
        frequencies: share of each word in the training texts (vocabulary,), 0 for those that are no words.
        deviation: of the vectors at first (dimensions,); None where they are left at mean 0 and variance 1.
    """

    frequencies: Tensor
    left_alone: Tensor
    mean: Tensor | None
    deviation: Tensor | None

    def __init__(self, vectors: Tensor, counts: Tensor, left_alone: Tensor, learnt: bool) -> None:
        super().__init__()
        self.register_buffer("frequencies", (counts.double() / counts.sum()).to(vectors.dtype))
        self.register_buffer("left_alone", left_alone[:, None])
        mean, deviation = _statistics(vectors.detach(), self.frequencies)
        self.register_buffer("mean", mean if learnt else None)
        self.register_buffer("deviation", deviation if learnt else None)

    def forward(self, vectors: Tensor) -> Tensor:
        """(vocabulary, dimensions)"""
        mean, deviation = _statistics(vectors, self.frequencies)
        table = (vectors - mean) / deviation
        if self.mean is not None and self.deviation is not None:
            table = table * self.deviation + self.mean
        return torch.where(self.left_alone, vectors, table)


def _statistics(vectors: Tensor, frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (dimensions,) of word vectors (vocabulary, dimensions) by share of words."""
    mean = frequencies @ vectors
    return mean, (TINY + frequencies @ (vectors - mean) ** 2).sqrt()


def normalise(embedding: nn.Embedding, counts: Tensor, left_alone: Tensor, learnt: bool = False) -> Normalised:
    """From now on, an embedding gives normalised vectors, wherever its `weight` is read; gradients flow through.

    Args:
        counts: how often each word occurs in the training texts (vocabulary,).
        left_alone: rows that are no words (vocabulary,), like padding, which stays 0.
        learnt: the vectors are not random; see `Normalised`.
    """
    how = Normalised(embedding.weight, torch.where(left_alone, 0, counts), left_alone, learnt)
    parametrize.register_parametrization(embedding, "weight", how)
    return how


def plain(network: Network) -> Network:
    """A copy that holds the normalised vectors themselves: it answers the same, bit for bit, and knows no counts.

    Normalising is done to the table, whatever is looked up in it, so that the table can be kept in its place.
    """
    copied = copy.deepcopy(network)
    for parent in [*copied.modules()]:
        for name, child in [*parent.named_children()]:
            if isinstance(child, nn.Embedding) and parametrize.is_parametrized(child):
                table, (size, dimensions) = child.weight.detach().clone(), child.weight.shape
                setattr(parent, name, nn.Embedding(size, dimensions, child.padding_idx, _weight=table))
    return copied
