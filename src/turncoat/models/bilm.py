"""A language model of characters and words that reads both ways: the inputs of "word + character" models.

Source: M. Peters, M. Neumann, M. Iyyer, M. Gardner, C. Clark, K. Lee, L. Zettlemoyer. "Deep Contextualized Word
Representations." NAACL 2018 (ELMo). A word is spelled out in bytes, convolutions and highways make a vector of it, and
two layers of projected memories in each direction read the sentence. The sizes of the original are `ORIGINAL`; its
weights are read by `bilm_files.py`, a small model of our own is trained by `training/bilm.py`.

Differences from the original: a text's states start from zero, where the original's go on from the batch before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from turncoat.models.batching import ROWS
from turncoat.models.stacks import backward_order

BYTES, START, END, WORD_START, WORD_END, NOTHING = 256, 256, 257, 258, 259, 260  # as the original numbers them
PADDING_WORD, START_WORD, END_WORD = 0, 1, 2
REMEMBERED = 1 << 28  # bytes of states that are kept for other models that read the same


@dataclass(frozen=True, kw_only=True)
class BiLMSizes:
    """The sizes of a bidirectional language model; the defaults are those of our small one.

    Attributes:
        characters: dimensions of a byte's vector.
        filters: (width, number) of the convolutions over bytes.
        highways: highway layers above them.
        projected: dimensions of a word's vector, and of a state in one direction.
        cells: of each memory.
        longest: bytes of a word that are read, its two ends counted.
        clip: cells and states are kept within -clip to clip.
    """

    characters: int = 16
    filters: tuple[tuple[int, int], ...] = ((1, 32), (2, 32), (3, 64), (4, 64), (5, 64))
    highways: int = 1
    projected: int = 128
    cells: int = 256
    longest: int = 50
    clip: float = 3.0


ORIGINAL = BiLMSizes(
    filters=((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024)),
    highways=2, projected=512, cells=4096,
)  # fmt: skip


class Highway(nn.Module):
    """Carries its input past a layer, as much as a gate says."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.gate, self.transform = nn.Linear(size, size), nn.Linear(size, size)
        nn.init.constant_(self.gate.bias, -2.0)  # begins by handing on what it is given

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(self.gate(x))
        return gate * functional.relu(self.transform(x)) + (1 - gate) * x


