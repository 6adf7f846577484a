"""A recurrent network over words (long short-term memory)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from turncoat.models.vocabulary import PADDING
from turncoat.models.words import Classes, WordNetwork, word_vectors


class Recurrent(WordNetwork):
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
        states = [self._last_state(self.forward_reader, ids, lengths)]
        if self.backward_reader is not None:
            states.append(self._last_state(self.backward_reader, _reversed(ids, lengths), lengths))
        return self.classes(self.dropout(torch.cat(states, dim=1)))  # type: ignore[no-any-return]

    def _last_state(self, reader: nn.LSTM, ids: Tensor, lengths: Tensor) -> Tensor:
        """(texts, hidden)"""
        states, _ = reader(self.dropout(self.embedding(ids)))
        return states[torch.arange(len(ids)), lengths - 1]  # type: ignore[no-any-return]


def _reversed(ids: Tensor, lengths: Tensor) -> Tensor:
    """Each text's words from last to first, its padding left in place."""
    places = lengths[:, None] - 1 - torch.arange(ids.shape[1])
    return ids.gather(1, places.clamp(min=0)).masked_fill(places < 0, PADDING)
