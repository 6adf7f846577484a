"""A recurrent network over words (long short-term memory)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from turncoat.models.embedded import Embedded
from turncoat.models.network import Classes, word_vectors


class Recurrent(Embedded):
    """Reads the words in order (and, if `bidirectional`, once more backwards); the last states are classified.

    Padding stands behind the last word, so that no state that counts has seen it; the backward reader is given the
    words in reverse instead of running from the end of the padding.
    """

    def __init__(
        self, vocabulary: int, classes: int, hidden: int, embedding: int, bidirectional: bool, dropout: float
    ) -> None:
        super().__init__()
        self.embedding = word_vectors(vocabulary, embedding)
        self.forward_reader = nn.LSTM(embedding, hidden, batch_first=True)
        self.backward_reader = nn.LSTM(embedding, hidden, batch_first=True) if bidirectional else None
        self.dropout = nn.Dropout(dropout)
        self.classes = Classes(hidden * (1 + bidirectional), classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.read(self.vectors(ids, lengths), lengths)

    def vectors(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.dropout(self.embedding(ids))  # type: ignore[no-any-return]

    def read(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        states = [_last_state(self.forward_reader, vectors, lengths)]
        if self.backward_reader is not None:
            states.append(_last_state(self.backward_reader, _reversed(vectors, lengths), lengths))
        return self.classes(self.dropout(torch.cat(states, dim=1)))  # type: ignore[no-any-return]


def _last_state(reader: nn.LSTM, vectors: Tensor, lengths: Tensor) -> Tensor:
    """(texts, hidden)"""
    states, _ = reader(vectors)
    return states[torch.arange(len(vectors)), lengths - 1]  # type: ignore[no-any-return]


def _reversed(vectors: Tensor, lengths: Tensor) -> Tensor:
    """Each text's words from last to first, and zeros in the place of padding."""
    places = lengths[:, None] - 1 - torch.arange(vectors.shape[1])
    turned = vectors[torch.arange(len(vectors))[:, None], places.clamp(min=0)]
    return turned.masked_fill((places < 0)[:, :, None], 0)
