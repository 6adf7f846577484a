"""Word networks by kind: building them, and reading stored ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from safetensors import SafetensorError
from safetensors.torch import load_file

from turncoat.errors import BrokenData, UsageError
from turncoat.models.card import Card
from turncoat.models.convolutional import Convolutional
from turncoat.models.document_lstm import DocumentLstm
from turncoat.models.embedded import Embedded
from turncoat.models.forms import WordForm, shared
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.recurrent import Recurrent
from turncoat.models.victim import Victim
from turncoat.models.vocabulary import Vocabulary

NETWORKS: Mapping[str, type[Convolutional] | type[Recurrent] | type[DocumentLstm]] = {
    "cnn": Convolutional,
    "lstm": Recurrent,
    "lstm-lm": DocumentLstm,
}
WordVictim: TypeAlias = NetworkVictim[Embedded, WordForm]


def build_network(kind: str, vocabulary: int, classes: int, architecture: Mapping[str, Any]) -> Embedded:
    """A network with random weights; `architecture` is as on a card."""
    sizes = {key: value for key, value in architecture.items() if key != "max_words"}
    return NETWORKS[kind](vocabulary, classes, **sizes)


def load_words(folder: Path, card: Card) -> WordVictim:
    """A stored word network.

    Raises:
        BrokenData: the weights or the vocabulary do not fit the card.
    """
    vocabulary = Vocabulary.read(folder / "vocabulary.txt")
    try:
        network = build_network(card.kind, len(vocabulary), len(card.labels), card.architecture)
        network.load_state_dict(load_file(folder / card.weights))
        form = shared(WordForm(vocabulary, card.architecture["max_words"]))
        return NetworkVictim(network, form, card.labels, folder.name)
    except (KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise BrokenData(f"{folder}: the weights do not fit the card's architecture: {error}") from error


def word_victim(victim: Victim) -> WordVictim:
    """The same victim, known to read words whose vectors can be perturbed.

    Raises:
        UsageError: it is another one.
    """
    if isinstance(victim, NetworkVictim) and isinstance(victim.network, Embedded):
        return victim
    raise UsageError(f"{victim.name}: expected a network of {', '.join(NETWORKS)}, got {type(victim).__name__}")