class Speller(nn.Module):
    """The vector of a word from its bytes."""

    def __init__(self, sizes: BiLMSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.bytes = nn.Embedding(NOTHING + 1, sizes.characters)
        self.filters = nn.ModuleList(nn.Linear(width * sizes.characters, count) for width, count in sizes.filters)
        total = sum(count for _, count in sizes.filters)
        self.highways = nn.Sequential(*(Highway(total) for _ in range(sizes.highways)))
        self.projection = nn.Linear(total, sizes.projected)

    def forward(self, spelled: Tensor) -> Tensor:
        """Vectors (words, projected) of bytes (words, longest)."""
        vectors = self.bytes(spelled)
        strongest = [
            layer(vectors.unfold(1, width, 1).transpose(2, 3).flatten(2)).amax(1)
            for (width, _), layer in zip(self.sizes.filters, self.filters, strict=True)
        ]
        return self.projection(self.highways(functional.relu(torch.cat(strongest, dim=1))))  # type: ignore[no-any-return]

    def spell(self, word: str | int) -> list[int]:
        """The bytes of a word, or of one of the numbered marks START and END, filled up to `longest`."""
        letters = [word] if isinstance(word, int) else [*word.encode("utf-8", "replace")][: self.sizes.longest - 2]
        spelled = [WORD_START, *letters, WORD_END]
        return spelled + [NOTHING] * (self.sizes.longest - len(spelled))


class ProjectedMemory(nn.Module):
    """A memory whose state is a projection of its output (Sak et al. 2014); cells and states are clipped."""

    def __init__(self, size: int, sizes: BiLMSizes) -> None:
        super().__init__()
        self.cells, self.clip = sizes.cells, sizes.clip
        self.inputs = nn.Linear(size, 4 * sizes.cells)  # gates in the order input, candidate, forget, output
        self.states = nn.Linear(sizes.projected, 4 * sizes.cells, bias=False)
        self.projection = nn.Linear(sizes.cells, sizes.projected, bias=False)
        with torch.no_grad():
            self.inputs.bias[2 * sizes.cells : 3 * sizes.cells] = 1.0  # remembers at first

    def forward(self, vectors: Tensor) -> Tensor:
        """States (texts, steps, projected) of vectors (texts, steps, size)."""
        given = self.inputs(vectors)
        state, memory = vectors.new_zeros(len(vectors), self.projection.out_features), vectors.new_zeros(1, self.cells)
        states = []
        for step in range(vectors.shape[1]):
            enter, candidate, keep, leave = (given[:, step] + self.states(state)).chunk(4, dim=1)
            memory = torch.sigmoid(keep) * memory + torch.sigmoid(enter) * torch.tanh(candidate)
            memory = memory.clamp(-self.clip, self.clip)
            state = self.projection(torch.sigmoid(leave) * torch.tanh(memory)).clamp(-self.clip, self.clip)
            states.append(state)
        return torch.stack(states, dim=1)


class BiLM(nn.Module):
    """The whole model: three vectors a word (its own, and the two layers' states), each of 2 * projected numbers."""

    layers = 3

    def __init__(self, sizes: BiLMSizes) -> None:
        super().__init__()
        self.sizes, self.size = sizes, 2 * sizes.projected
        self.speller = Speller(sizes)
        self.readers = nn.ModuleList(
            nn.ModuleList(ProjectedMemory(sizes.projected, sizes) for _ in range(2)) for _ in range(2)
        )

    def forward(self, vectors: Tensor, lengths: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """States before, after the first and after the second layer, of each direction, marks at both ends included.

        Args:
            vectors: of words (texts, steps, projected). lengths: steps that count (texts,).
        """
        order = backward_order(lengths, vectors.shape[1])[:, :, None].expand_as(vectors)
        directions = []
        for direction in range(2):
            states = vectors if direction == 0 else vectors.gather(1, order)
            found = [states]
            for layer, readers in enumerate(self.readers):
                read = readers[direction](states)  # type: ignore[index]
                states = read + states if layer else read  # the second layer adds to what it read
                found.append(states)
            directions.append(found if direction == 0 else [state.gather(1, order) for state in found])
        return directions[0], directions[1]


class WordStates:
    """What a frozen model makes of texts; keeps the vectors of words, and the states of the last texts it was shown.

    One object serves all models that read through the same weights, so that a text that several are asked about is
    read once.
    """

    def __init__(self, model: BiLM) -> None:
        self.model = model.eval()
        self._numbers: dict[str, int] = {}
        self._vectors = torch.empty(0, model.sizes.projected)
        self._states: OrderedDict[bytes, Tensor] = OrderedDict()
        self._held = 0
        self._add([NOTHING, START, END])  # what stands for padding is never read

    def numbers(self, words: Sequence[str]) -> list[int]:
        """Numbers of words, to be shown to `states`; new words get new numbers."""
        new = [word for word in dict.fromkeys(words) if word not in self._numbers]
        if new:
            first = len(self._vectors)
            self._numbers |= {word: first + i for i, word in enumerate(new)}
            self._add(new)
        return [self._numbers[word] for word in words]

    def states(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> Tensor:
        """States (texts, words, 3, size) of word numbers (texts, words), of which the first `lengths` count."""
        key = ids.tobytes() + lengths.tobytes() + str(ids.shape).encode()
        if key not in self._states:
            self._states[key] = found = self._read(torch.from_numpy(ids).long(), torch.from_numpy(lengths))
            self._held += found.nbytes
            while self._held > REMEMBERED and len(self._states) > 1:
                self._held -= self._states.popitem(last=False)[1].nbytes
        return self._states[key]

    @torch.no_grad()
    def _read(self, ids: Tensor, lengths: Tensor) -> Tensor:
        marked = functional.pad(ids, (1, 1))
        marked[:, 0] = START_WORD
        marked[torch.arange(len(ids)), lengths + 1] = END_WORD
        forward, backward = self.model(self._vectors[marked], lengths + 2)
        both = [torch.cat(pair, dim=2) for pair in zip(forward, backward, strict=True)]
        return torch.stack(both, dim=2)[:, 1:-1].clone()

    @torch.no_grad()
    def _add(self, words: Sequence[str | int]) -> None:
        spelled = torch.tensor([self.model.speller.spell(word) for word in words])
        missing = -len(spelled) % ROWS  # a row's bits do not depend on how many other rows there are
        vectors = self.model.speller(torch.cat([spelled, spelled[:1].expand(missing, -1)]))[: len(spelled)]
        self._vectors = torch.cat([self._vectors, vectors])
