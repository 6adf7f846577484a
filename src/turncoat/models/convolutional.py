"""A convolutional network over words (Kim 2014, "Convolutional Neural Networks for Sentence Classification")."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn import functional

from turncoat.models.embedded import Embedded
from turncoat.models.network import Classes, word_vectors


class Convolutional(Embedded):
    """Filters slide over the words, each keeps its strongest response, and a linear layer weighs these.

    A filter of width k is the sum of k products, one for each word under it. In use these products are looked up in
    tables made once, one (vocabulary, filters) for each place under each width, so that reading takes additions only.

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
        self._tables: list[Tensor] = []

    def train(self, mode: bool = True) -> Convolutional:
        self._tables = []  # the weights may change, or have changed
        return super().train(mode)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        if self.training:
            return self.read(self.vectors(ids, lengths), lengths)
        if not self._tables:
            tables = torch.split(self.products(self.embedding.weight), self.filters, dim=1)
            self._tables = [table.contiguous() for table in tables]
        return self._classify((functional.embedding(ids, table) for table in self._tables), lengths, ids.shape[1])

    def vectors(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.dropout(self.embedding(ids))  # type: ignore[no-any-return]

    def read(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        products = torch.split(self.products(vectors), self.filters, dim=2)
        return self._classify((place.clone() for place in products), lengths, vectors.shape[1])

    def _classify(self, products: Iterator[Tensor], lengths: Tensor, words: int) -> Tensor:
        """`products`: what each word gives to the filters at each place under them, (texts, words, filters) each."""
        outside = None if lengths.min() == words else torch.arange(words) >= lengths[:, None]
        strongest = [_strongest(islice(products, width), outside) for width in self.widths]
        features = functional.relu(torch.cat(strongest, dim=1) + self.bias)
        return self.classes(self.dropout(features))  # type: ignore[no-any-return]


def _strongest(products: Iterator[Tensor], outside: Tensor | None) -> Tensor:
    """Strongest response (texts, filters) of the filters of one width; `products` is overwritten."""
    responses = next(products)
    words = responses.shape[1]
    for step, product in enumerate(products, start=1):
        if step < words:
            responses[:, : words - step] += product[:, step:]
    if outside is not None:
        responses.masked_fill_(outside[:, :, None], -torch.inf)
    return torch.amax(responses, dim=1)
