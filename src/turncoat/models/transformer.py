"""Victims from Hugging Face: any sequence classifier with safetensors weights. Code in a model folder is never run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedModel, PreTrainedTokenizerBase

from turncoat.engine.query import Labelled
from turncoat.errors import UsageError
from turncoat.models.batching import split_like
from turncoat.models.finding import find_folder
from turncoat.models.fingerprint import fingerprint
from turncoat.models.gradients import word_gradients
from turncoat.models.pretrained import load_pretrained, need_fast
from turncoat.models.storable import Storable
from turncoat.models.tokens import answer_strings
from turncoat.models.victim import Victim, WhiteBox
from turncoat.text import Text

NO_LIMIT = 100_000  # tokenizers without a limit report about 1e30


class TransformerVictim(Storable, WhiteBox):
    """A sequence classifier and its tokenizer, in float32."""

    weights: ClassVar[str] = "model.safetensors"

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> None:
        model.eval()  # type: ignore[no-untyped-call]
        self.model, self.tokenizer, self.name = model, tokenizer, name
        names: dict[Any, str] = model.config.id2label or {}
        self.labels = tuple(str(names[number]) for number in sorted(names))
        self.unknown = tokenizer.unk_token or "[UNK]"
        self.max_tokens = _max_tokens(model, tokenizer)
        self.fingerprint = fingerprint(model)

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        strings = [str(text) for text in chain.from_iterable(batches)]
        return [*split_like(answer_strings(self.tokenizer, strings, self.max_tokens, self._probabilities), batches)]

    def gradients(self, batches: Sequence[Sequence[Labelled]]) -> list[NDArray[np.object_]]:
        asked = [*chain.from_iterable(batches)]
        return split_like(word_gradients(self.model, self.tokenizer, self.max_tokens, asked), batches)

    def visible(self, text: Text) -> int:
        encoding = self.tokenizer(str(text), truncation=True, max_length=self.max_tokens, return_offsets_mapping=True)
        seen = max((end for _, end in encoding["offset_mapping"]), default=0)
        ends = np.cumsum([len(gap) + len(word) for gap, word in zip(text.gaps, text.words, strict=False)])
        return int(np.searchsorted(ends, seen, side="right"))

    def write(self, folder: Path) -> None:
        self.model.save_pretrained(folder, max_shard_size="1TB")  # one file, so that one checksum covers it
        self.tokenizer.save_pretrained(folder)

    def _probabilities(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.model(**inputs).logits.softmax(1)  # type: ignore[no-any-return]


def load_transformer(name: str | Path, online: bool = False) -> Victim:
    """A sequence classifier from a folder or from the hub.

    Raises:
        UsageError: the model has no safetensors weights, no trained classifier, or no fast tokenizer.
        MissingResource: see `find_folder`.
    """
    folder = find_folder(str(name), online)
    model, tokenizer = load_parts(folder)
    return TransformerVictim(model, tokenizer, Path(name).name)


def load_parts(folder: Path, labels: tuple[str, ...] | None = None) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model and tokenizer of a folder; with `labels`, a new classifier for them is put on top.

    Raises:
        UsageError: as for `load_transformer`.
    """
    head = {} if labels is None else {"num_labels": len(labels), "id2label": dict(enumerate(labels))}
    model, tokenizer = load_pretrained(
        AutoModelForSequenceClassification, folder, "classifier", advice="fine-tune it first (turncoat train)",
        new_head=labels is not None, ignore_mismatched_sizes=labels is not None, **head,
    )  # fmt: skip
    _check(folder, model)
    need_fast(folder, tokenizer)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
        model.config.pad_token_id = tokenizer.pad_token_id
    return model, tokenizer


def _check(folder: Path, model: PreTrainedModel) -> None:
    if len(model.config.id2label or {}) < 2 or model.config.problem_type in {
        "regression",
        "multi_label_classification",
    }:
        raise UsageError(
            f"{folder}: expected one label out of two or more, got {model.config.num_labels} "
            f"(problem type {model.config.problem_type})"
        )


def _max_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    if tokenizer.model_max_length < NO_LIMIT:
        return int(tokenizer.model_max_length)
    positions = getattr(model.config, "max_position_embeddings", None)
    return 512 if positions is None else int(positions) - 2  # RoBERTa keeps the first two for itself
