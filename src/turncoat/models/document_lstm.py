"""The recurrent classifier of Miyato, Dai and Goodfellow: a reader, a hidden layer, and a mark where the text ends."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from turncoat.models.embedded import Embedded
from turncoat.models.network import Classes, word_vectors


class DocumentLstm(Embedded):
    """Reads the words and an end mark; the state there passes a hidden layer of rectified units and is classified.

    Source: T. Miyato, A. M. Dai, I. Goodfellow. "Adversarial Training Methods for Semi-Supervised Text Classification."
    ICLR 2017, arXiv 1605.07725, section 2 and appendix. The reader learns to foretell words before it learns classes
    (`training.language_model`). Dropout is on the vectors alone and, as in the authors' code, drops the same dimensions
    of all words of a text. The end mark's vector is the last of the table.
    """

    def __init__(self, vocabulary: int, classes: int, hidden: int, embedding: int, top: int, dropout: float) -> None:
        super().__init__()
        self.end, self.hidden = vocabulary, hidden
        self.embedding = word_vectors(vocabulary + 1, embedding)
        self.reader = nn.LSTM(embedding, hidden, batch_first=True)
        self.top = Classes(hidden, top)
        self.classes = Classes(top, classes)
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.read(self.vectors(ids, lengths), lengths)

    def vectors(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.dropout(self.embedding(self.ended(ids, lengths)).mT).mT  # type: ignore[no-any-return]

    def read(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        states = self.states(vectors)[torch.arange(len(vectors)), lengths]
        return self.classes(self.top(states).relu())  # type: ignore[no-any-return]

    def states(self, vectors: Tensor) -> Tensor:
        """After each place (texts, places, hidden)."""
        return self.reader(vectors)[0]  # type: ignore[no-any-return]

    def ended(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Word numbers with the end mark behind each text (texts, words + 1)."""
        return pad(ids, (0, 1)).scatter(1, lengths[:, None], self.end)
