"""A small encoder-decoder transformer, with keys and values that a search can keep from step to step.

A. Vaswani et al. "Attention Is All You Need." NeurIPS 2017. Differences from the paper: layers are normalised before
they read, not after they have written (R. Xiong et al., ICML 2020), and one table of pieces serves both languages and
the output.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, relu, scaled_dot_product_attention

from turncoat.errors import UsageError

KeyValues = tuple[Tensor, Tensor]  # each (batch, heads, length, width / heads)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of the network. Most layers encode: the decoder's are passed once for every piece of every translation.

    Attributes:
        width: numbers a piece has between layers.
        inner: numbers inside each layer's feed-forward part.
        heads: attention heads.
        encoder_layers, decoder_layers: how many there are.
        dropout: share of the numbers that training drops.

    Raises:
        UsageError: sizes that do not fit together.
    """

    width: int = 256
    inner: int = 512
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2
    dropout: float = 0.15

    def __post_init__(self) -> None:
        if min(self.width, self.inner, self.heads, self.encoder_layers, self.decoder_layers) < 1:
            raise UsageError(f"expected sizes of at least 1, got {self}")
        if self.width % (2 * self.heads):
            raise UsageError(f"expected a width that 2 x heads divides, got {self.width} and {self.heads} heads")
        if not 0 <= self.dropout < 1:
            raise UsageError(f"expected dropout in [0, 1), got {self.dropout}")


class Attention(nn.Module):
    """Queries look at keys and take values; keys and values are made apart, so that they can be kept."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.query = nn.Linear(sizes.width, sizes.width)
        self.key_value = nn.Linear(sizes.width, 2 * sizes.width)
        self.out = nn.Linear(sizes.width, sizes.width)

    def remember(self, memory: Tensor) -> KeyValues:
        """Keys and values of what can be looked at, (batch, length, width)."""
        keys, values = self.key_value(memory).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(self, asking: Tensor, kept: KeyValues, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        """What `asking` (batch, queries, width) takes; `mask` is True where it may look."""
        queries = self._split(self.query(asking))
        taken = scaled_dot_product_attention(queries, *kept, attn_mask=mask, is_causal=causal)
        return self.out(taken.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class Layer(nn.Module):
    """One layer of the encoder, or, with `crossing`, of the decoder."""

    def __init__(self, sizes: Sizes, crossing: bool) -> None:
        super().__init__()
        self.dropout = sizes.dropout
        self.own_norm, self.own = nn.LayerNorm(sizes.width), Attention(sizes)
        self.cross_norm = nn.LayerNorm(sizes.width) if crossing else None
        self.cross = Attention(sizes) if crossing else None
        self.inner_norm = nn.LayerNorm(sizes.width)
        self.inner, self.back = nn.Linear(sizes.width, sizes.inner), nn.Linear(sizes.inner, sizes.width)

    def encode(self, x: Tensor, mask: Tensor | None) -> Tensor:
        normed = self.own_norm(x)
        x = x + self._drop(self.own(normed, self.own.remember(normed), mask))
        return x + self._drop(self._feed(x))

    def decode(self, x: Tensor, own: KeyValues, cross: KeyValues, mask: Tensor | None, causal: bool) -> Tensor:
        """`own`: keys and values of the pieces so far; `cross`: of the source, of which each row of `mask` is one.

        In a search, several unfinished translations of one source ask as its queries, so that the source is kept once.
        """
        assert self.cross is not None  # noqa: S101 - a decoder's layer
        assert self.cross_norm is not None  # noqa: S101
        x = x + self._drop(self.own(self.own_norm(x), own, causal=causal))
        asking = self.cross_norm(x)
        rows = asking.reshape(len(cross[0]), -1, asking.shape[-1])
        x = x + self._drop(self.cross(rows, cross, mask).view_as(asking))
        return x + self._drop(self._feed(x))

    def _feed(self, x: Tensor) -> Tensor:
        return self.back(relu(self.inner(self.inner_norm(x))))  # type: ignore[no-any-return]

    def _drop(self, x: Tensor) -> Tensor:
        return dropout(x, self.dropout, self.training)


class SmallTransformer(nn.Module):
    """Pieces of a source and of a translation so far in, logits of the next piece out.

    Args:
        pieces: size of the vocabulary that both languages share.
    """

    def __init__(self, pieces: int, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.table = nn.Embedding(pieces, sizes.width)
        self.encoder = nn.ModuleList(Layer(sizes, crossing=False) for _ in range(sizes.encoder_layers))
        self.decoder = nn.ModuleList(Layer(sizes, crossing=True) for _ in range(sizes.decoder_layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(sizes.width), nn.LayerNorm(sizes.width)
        for weights in self.parameters():
            if weights.ndim > 1:
                nn.init.xavier_uniform_(weights)
        nn.init.normal_(self.table.weight, std=sizes.width**-0.5)

    def encode(self, ids: Tensor, mask: Tensor | None = None) -> list[KeyValues]:
        """What each layer of the decoder sees of the sources, (rows, pieces); `mask` is True at pieces, not padding."""
        wide = None if mask is None else mask[:, None, None]
        x = self._embed(ids, 0)
        for layer in self.encoder:
            x = layer.encode(x, wide)  # type: ignore[operator]
        memory = self.encoder_norm(x)
        return [layer.cross.remember(memory) for layer in self.decoder]  # type: ignore[union-attr,operator]

    def forward(self, sources: Tensor, mask: Tensor | None, targets: Tensor) -> Tensor:
        """What stands before the output table for each place of the targets, (rows, pieces, width)."""
        crosses = self.encode(sources, mask)
        wide = None if mask is None else mask[:, None, None]
        x = self._embed(targets, 0)
        for layer, cross in zip(self.decoder, crosses, strict=True):
            own = layer.own.remember(layer.own_norm(x))  # type: ignore[union-attr,operator]
            x = layer.decode(x, own, cross, wide, causal=True)  # type: ignore[operator]
        return self.decoder_norm(x)  # type: ignore[no-any-return]

    def step(self, last: Tensor, crosses: list[KeyValues], kept: list[KeyValues]) -> tuple[Tensor, list[KeyValues]]:
        """Log-probabilities (rows, pieces) of the piece after `last` (rows,), and all keys and values so far.

        Rows stand in order of their sources, equally many a source.
        """
        place = kept[0][0].shape[2] if kept else 0
        x, longer = self._embed(last[:, None], place), []
        for number, (layer, cross) in enumerate(zip(self.decoder, crosses, strict=True)):
            own = layer.own.remember(layer.own_norm(x))  # type: ignore[union-attr,operator]
            if kept:
                own = (torch.cat((kept[number][0], own[0]), 2), torch.cat((kept[number][1], own[1]), 2))
            longer.append(own)
            x = layer.decode(x, own, cross, None, causal=False)  # type: ignore[operator]
        return self.logits(self.decoder_norm(x)[:, 0]).log_softmax(-1), longer

    def logits(self, x: Tensor) -> Tensor:
        """(..., pieces)"""
        return x @ self.table.weight.T

    def _embed(self, ids: Tensor, start: int) -> Tensor:
        x = self.table(ids) * math.sqrt(self.sizes.width) + _places(start, ids.shape[1], self.sizes.width)
        return dropout(x, self.sizes.dropout, self.training)


def _places(start: int, count: int, width: int) -> Tensor:
    """Sines and cosines that tell places apart, (count, width)."""
    angles = torch.arange(start, start + count)[:, None] * torch.exp(
        torch.arange(0, width, 2) * (-math.log(10_000.0) / width)
    )
    return torch.cat((angles.sin(), angles.cos()), dim=1)
