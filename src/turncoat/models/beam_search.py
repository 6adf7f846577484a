"""Beam search: the most probable translations, many sources of one length at once.

What is found for a source does not depend on the others, as long as products of a multiple of `batching.ROWS` rows
agree to the bit: sources are worked on in such multiples, and none is padded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from turncoat.errors import UsageError
from turncoat.models.batching import ROWS
from turncoat.models.small_transformer import KeyValues, SmallTransformer

PAD, UNKNOWN, START, END = range(4)  # numbers of the pieces that are no text


@dataclass(frozen=True, kw_only=True)
class Beams:
    """How to search.

    Attributes:
        width: unfinished translations of a source that are kept; 1 takes the most probable piece each time.
        power: a translation of n pieces (its end counted) with log-probability p is worth p / n^power.

    Raises:
        UsageError: numbers that cannot be.
    """

    width: int = 4
    power: float = 1.0

    def __post_init__(self) -> None:
        if self.width < 1 or self.power < 0:
            raise UsageError(f"expected width >= 1 and power >= 0, got {self.width} and {self.power}")


@torch.inference_mode()
def search(network: SmallTransformer, sources: Tensor, beams: Beams, most: int) -> list[list[int]]:
    """The best translation found for each source, without start and end.

    A source is done when as many translations have ended as the beam is wide; of those the one that is worth most is
    taken, the shortest if several are. A translation ends only where its end is among the `width` best continuations.

    Args:
        sources: pieces (rows, length) without padding.
        most: pieces of a translation, its end counted, at which it must end.
    """
    live = _Live.begin(network, sources, beams.width)
    found: list[list[int]] = [[] for _ in sources]
    worth = torch.full((len(sources),), -torch.inf)
    ended = torch.zeros(len(sources), dtype=torch.int64)
    for length in range(1, most + 1):
        totals, origins, pieces, kept = live.continuations(network, must_end=length == most)
        ending = (pieces == END) & (totals > -torch.inf)
        ending[:, beams.width :] = False
        values = torch.where(ending, totals / length**beams.power, -torch.inf)
        for row in ending.any(1).nonzero().flatten().tolist():  # rows that stand for one source agree
            source, rank = int(live.sources[row]), int(values[row].argmax())
            if ended[source] < beams.width and values[row, rank] > worth[source]:
                worth[source] = values[row, rank]
                found[source] = live.pieces[row, origins[row, rank]].tolist()
        ended.index_put_((live.sources,), ended[live.sources] + ending.sum(1))
        totals = totals.masked_fill(pieces == END, -torch.inf)
        over = (ended[live.sources] >= beams.width) | (totals.amax(1) == -torch.inf)
        if over.all():
            break
        live = live.go_on(totals, origins, pieces, kept).without(over)
    return found


@dataclass(frozen=True)
class _Live:
    """Unfinished translations.

    Attributes:
        sources: number of the source of each row (rows,).
        crosses: what the decoder sees of them.
        kept: keys and values of the pieces so far, (rows x width, ...).
        scores: log-probabilities (rows, width); -inf where there is none.
        pieces: (rows, width, length).
    """

    sources: Tensor
    crosses: list[KeyValues]
    kept: list[KeyValues]
    scores: Tensor
    pieces: Tensor

    @classmethod
    def begin(cls, network: SmallTransformer, sources: Tensor, width: int) -> _Live:
        scores = torch.full((len(sources), width), -torch.inf)
        scores[:, 0] = 0
        nothing = torch.empty(len(sources), width, 0, dtype=torch.int64)
        return cls(torch.arange(len(sources)), network.encode(sources), [], scores, nothing)

    def continuations(
        self, network: SmallTransformer, must_end: bool
    ) -> tuple[Tensor, Tensor, Tensor, list[KeyValues]]:
        """The 2 x width best: log-probabilities, which translation each continues, and the piece (rows, 2 x width);
        and all keys and values so far, (rows x width, ...).
        """
        rows, width = self.scores.shape
        last = self.pieces[:, :, -1] if self.pieces.shape[2] else torch.full((rows, width), START)
        logs, kept = network.step(last.flatten(), self.crosses, self.kept)
        logs[:, [PAD, UNKNOWN, START]] = -torch.inf
        if must_end:
            logs[:, END + 1 :] = -torch.inf
        totals = (self.scores[:, :, None] + logs.view(rows, width, -1)).flatten(1)
        best, where = totals.topk(min(2 * width, totals.shape[1]))
        return best, where // logs.shape[1], where % logs.shape[1], kept

    def go_on(self, totals: Tensor, origins: Tensor, pieces: Tensor, kept: list[KeyValues]) -> _Live:
        """The `width` best of the continuations."""
        rows, width = self.scores.shape
        scores, ranks = totals.topk(min(width, totals.shape[1]))
        if scores.shape[1] < width:  # a vocabulary smaller than the beam
            fill = width - scores.shape[1]
            scores = torch.nn.functional.pad(scores, (0, fill), value=-torch.inf)
            ranks = torch.nn.functional.pad(ranks, (0, fill))
        origins, pieces = origins.gather(1, ranks), pieces.gather(1, ranks)
        flat = (torch.arange(rows)[:, None] * width + origins).flatten()
        so_far = self.pieces[torch.arange(rows)[:, None], origins]
        chosen = [(keys[flat], values[flat]) for keys, values in kept]
        return _Live(self.sources, self.crosses, chosen, scores, torch.cat((so_far, pieces[:, :, None]), 2))

    def without(self, over: Tensor) -> _Live:
        """Only the rows that are not over, repeated to a multiple of `ROWS`, where that halves the work."""
        rows, width = self.scores.shape
        left = (~over).nonzero().flatten().numpy()
        count = -(-len(left) // ROWS) * ROWS
        if 2 * count > rows:
            return self
        chosen = torch.from_numpy(np.resize(left, count))
        flat = (chosen[:, None] * width + torch.arange(width)).flatten()
        return _Live(
            self.sources[chosen],
            [(keys[chosen], values[chosen]) for keys, values in self.crosses],
            [(keys[flat], values[flat]) for keys, values in self.kept],
            self.scores[chosen],
            self.pieces[chosen],
        )
