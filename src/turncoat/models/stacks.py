"""Layers over sequences, as deep as wanted: recurrent ones and convolutions. Padding behind a text touches nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional


class Stack(nn.Module, ABC):
    """Reads a sequence of vectors and sums it up.

    Attributes:
        features: numbers that it gives for each text.
    """

    features: int

    @abstractmethod
    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Features (texts, features) of vectors (texts, steps, size), of which the first `lengths` (texts,) count."""

    def looked_up(self, table: nn.Embedding, ids: Tensor, lengths: Tensor) -> Tensor:
        """Features of the rows `ids` (texts, steps) of a table, for use, not for training."""
        return self(table(ids), lengths)  # type: ignore[no-any-return]


class Recurrences(Stack):
    """Long short-term memories, one on top of the other; the last layer's last state sums the text up.

    With `bidirectional`, each layer also reads from the end, has `hidden` / 2 units in each direction, and hands both
    readings to the next. With `pooled`, the largest value that each unit has at any step sums the text up.
    """

    def __init__(self, size: int, layers: int, hidden: int, bidirectional: bool, pooled: bool) -> None:
        super().__init__()
        self.features, self.pooled = hidden, pooled
        directions = 1 + bidirectional
        sizes = [size] + [hidden] * (layers - 1)
        self.readers = nn.ModuleList(
            nn.ModuleList(nn.LSTM(inner, hidden // directions, batch_first=True) for _ in range(directions))
            for inner in sizes
        )

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        last = (torch.arange(len(vectors)), lengths - 1)
        backwards = backward_order(lengths, vectors.shape[1])[:, :, None]
        for readers in self.readers:
            readings = []
            for direction, reader in enumerate(cast("nn.ModuleList", readers)):
                seen = vectors if direction == 0 else _reordered(vectors, backwards)
                readings.append(reader(seen)[0])
            final = torch.cat([reading[last] for reading in readings], dim=1)
            vectors = torch.cat([readings[0], *(_reordered(r, backwards) for r in readings[1:])], dim=2)
        if self.pooled:
            return vectors.masked_fill(_inside(vectors, lengths) == 0, -torch.inf).amax(1)
        return final


class Convolutions(Stack):
    """Convolutions that keep the length, each with a rectifier behind it; the strongest responses sum the text up.

    In use, what the first layer makes of each row of a table of inputs is looked up in products made once.
    """

    def __init__(self, size: int, layers: int, filters: int, width: int) -> None:
        super().__init__()
        self.features, self.width = filters, width
        self.layers = nn.ModuleList(nn.Linear(width * inner, filters) for inner in [size] + [filters] * (layers - 1))
        self._products: list[Tensor] = []

    def train(self, mode: bool = True) -> Convolutions:
        self._products = []  # the weights may change, or have changed
        return super().train(mode)

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        inside = _inside(vectors, lengths)
        return self._deeper(functional.relu(self.layers[0](self._windows(vectors * inside))), inside)

    def looked_up(self, table: nn.Embedding, ids: Tensor, lengths: Tensor) -> Tensor:
        first: nn.Linear = self.layers[0]  # type: ignore[assignment]
        if not self._products:
            weights = first.weight.view(self.features, self.width, -1).unbind(1)
            self._products = [table.weight @ weight.T for weight in weights]
        middle = self.width // 2
        responses = functional.embedding(ids, self._products[middle]) + first.bias
        for place, product in enumerate(self._products):  # padding's products are 0
            step = place - middle  # the word that stands `step` further on is under this place of the filter
            if step < 0:
                responses[:, -step:] += functional.embedding(ids[:, :step], product)
            elif 0 < step < ids.shape[1]:
                responses[:, :-step] += functional.embedding(ids[:, step:], product)
        return self._deeper(functional.relu_(responses), _inside(responses, lengths))

    def _deeper(self, responses: Tensor, inside: Tensor) -> Tensor:
        responses = responses * inside
        for layer in self.layers[1:]:
            responses = functional.relu(layer(self._windows(responses))) * inside
        return responses.amax(1)  # none is below the 0 of padding

    def _windows(self, vectors: Tensor) -> Tensor:
        """For each step, the vectors under the filter side by side (texts, steps, width * size)."""
        middle = self.width // 2
        padded = functional.pad(vectors, (0, 0, middle, self.width - 1 - middle))
        steps = vectors.shape[1]
        return torch.cat([padded[:, place : place + steps] for place in range(self.width)], dim=2)


def backward_order(lengths: Tensor, steps: int) -> Tensor:
    """For each step, which one to read instead to read a text from its end (texts, steps); padding stays behind."""
    numbers = torch.arange(steps)
    places = lengths[:, None] - 1 - numbers
    return torch.where(places < 0, numbers, places)


def _reordered(vectors: Tensor, order: Tensor) -> Tensor:
    return vectors.gather(1, order.expand(-1, -1, vectors.shape[2]))


def _inside(vectors: Tensor, lengths: Tensor) -> Tensor:
    """1.0 for each step of a text, 0.0 for its padding (texts, steps, 1)."""
    return (torch.arange(vectors.shape[1]) < lengths[:, None]).to(vectors.dtype)[:, :, None]
