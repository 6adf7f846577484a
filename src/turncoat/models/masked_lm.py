"""A masked language model from Hugging Face: which words fit a hole in a text, and how likely a given one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM, PreTrainedModel, PreTrainedTokenizerFast

from turncoat.engine.query import FILLS, Cloze
from turncoat.errors import UsageError
from turncoat.models.batching import ROWS, Rows, split_like
from turncoat.models.filling import DEFAULT_MASKED_LM, WINDOW, around, masked_lm_folder
from turncoat.models.pretrained import load_pretrained
from turncoat.models.tokens import BATCHING, pad
from turncoat.models.whole_words import WholeWords

DIGITS = 6
Hole = tuple[str, str, int]  # what stands before and after it, and the number of masks in it


class MaskedLanguageModel:
    """Answers `Fill` and `Weigh`. Sees at most `WINDOW` tokens on either side of a hole; code in its folder is not run.

    Only the hidden states at the masks are turned into logits, and each distinct hole is read once.

    Args:
        name: folder or hub name; None for the one found on this machine.
        online: whether the hub may be asked.

    Raises:
        MissingResource: the model is not on this machine.
        UsageError: the folder is no masked language model with safetensors weights and a fast tokenizer.
    """

    def __init__(self, name: str | None = None, online: bool = False) -> None:
        self.model, self.tokenizer = load_parts(masked_lm_folder(name, online))
        self.name = name or DEFAULT_MASKED_LM
        self.backend = self.tokenizer.backend_tokenizer
        self.backend.no_truncation()
        self.backend.no_padding()
        self.head, pieces = _head(self.model, self.tokenizer.mask_token_id)
        self.whole = WholeWords(self.tokenizer, pieces)
        framed = self.tokenizer("a", return_special_tokens_mask=True)
        ids, special = framed["input_ids"], framed["special_tokens_mask"]
        start, end = special.index(0), len(ids) - special[::-1].index(0)
        self.opening, self.closing = ids[:start], ids[end:]
        self.limit = _limit(self.model, self.tokenizer)
        self.room = self.limit - len(self.opening) - len(self.closing)
        # Places enough for the case variants of FILLS words, of the original, and of how the model writes that.
        self.ranked = min((FILLS + 2) * self.whole.variants, pieces)

    def fill(self, batches: Sequence[Sequence[Cloze]]) -> list[NDArray[Any]]:
        """The best other words for each word, (clozes, FILLS) str objects; see `Fill` and `WholeWords`."""
        clozes = list(chain.from_iterable(batches))
        sides = [around(cloze) for cloze in clozes]
        holes: dict[Hole, int] = {}
        numbers = [holes.setdefault((before, after, 1), len(holes)) for before, after in sides]
        marked = np.array([self.whole.marked(before) for before, _, _ in holes], np.int64)
        banned = torch.from_numpy(~self.whole.allowed)
        ranking = np.empty((len(holes), self.ranked), np.int64)
        for rows, logits in self._read(list(holes)):
            values, ids = logits.masked_fill(banned[marked[rows]], -torch.inf).topk(self.ranked)
            order = np.lexsort((ids.numpy(), -values.numpy()))  # equal ones: the lower number first
            ranking[rows] = np.take_along_axis(ids.numpy(), order, 1)
        answers = np.full((len(clozes), FILLS), "", dtype=object)
        for answer, number, cloze, (before, _) in zip(answers, numbers, clozes, sides, strict=True):
            words = self.whole.others(ranking[number], cloze.text.words[cloze.position], before)[:FILLS]
            answer[: len(words)] = words
        return split_like(answers, batches)

    def weigh(self, batches: Sequence[Sequence[Cloze]]) -> list[NDArray[np.float64]]:
        """Log-probability of each word in its place, (clozes,) nats, rounded to six digits; see `Weigh`.

        Raises:
            UsageError: a cloze has no word.
        """
        clozes = list(chain.from_iterable(batches))
        holes: dict[Hole, list[int]] = {}  # and the clozes that ask about them
        pieces = []
        for i, cloze in enumerate(clozes):
            if not cloze.word:
                raise UsageError(f"expected a word to weigh at position {cloze.position} of {cloze.text}, got none")
            before, after = around(cloze)
            pieces.append(self.whole.pieces(cloze.word, before)[: self.room])
            holes.setdefault((before, after, len(pieces[i])), []).append(i)
        weights = np.empty(len(clozes))
        asked = list(holes.items())
        for rows, logits in self._read(list(holes)):
            chances, first = (logits - logits.logsumexp(1, keepdim=True)).numpy(), 0
            for (_, _, masks), members in (asked[row] for row in rows):
                chosen = chances[np.arange(first, first + masks), np.array([pieces[i] for i in members])]
                weights[members] = chosen.sum(1, dtype=np.float64)
                first += masks
        return split_like(np.round(weights, DIGITS), batches)

    def _read(self, holes: Sequence[Hole]) -> Iterator[tuple[Rows, Tensor]]:
        """Some of the holes at a time, by index, with the logits (masks, pieces) at their masks, hole after hole."""
        tokens, places = self._tokens(holes)
        lengths = np.array([len(row) for row in tokens], np.int64)
        for rows, length in BATCHING.cut(lengths):
            whole = np.resize(rows, -(-len(rows) // ROWS) * ROWS)  # repeats rows to fill up, and masks likewise
            masks = np.array([(i, places[row] + j) for i, row in enumerate(rows) for j in range(holes[row][2])])
            at = np.resize(masks, (-(-len(masks) // ROWS) * ROWS, 2))
            columns = {
                "input_ids": [tokens[row] for row in whole],
                "attention_mask": [[1] * len(tokens[row]) for row in whole],
            }
            inputs = pad(self.tokenizer, columns, min(length, self.limit))
            with torch.inference_mode():
                logits = self._logits(inputs, torch.from_numpy(at))
            yield rows, logits[: len(masks)]

    def _logits(self, inputs: dict[str, Tensor], at: Tensor) -> Tensor:
        """Logits (places, pieces) at places (places, 2): row and column."""
        if self.head is None:
            return self.model(**inputs).logits[at[:, 0], at[:, 1]]  # type: ignore[no-any-return]
        hidden = self.model.base_model(**inputs).last_hidden_state
        return self.head(hidden[at[:, 0], at[:, 1]])  # type: ignore[no-any-return]

    def _tokens(self, holes: Sequence[Hole]) -> tuple[list[list[int]], list[int]]:
        """The model's input for each hole, cut to the window, and the column of its first mask."""
        strings = [before + self.tokenizer.mask_token * masks + after for before, after, masks in holes]
        tokens, places = [], []
        encodings = self.backend.encode_batch(strings, add_special_tokens=False)
        for (before, _, masks), found in zip(holes, encodings, strict=True):
            first = next(i for i, (_, end) in enumerate(found.offsets) if end > len(before))
            radius = min(WINDOW, (self.room - masks) // 2)
            start = max(0, first - radius)
            tokens.append([*self.opening, *found.ids[start : first + masks + radius], *self.closing])
            places.append(len(self.opening) + first - start)
        return tokens, places


def load_parts(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Model, in float32, and tokenizer of a folder.

    Raises:
        UsageError: as for `MaskedLanguageModel`.
    """
    advice = "choose a model that was trained to fill masks"
    model, tokenizer = load_pretrained(AutoModelForMaskedLM, folder, "masked language model", advice=advice)
    if not isinstance(tokenizer, PreTrainedTokenizerFast) or tokenizer.mask_token is None:
        raise UsageError(f"{folder}: expected a fast tokenizer with a mask token, got {type(tokenizer).__name__}")
    tokenizer.padding_side = "right"
    return model, tokenizer


def _head(model: PreTrainedModel, mask: int) -> tuple[nn.Module | None, int]:
    """What turns hidden states into logits, if the model keeps it in one piece, and the length of a row of logits."""
    probe = torch.full((1, 4), mask)
    head = getattr(model, "cls", getattr(model, "lm_head", None))
    with torch.inference_mode():
        expected = model(probe).logits
        if head is not None:
            found = head(model.base_model(probe).last_hidden_state)
            head = head if found.shape == expected.shape and torch.allclose(found, expected, atol=1e-4) else None
    return head, expected.shape[-1]


def _limit(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> int:
    """Longest input in tokens."""
    positions = getattr(model.config, "max_position_embeddings", 0)
    return int(min(tokenizer.model_max_length, positions - 2 if positions > 0 else 512))  # RoBERTa cannot use two
