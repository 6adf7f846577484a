"""What the training loop needs of each kind of network: a loss for some rows, and the victim so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from turncoat.data.example import Dataset
from turncoat.models.storable import Storable
from turncoat.training.perturbing import Perturbing
from turncoat.training.recipes import Cnn, DocumentReader, FineTune, Gradual, Lstm, ZooRecipe


class Learner(ABC):
    """A network and the data it learns from.

    Attributes:
        network: what is trained.
        kind: as on the card.
        architecture: as on the card.
        lengths: length of each training text (texts,), to batch similar ones.
        perturbing: what the loss draws besides dropout; None if it draws nothing.
    """

    network: nn.Module
    kind: str
    architecture: Mapping[str, Any]
    lengths: NDArray[np.int64]
    perturbing: Perturbing | None = None

    @abstractmethod
    def loss(self, rows: NDArray[np.int64]) -> Tensor:
        """Mean loss of some training texts."""

    @abstractmethod
    def victim(self) -> Storable:
        """The network as a victim, with the weights it has now."""


def learner_for(
    recipe: Cnn | Lstm | DocumentReader | FineTune | ZooRecipe, dataset: Dataset, unlabelled: Sequence[str] = ()
) -> Learner:
    """The learner of a recipe. Draws random weights from torch's generator, whose seed is that of its noise too."""
    if isinstance(recipe, ZooRecipe):
        from turncoat.training.zoo import ZooLearner

        return ZooLearner(dataset, recipe)
    if isinstance(recipe, FineTune):
        from turncoat.training.transformer_learner import TransformerLearner

        return TransformerLearner(dataset, recipe, unlabelled)
    from turncoat.training.word_learner import WordLearner

    return WordLearner(dataset, recipe, unlabelled)


def golds_of(dataset: Dataset) -> Tensor:
    """Labels (texts,)."""
    return torch.tensor([example.label for example in dataset])


def architecture_of(recipe: Gradual) -> dict[str, Any]:
    """The fields of a recipe that say what is trained, not how."""
    how = {entry.name for entry in fields(Gradual)} | {"language_model", "least"}
    return {entry.name: getattr(recipe, entry.name) for entry in fields(recipe) if entry.name not in how}
