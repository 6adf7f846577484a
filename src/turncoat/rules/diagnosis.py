"""What rules tell of the data: biases of its words, how far counts explain them, how many texts the rules reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.rules.applying import CAP, most_changes, steps
from turncoat.rules.pmi import Mode, WordCounts, changes
from turncoat.rules.rule import Rule, RuleBook
from turncoat.text import Text


@dataclass(frozen=True)
class Bias:
    """A rule and what it does to the association of words and labels.

    Attributes:
        before, after: PMI of the word and of its replacement with each class (classes,), in bits.
        change: h_PMI: how far the replacement leads away from the rule's class and towards the others.
    """

    rule: Rule
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    change: float


@dataclass(frozen=True)
class Agreement:
    """How far the saliences of mined rules follow from counts: their correlation with h_PMI.

    Attributes:
        rules: how many are compared.
        spearman, pearson: nan where one side is constant or there are less than 3 rules.
    """

    rules: int
    spearman: float
    pearson: float


@dataclass(frozen=True)
class Coverage:
    """How much of a data set rules reach.

    Attributes:
        texts: how many were looked at.
        reached: how many of them have a word that a rule replaces.
        filled: how many have enough of them to use up the cap.
        words: mean share of a text's words that have a rule, capped or not.
        changed: mean share of a text's words that are changed under the cap.
    """

    texts: int
    reached: int
    filled: int
    words: float
    changed: float


def biases(rules: Sequence[Rule], counts: WordCounts, mode: Mode = "paper", by_change: bool = True) -> tuple[Bias, ...]:
    """The rules with their PMI, largest change first, or in the order given."""
    before, after, saliences = changes(counts, rules, mode)
    order = np.argsort(-saliences, kind="stable") if by_change else np.arange(len(rules))
    return tuple(Bias(rules[i], before[i], after[i], float(saliences[i])) for i in order)


def agreement(book: RuleBook, counts: WordCounts, mode: Mode = "paper") -> Agreement:
    """Correlation of h with h_PMI over all rules of the book."""
    from scipy.stats import pearsonr, spearmanr

    ours = np.array([rule.salience for rule in book.rules])
    theirs = changes(counts, book.rules, mode)[2]
    if len(ours) < 3 or np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return Agreement(len(ours), float("nan"), float("nan"))
    return Agreement(len(ours), float(spearmanr(ours, theirs)[0]), float(pearsonr(ours, theirs)[0]))


def coverage(dataset: Dataset, book: RuleBook, cap: float = CAP) -> Coverage:
    """How many texts, and how much of them, the rules of their gold labels reach."""
    found, capped, allowed, sizes = [], [], [], []
    for example in dataset:
        text = Text(example.text)
        found.append(len(steps(text, example.label, book, 1.0)))
        allowed.append(most_changes(len(text), cap))
        capped.append(min(found[-1], allowed[-1]))
        sizes.append(max(len(text), 1))
    shares = [float(np.mean(np.divide(some, sizes))) if sizes else 0.0 for some in (found, capped)]
    filled = sum(some >= most > 0 for some, most in zip(found, allowed, strict=True))
    return Coverage(len(dataset), sum(map(bool, found)), filled, *shares)


def rank(book: RuleBook, label: int, word: str, replacement: str) -> int | None:
    """Place of a rule among those of its class, counted from 1; None if the book does not have it.

    Of several parts of speech the best one counts.
    """
    for place, rule in enumerate(book.of(label), 1):
        if (rule.word, rule.replacement) == (word, replacement):
            return place
    return None
