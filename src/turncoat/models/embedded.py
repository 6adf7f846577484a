"""Word networks in two halves: words become vectors, and vectors become a verdict."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor, nn

from turncoat.models.batching import Batching
from turncoat.models.network import Network


class Embedded(Network):
    """A word network that can be asked about vectors in the place of words: read(vectors(ids)) is its answer.

    Attributes:
        embedding: the word vectors (vocabulary, dimensions), padding first.
    """

    batching = Batching(tokens=2048)  # measured in benchmarks/micro_batches.py
    embedding: nn.Embedding

    @abstractmethod
    def vectors(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """What stands for the words (texts, places, dimensions), after dropout on it.

        The first `lengths` (texts,) places are words; behind them stands what is no word.
        """

    @abstractmethod
    def read(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Logits (texts, classes) of what stands for the words."""
