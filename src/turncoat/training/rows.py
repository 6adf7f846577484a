"""Texts as rows of word numbers, to be learnt from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from turncoat.models.reading import DistinctRows
from turncoat.models.vocabulary import UNKNOWN, Vocabulary


class WordRows:
    """The first words of texts, by number.

    Attributes:
        lengths: words of each text (texts,).
    """

    def __init__(self, strings: Iterable[str], vocabulary: Vocabulary, max_words: int) -> None:
        rows = [vocabulary.ids_of_string(string)[:max_words] or [UNKNOWN] for string in strings]
        self._distinct = DistinctRows([np.array([row], np.int32) for row in rows])
        self.lengths = self._distinct.lengths[self._distinct.numbers]
        self._counts = np.bincount(np.fromiter(chain(*rows), np.int64), minlength=len(vocabulary))

    def __len__(self) -> int:
        return len(self.lengths)

    def padded(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Word numbers (rows, words) of some texts, and how many of them count (rows,)."""
        lengths = self.lengths[rows]
        ids = self._distinct.padded(self._distinct.numbers[rows], int(lengths.max()))
        return torch.from_numpy(ids), torch.from_numpy(lengths)

    @property
    def counts(self) -> Tensor:
        """How often each word of the vocabulary occurs (vocabulary,)."""
        return torch.from_numpy(self._counts)
