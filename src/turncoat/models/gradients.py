"""A transformer's loss gradients at its word embeddings, pooled over the pieces of each word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from turncoat.engine.query import Labelled, WordGradients
from turncoat.models.tokens import BATCHING, pad
from turncoat.text import Text

DIGITS = 6  # kept of a text's largest component: batches of other shapes move the last bits


def word_gradients(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, max_tokens: int, asked: Sequence[Labelled]
) -> NDArray[np.object_]:
    """`WordGradients` of -log F_label for each text, (texts,).

    The gradient is taken at the output of the word embedding, before position and segment are added, with dropout off.
    A word's is the mean over the pieces that the model sees of it; a word cut off altogether has 0.
    """
    encoding = tokenizer(
        [str(each.text) for each in asked], truncation=True, max_length=max_tokens, return_offsets_mapping=True
    )
    offsets = [np.array(pairs, np.int64) for pairs in encoding.pop("offset_mapping")]

    def answer(rows: NDArray[np.int64], length: int) -> NDArray[np.object_]:
        inputs = pad(
            tokenizer, {key: [encoding[key][row] for row in rows] for key in encoding}, min(length, max_tokens)
        )
        labels = torch.tensor([asked[row].label for row in rows])
        embeddings, gradients = _at_embeddings(model, inputs, labels)
        answers = np.empty(len(rows), object)
        for i, row in enumerate(rows):
            pieces = inputs["attention_mask"][i].bool()
            answers[i] = _pooled(asked[row].text, offsets[row], embeddings[i, pieces], gradients[i, pieces])
        return answers

    return BATCHING.answer(np.array([len(pairs) for pairs in offsets], np.int64), answer)


def _at_embeddings(model: PreTrainedModel, inputs: dict[str, Tensor], labels: Tensor) -> tuple[Tensor, Tensor]:
    """Word embeddings and the loss's gradients there, both (rows, tokens, dimensions)."""
    table: nn.Module = model.get_input_embeddings()
    with torch.enable_grad(), _as_leaf(table) as leaves:
        logits = model(**inputs).logits
        (gradients,) = torch.autograd.grad(cross_entropy(logits, labels, reduction="sum"), leaves)
    return leaves[0].detach(), gradients


@contextmanager
def _as_leaf(table: nn.Module) -> Iterator[list[Tensor]]:
    """Lets a gradient be taken where the table hands out its vectors; they are appended to what is yielded."""
    leaves: list[Tensor] = []

    def cut(module: nn.Module, inputs: object, output: Tensor) -> Tensor:
        leaves.append(output.detach().requires_grad_())
        return leaves[-1]

    hook = table.register_forward_hook(cut)
    try:
        yield leaves
    finally:
        hook.remove()


def _pooled(text: Text, offsets: NDArray[np.int64], embeddings: Tensor, gradients: Tensor) -> WordGradients:
    """Means over the pieces of each word; `offsets` (tokens, 2) says which characters a piece stands for."""
    starts = np.array([text.offset(i) for i in range(len(text))], np.int64)
    ends = starts + np.array([len(word) for word in text.words], np.int64)
    belongs = (offsets[:, 0] < ends[:, None]) & (offsets[:, 1] > starts[:, None])  # (words, tokens)
    shares = belongs / np.maximum(belongs.sum(axis=1, keepdims=True), 1)
    slopes = gradients.double().numpy()
    products = (slopes * embeddings.double().numpy()).sum(axis=1)
    return WordGradients(_rounded(shares @ slopes), _rounded(shares @ products))


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    largest = np.abs(values).max(initial=0.0)
    digits = DIGITS - 1 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    return np.round(values, digits).astype(np.float32)
