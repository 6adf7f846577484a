"""Questions with their paragraphs as rows of tokens: a long paragraph makes several windows that overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from turncoat.errors import UsageError

Ids = NDArray[np.int64]
OWN = ("offset_mapping", "overflow_to_sample_mapping")  # what the tokenizer tells us and not the model


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How much a reader reads at a time, and which spans may be answers.

    Attributes:
        max_tokens: of a window, question and special tokens included.
        overlap: tokens of the paragraph that a window shares with the next one.
        question_tokens: longer questions are cut off.
        most_pieces: tokens of the longest answer.
        likely: number of spans that share the probability.
    """

    max_tokens: int = 384
    overlap: int = 128
    question_tokens: int = 64
    most_pieces: int = 30
    likely: int = 20

    def __post_init__(self) -> None:
        if min(self.overlap, self.question_tokens, self.most_pieces, self.likely) < 1:
            raise UsageError("expected overlap, question_tokens, most_pieces and likely of at least 1")

    def within(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Reach:
        """The same, in windows that the model can take.

        Raises:
            UsageError: no window of that size has room for more of the paragraph than the overlap.
        """
        limits = [tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", self.max_tokens)]
        most = min(self.max_tokens, *map(int, limits))
        room = most - self.question_tokens - tokenizer.num_special_tokens_to_add(pair=True)
        if room <= self.overlap:
            raise UsageError(
                f"expected windows with more than {self.overlap} tokens of the paragraph (overlap), but {most} tokens "
                f"leave room for {room} beside a question of {self.question_tokens}; lower overlap or question_tokens"
            )
        return replace(self, max_tokens=most)


class Windows:
    """All windows of some pairs (question, paragraph), each distinct row of tokens kept once.

    Attributes:
        numbers: index of each window's distinct row (windows,).
        lengths: tokens of each distinct row (rows,).
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, pairs: Sequence[tuple[str, str]], reach: Reach) -> None:
        questions = [_shortened(tokenizer, question, reach.question_tokens) for question, _ in pairs]
        self._encoding = tokenizer(
            questions,
            [paragraph for _, paragraph in pairs],
            truncation="only_second",
            max_length=reach.max_tokens,
            stride=reach.overlap,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        self._inputs = {key: rows for key, rows in self._encoding.items() if key not in OWN}
        rows: dict[tuple[int, ...], int] = {}
        ids = self._inputs["input_ids"]
        self.numbers: Ids = np.array([rows.setdefault(tuple(row), len(rows)) for row in ids], np.int64)
        self._firsts = np.unique(self.numbers, return_index=True)[1]
        self.lengths: Ids = np.array([len(row) for row in rows], np.int64)

    def rows(self, chosen: Ids) -> dict[str, list[list[int]]]:
        """The model's inputs for some distinct rows."""
        return {key: [rows[self._firsts[row]] for row in chosen] for key, rows in self._inputs.items()}

    def paragraphs(self) -> Iterator[tuple[int, Ids, Ids]]:
        """For each window: whose it is, which of its tokens are the paragraph's, and their first and past-the-end
        characters (tokens, 2)."""
        owners, offsets = (self._encoding[key] for key in reversed(OWN))
        for window, (owner, places) in enumerate(zip(owners, offsets, strict=True)):
            inside = np.flatnonzero(np.array([part == 1 for part in self._encoding.sequence_ids(window)]))
            yield owner, inside, np.array(places, np.int64).reshape(-1, 2)[inside]


def _shortened(tokenizer: PreTrainedTokenizerBase, question: str, most: int) -> str:
    if len(question) <= most:
        return question
    places = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return question if len(places) <= most else question[: places[most - 1][1]]
