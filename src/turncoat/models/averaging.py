"""A sentence encoder of our own: averaged word and letter-group vectors under a small network.

A deep averaging network in the manner of Iyyer et al. (2015) and the lite Universal Sentence Encoder (Cer et al. 2018).
It has no vocabulary: words, and groups of letters in them, are hashed to rows of two tables, so that a misspelled or
unseen word still has a vector. No search optimises with it; that is what it is for. Trained by `training/encoder.py`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import gelu, normalize

from turncoat.errors import BrokenData, UsageError
from turncoat.models.batching import Batching, split_like
from turncoat.models.card import FILE, Card
from turncoat.models.encoding import Encoder
from turncoat.models.filling import folder_fingerprint
from turncoat.text import WORD, Text

KIND, WEIGHTS = "averaging-encoder", "model.safetensors"
TABLES = ("words.", "groups.")  # what the names of their weights begin with
BATCHING = Batching(tokens=16_384)
GROUPS = (3, 4)  # letters in a group; the word's ends count as letters

Ids = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Averaging:
    """The sizes of the network.

    Attributes:
        words, groups: rows of the two tables that words and letter groups are hashed to.
        width: dimensions of a row.
        hidden: units of the hidden layer.
        dimensions: of a sentence vector.
    """

    words: int = 1 << 16
    groups: int = 1 << 16
    width: int = 128
    hidden: int = 512
    dimensions: int = 256

    def __post_init__(self) -> None:
        if least := [name for name, size in asdict(self).items() if size < 1]:
            raise UsageError(f"expected sizes of at least 1, got {', '.join(least)} below it")


class AveragingNetwork(nn.Module):
    """Mean word vector and mean letter-group vector, side by side, under two layers; gives unit vectors."""

    def __init__(self, sizes: Averaging) -> None:
        super().__init__()
        self.sizes = sizes
        self.words = nn.EmbeddingBag(sizes.words, sizes.width, mode="mean", sparse=True)
        self.groups = nn.EmbeddingBag(sizes.groups, sizes.width, mode="mean", sparse=True)
        self.scale = nn.LayerNorm(2 * sizes.width)  # else long texts, whose means are small, all look alike
        self.inner = nn.Linear(2 * sizes.width, sizes.hidden)
        self.outer = nn.Linear(sizes.hidden, sizes.dimensions)
        self.centre = nn.BatchNorm1d(sizes.dimensions, affine=False)  # else all sentences point much the same way
        for table in (self.words, self.groups):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, words: Tensor, starts: Tensor, groups: Tensor, group_starts: Tensor) -> Tensor:
        """Unit vectors (texts, dimensions) of row numbers; each text's begin at its start (texts,)."""
        means = torch.cat([self.words(words, starts), self.groups(groups, group_starts)], dim=1)
        return normalize(self.centre(self.outer(gelu(self.inner(self.scale(means))))), dim=1)


class Hashed:
    """Strings as row numbers of the two tables.

    Attributes:
        lengths: numbers of each string (strings,), to cut micro-batches by.
    """

    def __init__(self, strings: Iterable[str], sizes: Averaging) -> None:
        read = [[_rows(word, sizes) for word in WORD.findall(string.lower())] for string in strings]
        self._words = [np.array([word for word, _ in row], np.int64) for row in read]
        self._groups = [np.concatenate([NOTHING, *(groups for _, groups in row)]) for row in read]
        self.lengths = np.array([len(groups) for groups in self._groups], np.int64)

    def inputs(self, rows: Iterable[int]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What the network takes, for some of the strings."""
        chosen = list(rows)
        return (*_bags([self._words[row] for row in chosen]), *_bags([self._groups[row] for row in chosen]))


class AveragingEncoder(Encoder):
    """The network with its name; equal texts, up to case and punctuation, have equal vectors."""

    def __init__(self, network: AveragingNetwork, name: str, fingerprint: str = "") -> None:
        self.network, self.name, self.fingerprint = network.eval(), name, fingerprint

    def embed(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[Any]]:
        hashed = Hashed((str(text) for text in chain.from_iterable(batches)), self.network.sizes)

        def vectors(rows: NDArray[np.int64], length: int) -> NDArray[np.float32]:
            return self.network(*hashed.inputs(rows)).numpy()  # type: ignore[no-any-return]

        with torch.inference_mode():
            return split_like(BATCHING.answer(hashed.lengths, vectors), batches)

    def write(self, folder: Path) -> None:
        """Write the weights into an existing folder, the tables in half precision."""
        weights = self.network.state_dict()
        save_file({name: w.half() if name.startswith(TABLES) else w for name, w in weights.items()}, folder / WEIGHTS)


def load_averaging(folder: Path, card: Card) -> AveragingEncoder:
    """A stored encoder.

    Raises:
        UsageError: the card is of something else. BrokenData: the weights do not fit the card.
    """
    if card.kind != KIND:
        raise UsageError(f"{folder}: expected a sentence encoder (kind {KIND!r} in {FILE}), got {card.kind!r}")
    try:
        network = AveragingNetwork(Averaging(**card.architecture))
        network.load_state_dict(load_file(folder / card.weights))
    except (TypeError, RuntimeError, SafetensorError) as error:
        raise BrokenData(f"{folder}: the weights do not fit the card's architecture: {error}") from error
    return AveragingEncoder(network, str(folder), folder_fingerprint(folder))


NOTHING: Ids = np.empty(0, np.int64)


@lru_cache(maxsize=1 << 18)
def _rows(word: str, sizes: Averaging) -> tuple[int, Ids]:
    """The row of a word, and those of its letter groups."""
    whole = f"<{word}>"
    groups = [whole[i : i + size] for size in GROUPS for i in range(len(whole) - size + 1)]
    return _hash(word) % sizes.words, np.array([_hash(group) % sizes.groups for group in groups], np.int64)


def _hash(string: str) -> int:
    return zlib.crc32(string.encode("utf-8", "surrogatepass"))


def _bags(rows: Sequence[Ids]) -> tuple[Tensor, Tensor]:
    """All numbers one after the other, and where each text's begin."""
    lengths = np.array([len(row) for row in rows])
    return torch.from_numpy(np.concatenate(rows)), torch.from_numpy(np.cumsum(lengths) - lengths)
