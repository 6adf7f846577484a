"""What a reader learns from: windows of paragraphs that hold an answer, and where it stands in them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from turncoat.data.reading import ReadingDataset, ReadingExample
from turncoat.errors import UsageError
from turncoat.models.tokens import pad
from turncoat.models.windows import Reach, Windows

Ids = NDArray[np.int64]


class AnswerWindows:
    """All windows of a data set that hold a gold answer. Each annotator's answer has an equal share of the target.

    Attributes:
        lengths: tokens of each window (windows,).

    Raises:
        UsageError: the data set is empty.
    """

    def __init__(self, dataset: ReadingDataset, tokenizer: PreTrainedTokenizerBase, reach: Reach) -> None:
        if not len(dataset):
            raise UsageError(f"{dataset.name}: expected questions to learn from, got none")
        self._tokenizer = tokenizer
        self._windows = Windows(tokenizer, [(example.question, example.text) for example in dataset], reach)
        rows, self._spans = [], []
        for row, (owner, inside, places) in zip(self._windows.numbers, self._windows.paragraphs(), strict=True):
            if len(spans := _spans(dataset[owner], places)):
                rows.append(row)
                self._spans.append(inside[spans])
        self._rows: Ids = np.array(rows)
        self.lengths: Ids = self._windows.lengths[self._rows]

    def inputs(self, chosen: Ids) -> dict[str, Tensor]:
        """What the model reads, each (windows, tokens)."""
        return pad(self._tokenizer, self._windows.rows(self._rows[chosen]), int(self.lengths[chosen].max()))

    def targets(self, chosen: Ids, inputs: dict[str, Tensor]) -> Tensor:
        """Shares of the answers' first and last tokens (windows, 2, tokens)."""
        width = inputs["input_ids"].shape[1]
        targets = torch.zeros(len(chosen), 2, width)
        for i, window in enumerate(chosen):
            blanks = (width - int(self.lengths[window])) * (self._tokenizer.padding_side == "left")
            for first, last in self._spans[window] + blanks:
                targets[i, 0, first] += 1 / len(self._spans[window])
                targets[i, 1, last] += 1 / len(self._spans[window])
        return targets


def _spans(example: ReadingExample, places: Ids) -> Ids:
    """First and last of a window's pieces (pieces, 2) for each gold answer that lies in it whole, (answers, 2)."""
    spans = []
    for answer, start in zip(example.answers, example.starts, strict=True):
        first = start + len(answer) - len(answer.lstrip())
        last = first + len(answer.strip())
        pieces = np.flatnonzero((places[:, 1] > first) & (places[:, 0] < last))
        if len(pieces) and places[pieces[0], 0] <= first and places[pieces[-1], 1] >= last:
            spans.append((pieces[0], pieces[-1]))
    return np.array(spans, np.int64).reshape(-1, 2)
