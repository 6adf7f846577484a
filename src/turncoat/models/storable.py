"""Victims that turncoat itself can store."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from turncoat.models.victim import Victim


class Storable(Victim):
    """A victim that can be written to a folder, beside its card.

    Attributes:
        weights: name of the file that holds the weights.
    """

    weights: ClassVar[str]

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the weights, and what else is needed to read them, into an existing folder."""
