"""Strings as micro-batches of token numbers, for models that come with a Hugging Face tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging

from turncoat.models.batching import Batching

logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # loading weights takes a moment; its bar would tear ours

BATCHING = Batching(tokens=1024, grid=4)  # measured in benchmarks/micro_batches.py


def answer_strings(
    tokenizer: PreTrainedTokenizerBase,
    strings: Sequence[str],
    max_tokens: int,
    forward: Callable[[dict[str, Tensor]], Tensor],
) -> NDArray[np.float32]:
    """Answers (strings, ...) of `forward`, which is shown each distinct row of tokens once.

    Args:
        max_tokens: longer inputs are cut off.
        forward: takes `input_ids`, `attention_mask` and the like, each (rows, tokens); gives (rows, ...).
    """
    encoding = tokenizer(list(strings), truncation=True, max_length=max_tokens)
    rows: dict[tuple[int, ...], int] = {}
    numbers = np.array([rows.setdefault(tuple(ids), len(rows)) for ids in encoding["input_ids"]], np.int64)
    lengths = np.array([len(ids) for ids in rows], np.int64)
    firsts = np.unique(numbers, return_index=True)[1]

    def answer(chosen: NDArray[np.int64], length: int) -> NDArray[np.float32]:
        rows = {key: [encoding[key][firsts[row]] for row in chosen] for key in encoding}
        return forward(pad(tokenizer, rows, min(length, max_tokens))).float().numpy()

    with torch.inference_mode():
        return BATCHING.answer(lengths, answer)[numbers]


def pad(tokenizer: PreTrainedTokenizerBase, rows: dict[str, list[list[int]]], length: int) -> dict[str, Tensor]:
    """Rows of numbers of every kind as tensors (rows, length), padded on the tokenizer's side."""
    fills = {"input_ids": tokenizer.pad_token_id, "token_type_ids": tokenizer.pad_token_type_id}
    left = tokenizer.padding_side == "left"
    padded = {}
    for key, values in rows.items():
        fill = [fills.get(key, 0)]
        short = [(row, fill * (length - len(row))) for row in values]
        padded[key] = torch.tensor([blank + row if left else row + blank for row, blank in short])
    return padded
