"""Networks of the zoo, for words, characters or spelled words: inputs, a stack of layers, and classes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from turncoat.errors import BrokenData
from turncoat.models.batching import Batching
from turncoat.models.card import Card
from turncoat.models.forms import ALPHABET, CharacterForm, Form, SpelledForm, WordForm, shared
from turncoat.models.network import Classes, Network, word_vectors
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.stacks import Convolutions, Recurrences, Stack
from turncoat.models.vocabulary import UNKNOWN, Vocabulary

KIND = "sequence"
CHARACTER_SIZE = 64


class Inputs(nn.Module, ABC):
    """Vectors for the numbers of a form."""

    size: int

    @abstractmethod
    def summed_up(self, stack: Stack, ids: Tensor, lengths: Tensor) -> Tensor:
        """What a stack makes of texts (texts, features)."""


class Table(Inputs):
    """A learned vector for each number."""

    def __init__(self, rows: int, size: int) -> None:
        super().__init__()
        self.size, self.vectors = size, word_vectors(rows, size)

    def summed_up(self, stack: Stack, ids: Tensor, lengths: Tensor) -> Tensor:
        if self.training:
            return stack(self.vectors(ids), lengths)  # type: ignore[no-any-return]
        return stack.looked_up(self.vectors, ids, lengths)


class Mixture(Inputs):
    """A learned mixture of the three vectors that a frozen language model has for each word (ELMo).

    Each vector is first brought to mean 0 and variance 1: of small numbers a network would hardly learn.
    """

    def __init__(self, form: SpelledForm) -> None:
        super().__init__()
        self.size = form.words.model.size
        self.weights, self.scale = nn.Parameter(torch.zeros(form.words.model.layers)), nn.Parameter(torch.ones(1))
        self._words = form.words

    def summed_up(self, stack: Stack, ids: Tensor, lengths: Tensor) -> Tensor:
        states = self._words.states(ids.numpy(), lengths.numpy())
        normalised = functional.layer_norm(states, states.shape[-1:])
        mixed = (normalised * self.weights.softmax(0)[:, None]).sum(2) * self.scale
        return stack(mixed, lengths)  # type: ignore[no-any-return]


class SequenceNetwork(Network):
    """Logits of texts in some form."""

    batching = Batching(tokens=8192)

    def __init__(self, inputs: Inputs, stack: Stack, classes: int, dropout: float) -> None:
        super().__init__()
        self.inputs, self.stack = inputs, stack
        self.dropout = nn.Dropout(dropout)
        self.classes = Classes(stack.features, classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.classes(self.dropout(self.inputs.summed_up(self.stack, ids, lengths)))  # type: ignore[no-any-return]


def build(form: Form, architecture: Mapping[str, Any], classes: int) -> SequenceNetwork:
    """A network with random weights for a form; `architecture` is as on a card."""
    if isinstance(form, SpelledForm):
        inputs: Inputs = Mixture(form)
    elif isinstance(form, CharacterForm):
        inputs = Table(len(ALPHABET) + UNKNOWN + 1, architecture["size"])
    elif isinstance(form, WordForm):
        inputs = Table(len(form.vocabulary), architecture["size"])
    else:
        raise TypeError(f"no inputs for the form {type(form).__name__}")
    return SequenceNetwork(inputs, _stack(architecture, inputs.size), classes, architecture["dropout"])


def _stack(architecture: Mapping[str, Any], size: int) -> Stack:
    layers, kind = architecture["layers"], architecture["stack"]
    if kind == "CNN":
        return Convolutions(size, layers, architecture["filters"], architecture["width"])
    return Recurrences(size, layers, architecture["hidden"], kind == "BiLSTM", architecture["pooled"])


def form_of(architecture: Mapping[str, Any], vocabulary: Vocabulary | None = None) -> Form:
    """The form that an architecture reads; the vocabulary is for words."""
    kind, longest = architecture["form"], architecture["longest"]
    if kind == "W" and vocabulary is not None:
        return shared(WordForm(vocabulary, longest))
    if kind == "C":
        return shared(CharacterForm(longest))
    if kind == "WC":
        from turncoat.models.bilm_files import open_bilm

        return shared(SpelledForm(open_bilm(architecture["bilm"]), longest, architecture["bilm"]))
    raise BrokenData(f"expected the form W (with a vocabulary), C or WC, got {kind!r}")


def load_sequence(folder: Path, card: Card) -> NetworkVictim[SequenceNetwork, Form]:
    """A stored victim with a network of this kind.

    Raises:
        BrokenData: the weights or the vocabulary do not fit the card.
        MissingResource: the language model that it reads through is not here.
    """
    words = folder / "vocabulary.txt"
    try:
        form = form_of(card.architecture, Vocabulary.read(words) if card.architecture["form"] == "W" else None)
        network = build(form, card.architecture, len(card.labels))
        network.load_state_dict(load_file(folder / card.weights))
    except (OSError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise BrokenData(f"{folder}: the weights do not fit the card's architecture: {error}") from error
    return NetworkVictim(network, form, card.labels, folder.name)
