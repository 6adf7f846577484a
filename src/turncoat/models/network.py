"""What networks of our own have in common: rows of numbers go in, logits come out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from turncoat.models.batching import Batching
from turncoat.models.vocabulary import PADDING


class Network(nn.Module, ABC):
    """A classifier of rows of numbers that padding behind a row does not touch, not in a single bit.

    Attributes:
        batching: how its questions are cut into micro-batches.
    """

    batching: ClassVar[Batching]

    @abstractmethod
    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits (texts, classes) of numbers (texts, steps), of which the first `lengths` (texts,) count."""


class Classes(nn.Linear):
    """The last layer: features (texts, features) to logits (texts, classes).

    In use, not in training, it sums each row by itself: a matrix product would sum in an order that depends on the
    number of texts.
    """

    def forward(self, features: Tensor) -> Tensor:
        if self.training:
            return super().forward(features)
        return (features.unsqueeze(1) * self.weight).sum(2) + self.bias


def word_vectors(vocabulary: int, size: int) -> nn.Embedding:
    """Small random word vectors (vocabulary, size), all zero for padding."""
    vectors = nn.Embedding(vocabulary, size, padding_idx=PADDING)
    with torch.no_grad():
        vectors.weight *= 0.1
    return vectors
