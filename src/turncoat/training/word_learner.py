"""Word networks as learners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from turncoat.continuous.embedding import perturbable
from turncoat.data.example import Dataset
from turncoat.models.embedded import Embedded
from turncoat.models.forms import WordForm
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.networks import WordVictim, build_network
from turncoat.models.vocabulary import PADDING
from turncoat.training.batching import Rows
from turncoat.training.learners import Learner, architecture_of, golds_of
from turncoat.training.normalising import normalise, plain
from turncoat.training.perturbing import Perturbing, Vectors
from turncoat.training.recipes import Cnn, DocumentReader, Gradual, Lstm
from turncoat.training.rows import WordRows
from turncoat.training.vocabulary import common_words, count_words

KINDS: Mapping[type[Gradual], str] = {Cnn: "cnn", Lstm: "lstm", DocumentReader: "lstm-lm"}


class WordLearner(Learner):
    """A word network.

    The vocabulary is that of the labelled texts; for a reader that learns a language first, of all texts.

    Attributes:
        texts, unlabelled: what it learns from.
    """

    network: Embedded
    perturbing: Perturbing

    def __init__(self, dataset: Dataset, recipe: Cnn | Lstm | DocumentReader, unlabelled: Sequence[str] = ()) -> None:
        self.name, self.labels, self.max_words = dataset.name, dataset.labels, recipe.max_words
        strings = [example.text for example in dataset]
        if isinstance(recipe, DocumentReader):
            self.vocabulary = common_words([*strings, *unlabelled], recipe.least)
        else:
            self.vocabulary = count_words(dataset)
        self.texts = WordRows(strings, self.vocabulary, self.max_words)
        self.unlabelled = WordRows(unlabelled, self.vocabulary, self.max_words)
        self.lengths = self.texts.lengths
        self.kind, self.architecture = KINDS[type(recipe)], architecture_of(recipe)
        self.network = build_network(self.kind, len(self.vocabulary), len(self.labels), self.architecture)
        self.perturbing = Perturbing(recipe, len(dataset), self.unlabelled.lengths, torch.initial_seed())
        self._golds, self._normalised = golds_of(dataset), recipe.normalises
        if recipe.normalises:
            self._normalise(isinstance(recipe, DocumentReader))

    def loss(self, rows: Rows) -> Tensor:
        texts = self._vectors(self.texts, rows)
        return self.perturbing.loss(
            self.network.read, texts, self._golds[rows], lambda drawn: self._vectors(self.unlabelled, drawn)
        )

    def victim(self) -> WordVictim:
        network = plain(self.network) if self._normalised else self.network
        return NetworkVictim(network, WordForm(self.vocabulary, self.max_words), self.labels, self.name)

    def _vectors(self, texts: WordRows, rows: Rows) -> Vectors:
        ids, lengths = texts.padded(rows)
        vectors = self.network.vectors(ids, lengths)
        return Vectors(vectors, lengths, perturbable(lengths, vectors.shape[1], end_token=False))

    def _normalise(self, ended: bool) -> None:
        """By the share of each word in all texts that the vocabulary is made of, and of the mark at their end."""
        counts = self.texts.counts
        if ended:
            every = len(self.texts) + len(self.unlabelled)
            counts = torch.cat([counts + self.unlabelled.counts, torch.tensor([every])])
        normalise(self.network.embedding, counts, torch.arange(len(counts)) == PADDING)
