"""Readers from Hugging Face: any extractive question answerer with safetensors weights, on paragraphs of any length."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForQuestionAnswering, PreTrainedModel, PreTrainedTokenizerBase

from turncoat.engine.query import Asked, Reading
from turncoat.errors import BrokenData, UsageError
from turncoat.models.batching import split_like
from turncoat.models.card import FILE, read_card
from turncoat.models.finding import find_folder
from turncoat.models.fingerprint import fingerprint
from turncoat.models.pretrained import load_pretrained, need_fast
from turncoat.models.reader import Reader
from turncoat.models.spans import Window, best_reading
from turncoat.models.tokens import BATCHING, pad
from turncoat.models.windows import Reach, Windows
from turncoat.text import Text

KIND = "reader"
AT_ONCE = 256  # questions that are cut into windows together


class TransformerReader(Reader):
    """A span predictor and its tokenizer, in float32. It always answers, also where SQuAD 2.0's models would decline.

    Attributes:
        weights: name of the file that holds the weights.
        reach: how much it reads at a time, and which spans may be answers.
    """

    weights: ClassVar[str] = "model.safetensors"

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str, reach: Reach) -> None:
        model.eval()  # type: ignore[no-untyped-call]
        self.model, self.tokenizer, self.name = model, tokenizer, name
        self.reach = reach.within(model, tokenizer)
        self.unknown = tokenizer.unk_token or "[UNK]"
        self.fingerprint = hashlib.sha256(f"{fingerprint(model)} {asdict(self.reach)}".encode()).hexdigest()

    def read(self, batches: Sequence[Sequence[Asked]]) -> list[NDArray[np.object_]]:
        asked = list(chain.from_iterable(batches))
        numbers: dict[Asked, int] = {}
        same = np.array([numbers.setdefault(each, len(numbers)) for each in asked], np.int64)
        distinct = list(numbers)
        readings = np.empty(len(distinct), object)
        with torch.inference_mode():
            for start in range(0, len(distinct), AT_ONCE):
                readings[start : start + AT_ONCE] = self._read(distinct[start : start + AT_ONCE])
        return split_like(readings[same], batches)

    def visible(self, text: Text) -> int:
        return len(text)

    def write(self, folder: Path) -> None:
        """Write model and tokenizer into an existing folder."""
        self.model.save_pretrained(folder, max_shard_size="1TB")  # one file, so that one checksum covers it
        self.tokenizer.save_pretrained(folder)

    def _read(self, asked: Sequence[Asked]) -> list[Reading]:
        windows = Windows(self.tokenizer, [(each.question, str(each.text)) for each in asked], self.reach)

        def scores(rows: NDArray[np.int64], length: int) -> NDArray[np.object_]:
            """Start and end scores (2, tokens) of each row."""
            inputs = pad(self.tokenizer, windows.rows(rows), min(length, self.reach.max_tokens))
            output = self.model(**inputs)
            pairs = torch.stack([output.start_logits, output.end_logits], 1).float()
            answer = np.empty(len(rows), object)
            answer[:] = [
                pair[:, seen].numpy() for pair, seen in zip(pairs, inputs["attention_mask"].bool(), strict=True)
            ]
            return answer

        answers = BATCHING.answer(windows.lengths, scores)
        found: list[list[Window]] = [[] for _ in asked]
        for number, (owner, inside, places) in zip(windows.numbers, windows.paragraphs(), strict=True):
            starts, ends = answers[number][:, inside]
            found[owner].append(Window(places, starts, ends))
        return [
            best_reading(str(each.text), seen, self.reach.most_pieces, self.reach.likely)
            for each, seen in zip(asked, found, strict=True)
        ]


def load_transformer_reader(name: str, online: bool = False) -> TransformerReader:
    """A question answerer from a folder or from the hub.

    Raises:
        UsageError: the model has no safetensors weights, no trained span head, or no fast tokenizer.
        MissingResource: see `find_folder`.
    """
    model, tokenizer = load_parts(find_folder(name, online))
    return TransformerReader(model, tokenizer, Path(name).name, Reach())


def load_trained_reader(folder: Path) -> TransformerReader:
    """A reader that turncoat trained.

    Raises:
        UsageError: the card is of something else. BrokenData: the files are damaged.
    """
    card = read_card(folder)
    if card.kind != KIND:
        raise UsageError(f"{folder}: expected a reader (kind {KIND!r} in {FILE}), got {card.kind!r}")
    try:
        reach = Reach(**card.architecture["reach"])
    except (KeyError, TypeError) as error:
        raise BrokenData(f"{folder / FILE}: expected the reach of a reader under architecture: {error}") from error
    model, tokenizer = load_parts(folder)
    return TransformerReader(model, tokenizer, folder.name, reach)


def load_parts(folder: Path, new_head: bool = False) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model and tokenizer of a folder; with `new_head`, untrained span scores may stand on top.

    Raises:
        UsageError: as for `load_transformer_reader`.
    """
    model, tokenizer = load_pretrained(
        AutoModelForQuestionAnswering, folder, "question answerer",
        advice="fine-tune it first (turncoat train reader)", new_head=new_head,
    )  # fmt: skip
    need_fast(folder, tokenizer)
    return model, tokenizer
