"""The one door to sentence encoders: what each offers, and finding the right one for a name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from turncoat.errors import MissingResource, UsageError
from turncoat.models.card import FILE, read_card
from turncoat.models.filling import folder_fingerprint
from turncoat.models.finding import find_folder
from turncoat.models.minilm import DEFAULT_ENCODER, minilm_folder
from turncoat.text import Text


class Encoder(ABC):
    """Turns texts into unit vectors; the vector of a text does not depend on its company.

    Attributes:
        name: as it was asked for.
        fingerprint: changes when its files do.
    """

    name: str
    fingerprint: str

    @abstractmethod
    def embed(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[Any]]:
        """Unit vectors (texts, dimensions) float32 of each batch; answers `Embed`."""


def load_encoder(name: str | None = None, online: bool = False) -> Encoder:
    """The encoder of a name: a folder that `turncoat train-encoder` wrote, or any sentence-transformers folder or hub
    name; None for the bundled all-MiniLM-L6-v2.

    Raises:
        MissingResource: a package or the model is not on this machine.
        UsageError: the folder holds no sentence encoder. BrokenData: a stored one was damaged.
    """
    if name is not None and (Path(name) / FILE).is_file():
        from turncoat.models.averaging import load_averaging

        return load_averaging(Path(name), read_card(Path(name)))
    from turncoat.models.encoder import SentenceEncoder

    return SentenceEncoder(None if name == DEFAULT_ENCODER else name, online)


def encoder_folder(name: str | None = None, online: bool = False) -> Path:
    """Where the encoder of a name lies.

    Raises:
        MissingResource: it is not on this machine. UsageError: `name` cannot be one.
    """
    return minilm_folder() if name in (None, DEFAULT_ENCODER) else find_folder(str(name), online)


def is_encoder(encoder: Encoder, name: str | None) -> bool:
    """Whether a name means this encoder: the same name, or the same files under another."""
    if name is None or encoder.name == name:
        return name is not None
    try:
        return folder_fingerprint(encoder_folder(name)) == encoder.fingerprint
    except (MissingResource, UsageError):  # it is not here any more: nobody can tell
        return False
