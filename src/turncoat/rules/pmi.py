"""The baseline without a model: rules by pointwise mutual information of words and labels (PMI)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.rules.instances import WORDS, Instances, OnText, find_instances
from turncoat.rules.mining import turning
from turncoat.rules.rule import Provenance, Rule, RuleBook, in_order
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text

Mode = Literal["paper", "standard"]
Bits = NDArray[np.float64]
SMOOTHING = 0.5


@dataclass(frozen=True)
class WordCounts:
    """Where the words of a data set stand, in lower case.

    Attributes:
        documents: texts of each class (classes,).
        tokens: words in all texts.
        rows: row of each word in the arrays below.
        within: texts of each class that hold the word (words, classes).
        occurrences: of the word in all texts (words,).
    """

    documents: NDArray[np.int64]
    tokens: int
    rows: Mapping[str, int]
    within: NDArray[np.int64]
    occurrences: NDArray[np.int64]

    def pmi(self, words: Sequence[str], mode: Mode = "paper") -> Bits:
        """PMI of each word with each class (words, classes), in bits. See `MODES`."""
        known = np.array([self.rows.get(word, -1) for word in words], np.int64)
        seen = known >= 0
        within = np.where(seen[:, None], self.within[known], 0)
        return MODES[mode](self, within, np.where(seen, self.occurrences[known], 0))


def count_words(dataset: Dataset) -> WordCounts:
    """
    Raises:
        UsageError: a class has no text, so nothing can be said of it.
    """
    rows: dict[str, int] = {}
    texts = [[word.lower() for word in Text(example.text).words] for example in dataset]
    numbers = [np.array([rows.setdefault(word, len(rows)) for word in words], np.int64) for words in texts]
    documents = np.bincount([example.label for example in dataset], minlength=len(dataset.labels))
    if not documents.all():
        empty = ", ".join(name for name, n in zip(dataset.labels, documents, strict=True) if not n)
        raise UsageError(f"{dataset.name} has no text of the class {empty}; take more examples")
    within = np.zeros((len(rows) + 1, len(dataset.labels)), np.int64)  # the last row is that of unseen words
    occurrences = np.zeros(len(rows) + 1, np.int64)
    for example, words in zip(dataset, numbers, strict=True):
        within[np.unique(words), example.label] += 1
        np.add.at(occurrences, words, 1)
    return WordCounts(documents, sum(map(len, texts)), rows, within, occurrences)


def paper(counts: WordCounts, within: NDArray[np.int64], occurrences: NDArray[np.int64]) -> Bits:
    """log2 of (share of the class's texts with the word) / (share of all words x share of the class), and 0 for a word
    that the class does not have.

    This mixture of text and word counts is what the published table decodes to: with two classes of the same size, any
    word of one class only, once a text, has log2(4 x words a text).

    The study does not say what a token is; its 6.478 takes 22.3 a text. Here they are words without punctuation, of
    which MR has 18.5 a text: 6.209.
    """
    shares = counts.documents / counts.documents.sum()
    words = np.maximum(occurrences, 1)[:, None] / max(counts.tokens, 1)
    ratio = within / counts.documents / (words * shares)
    bits: Bits = np.zeros_like(ratio)
    np.log2(ratio, out=bits, where=within > 0)
    return bits


def standard(counts: WordCounts, within: NDArray[np.int64], occurrences: NDArray[np.int64]) -> Bits:
    """log2 p(w, z) / (p(w) p(z)) over texts: each class has half a text more with the word, and half a text
    more without it.

    A word that nobody has seen is near 0, that is neutral.
    """
    classes = len(counts.documents)
    total = counts.documents.sum() + 2 * SMOOTHING * classes
    joint = (within + SMOOTHING) / total
    words = (within.sum(axis=1, keepdims=True) + SMOOTHING * classes) / total
    labels = (counts.documents + 2 * SMOOTHING) / total
    return np.asarray(np.log2(joint / (words * labels)))


MODES: Mapping[str, Callable[[WordCounts, NDArray[np.int64], NDArray[np.int64]], Bits]] = {
    "paper": paper,
    "standard": standard,
}


def named_mode(name: str) -> Mode:
    """
    Raises:
        UsageError: no mode has this name.
    """
    if name not in MODES:
        raise UsageError(f"expected a kind of PMI among {', '.join(MODES)}, got {name!r}")
    return cast("Mode", name)


def changes(counts: WordCounts, rules: Sequence[Rule], mode: Mode) -> tuple[Bits, Bits, Bits]:
    """PMI of each rule's word and of its replacement with each class (rules, classes), and h_PMI (rules,): how far the
    replacement moves away from the rule's class and towards the others."""
    before = counts.pmi([rule.word for rule in rules], mode)
    after = counts.pmi([rule.replacement for rule in rules], mode)
    labels = np.array([rule.label for rule in rules], np.int64)
    return before, after, turning(after - before, labels)


def pmi_rules(
    dataset: Dataset,
    mode: Mode = "paper",
    substitutions: Substitutions = WORDS,
    min_count: int = 3,
    on_text: OnText = lambda done: None,
) -> RuleBook:
    """The candidates that `mine` would try, ranked by h_PMI instead; asks no model.

    Source: Equation 2 of the same study; see `turncoat.rules.mining`.

    Raises:
        UsageError: no such mode, or a class without texts.
    """
    named_mode(mode)
    instances = find_instances(dataset, substitutions, on_text=on_text)
    return make_pmi_book(dataset, instances, mode, substitutions, min_count)


def make_pmi_book(
    dataset: Dataset, instances: Instances, mode: Mode, substitutions: Substitutions = WORDS, min_count: int = 3
) -> RuleBook:
    """`pmi_rules` of candidates that were found before, with `substitutions`."""
    numbers = np.flatnonzero(instances.counts >= min_count)
    drafts = [instances.rule(int(i), 0.0) for i in numbers]
    _, _, saliences = changes(count_words(dataset), drafts, mode)
    rules = (instances.rule(int(i), float(h)) for i, h in zip(numbers, saliences, strict=True))
    provenance = Provenance(
        method="pmi",
        score=mode,
        data=dataset.name,
        data_digest=dataset.digest,
        texts=len(dataset),
        substitutions=repr(substitutions),
        min_count=min_count,
    )
    return RuleBook(dataset.labels, in_order(rules), provenance)
