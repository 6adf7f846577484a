"""Image classifiers on disk: weights as safetensors, sizes on a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from turncoat.disk import plain
from turncoat.errors import BrokenData
from turncoat.models.card import Accuracy, Card, read_card, versions, write_card
from turncoat.models.images import KINDS, Sizes


def write_image_network(
    network: nn.Module,
    sizes: Sizes,
    folder: Path,
    *,
    labels: tuple[str, ...],
    training: Mapping[str, Any],
    accuracy: Mapping[str, Accuracy] | None = None,
) -> Card:
    """Write a network into an existing folder, and its card beside it; gives the card.

    Args:
        sizes: what it was built from.
        labels: names of the classes, in the order of the logits.
        training: how it came about; None values are left out, as TOML has none.
    """
    card = Card(
        sizes.kind, labels, plain(asdict(sizes)), plain(training), accuracy or {},  # type: ignore[call-overload]
        versions("torch", "numpy", "safetensors"),
    )  # fmt: skip
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(weights, folder / card.weights)
    return write_card(card, folder)


def read_image_network(folder: Path) -> tuple[nn.Sequential, Card]:
    """A stored network in evaluation mode, and its card.

    Raises:
        BrokenData: the card is damaged, of another kind, or does not fit the weights.
    """
    card = read_card(folder)
    if card.kind not in KINDS:
        raise BrokenData(f"{folder}: expected one of the kinds {', '.join(KINDS)}, got {card.kind!r}")
    try:
        network = KINDS[card.kind](**card.architecture).build(0)
        network.load_state_dict(load_file(folder / card.weights))
    except (TypeError, RuntimeError, SafetensorError) as error:
        raise BrokenData(f"{folder}: the weights do not fit the card's architecture: {error}") from error
    return network.eval(), card
