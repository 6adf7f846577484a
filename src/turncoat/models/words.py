"""Victims that read words: our own convolutional and recurrent networks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from turncoat.models.batching import Batching, split_like
from turncoat.models.fingerprint import fingerprint
from turncoat.models.reading import DistinctRows, Reader
from turncoat.models.storable import Storable
from turncoat.models.vocabulary import PADDING, UNKNOWN_TOKEN, Vocabulary
from turncoat.text import Text

BATCHING = Batching(tokens=2048)  # measured in benchmarks/micro_batches.py


class WordNetwork(nn.Module, ABC):
    """A classifier of word numbers that padding behind a text does not touch, not in a single bit."""

    @abstractmethod
    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits (texts, classes) of word numbers (texts, words), of which the first `lengths` (texts,) count."""


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


class WordVictim(Storable):
    """A word network and the words it knows. Case and punctuation are not seen."""

    unknown = UNKNOWN_TOKEN
    weights: ClassVar[str] = "model.safetensors"

    def __init__(
        self, network: WordNetwork, vocabulary: Vocabulary, labels: tuple[str, ...], max_words: int, name: str
    ) -> None:
        self.network, self.vocabulary = network.eval(), vocabulary
        self.labels, self.max_words, self.name = labels, max_words, name
        self.fingerprint = fingerprint(network)
        self._reader = Reader(vocabulary, max_words)

    def visible(self, text: Text) -> int:
        return min(len(text), self.max_words)

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        distinct = DistinctRows([*chain.from_iterable(self._reader.read(texts) for texts in batches)])

        def probabilities(rows: NDArray[np.int64], length: int) -> NDArray[np.float32]:
            ids, lengths = distinct.padded(rows, length), distinct.lengths[rows]
            logits = self.network(torch.from_numpy(ids), torch.from_numpy(lengths))
            return logits.softmax(1).numpy()  # type: ignore[no-any-return]

        with torch.inference_mode():
            answers = BATCHING.answer(distinct.lengths, probabilities)
        return [*split_like(answers[distinct.numbers], batches)]

    def write(self, folder: Path) -> None:
        save_file(self.network.state_dict(), folder / self.weights)
        self.vocabulary.write(folder / "vocabulary.txt")
