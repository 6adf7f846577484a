"""What all ways to train word vectors share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import MissingResource, UsageError
from turncoat.training.vectors_corpus import Corpus, Progress


@dataclass(frozen=True, kw_only=True)
class VectorRecipe(ABC):
    """A way to train word vectors.

    Attributes:
        dimensions: of a vector.
        least: words that occur less often get none.
        window: how far apart two words can be and still be neighbours.
        epochs: times through the text.
    """

    dimensions: int = 300
    least: int = 5
    window: int = 5
    epochs: int = 5

    def __post_init__(self) -> None:
        if min(self.dimensions, self.least, self.window, self.epochs) < 1:
            raise UsageError(
                f"expected dimensions, least, window and epochs >= 1, got {self.dimensions}, {self.least}, "
                f"{self.window} and {self.epochs}"
            )

    @abstractmethod
    def fit(self, corpus: Corpus, seed: int, progress: Progress) -> NDArray[np.float32]:
        """A vector for each word of the corpus, (words, dimensions)."""


def load_library(name: str) -> Any:
    """A library of the extra `vectors`.

    Raises:
        MissingResource: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingResource(f"training word vectors needs {name}; pip install 'turncoat[vectors]'") from error
