"""A convolutional network over words (Kim 2014, "Convolutional Neural Networks for Sentence Classification")."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from turncoat.models.words import Classes, WordNetwork, word_vectors


class Convolutional(WordNetwork):
    """Filters slide over the words, each keeps its strongest response, and a linear layer weighs these.

    A filter of width k is the sum of k products, one for each word under it. In use these products are looked up in a
    table made once, (vocabulary, sum of widths * filters), so that reading a text takes additions only.

    Differences from the paper: one channel of embeddings learned from scratch; a window starts at every word and may
    hang over the end of the text; no bound on the weights' norm.
    """

    def __init__(
        self, vocabulary: int, classes: int, widths: tuple[int, ...], filters: int, embedding: int, dropout: float
    ) -> None:
        super().__init__()
        self.widths, self.filters = tuple(widths), filters
        self.embedding = word_vectors(vocabulary, embedding)
        self.products = nn.Linear(embedding, sum(self.widths) * filters, bias=False)
        self.bias = nn.Parameter(torch.zeros(len(self.widths) * filters))
        self.dropout = nn.Dropout(dropout)
        self.classes = Classes(len(self.widths) * filters, classes)
        self._table: Tensor | None = None

    def train(self, mode: bool = True) -> Convolutional:
        self._table = None  # the weights may change, or have changed
        return super().train(mode)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        outside = None if lengths.min() == ids.shape[1] else torch.arange(ids.shape[1]) >= lengths[:, None]
        parts = torch.split(self._products(ids), [width * self.filters for width in self.widths], dim=2)
        strongest = [self._strongest(part, outside) for part in parts]
        features = functional.relu(torch.cat(strongest, dim=1) + self.bias)
        return self.classes(self.dropout(features))  # type: ignore[no-any-return]

    def _products(self, ids: Tensor) -> Tensor:
        """(texts, words, sum of widths * filters); zero for padding."""
        if self.training:
            return self.products(self.dropout(self.embedding(ids)))  # type: ignore[no-any-return]
        if self._table is None:
            self._table = self.products(self.embedding.weight)
        return functional.embedding(ids, self._table)

    def _strongest(self, products: Tensor, outside: Tensor | None) -> Tensor:
        """Strongest response of each filter of one width, (texts, filters)."""
        first, *others = torch.split(products, self.filters, dim=2)
        responses, words = first.clone(), first.shape[1]
        for step, other in enumerate(others[: words - 1], start=1):
            responses[:, : words - step] += other[:, step:]
        if outside is not None:
            responses.masked_fill_(outside[:, :, None], -torch.inf)
        return torch.amax(responses, dim=1)
