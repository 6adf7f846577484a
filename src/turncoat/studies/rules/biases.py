"""What mined rules tell of the data (Table 6): their PMI, the published rules among ours, the reach of few rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.data.example import Dataset
from turncoat.intervals import Interval, Z, proportion
from turncoat.rules.applying import steps
from turncoat.rules.diagnosis import agreement, rank
from turncoat.rules.instances import Instances
from turncoat.rules.pmi import Mode, WordCounts
from turncoat.rules.rule import Rule, RuleBook
from turncoat.studies.rules.published import TABLE_6, PublishedRule
from turncoat.text import Text


@dataclass(frozen=True)
class Lookup:
    """One of the ten published rules among ours.

    Attributes:
        published: the rule.
        label: its class, as an index into our labels.
        place: among our rules of its class, from 1; None if it is not there.
        of: how many rules of its class we have.
        rule: ours; None if there is none.
        why: why it is not there.
    """

    published: PublishedRule
    label: int
    place: int | None
    of: int
    rule: Rule | None
    why: str = ""


def look_up(book: RuleBook, instances: Instances) -> list[Lookup]:
    """The published rules that are for classes of this book."""
    names = [name.lower() for name in book.labels]
    found = []
    for published in TABLE_6:
        if published.label not in names:
            continue
        label = names.index(published.label)
        ours = book.of(label)
        place = rank(book, label, published.word, published.replacement)
        rule = None if place is None else ours[place - 1]
        why = "" if rule else _why(published, label, instances)
        found.append(Lookup(published, label, place, len(ours), rule, why))
    return found


def _why(published: PublishedRule, label: int, instances: Instances) -> str:
    word = [number for number, (place, _) in enumerate(instances.candidates) if place[:2] == (label, published.word)]
    if not word:
        return f"no {published.word} in {published.label} texts with anything to replace it"
    seen = [number for number in word if instances.candidates[number][1] == published.replacement]
    if not seen:
        return f"{published.replacement} is no candidate for {published.word}"
    return f"seen {max(int(instances.counts[number]) for number in seen)} times only"


@dataclass(frozen=True)
class Correlation:
    """Spearman's correlation of the saliences h and h_PMI over the rules of a class, or of all."""

    over: str
    mode: Mode
    rules: int
    spearman: Interval


def correlations(book: RuleBook, counts: WordCounts, mode: Mode) -> list[Correlation]:
    """Over all rules, then class by class. Rules share words, so the intervals, which take them for independent, are
    too narrow."""
    parts = [("all", book.rules), *((name, book.of(i)) for i, name in enumerate(book.labels))]
    found = []
    for over, rules in parts:
        both = agreement(RuleBook(book.labels, tuple(rules), book.provenance), counts, mode)
        found.append(Correlation(over, mode, both.rules, _fisher(both.spearman, both.rules)))
    return found


def _fisher(correlation: float, size: int) -> Interval:
    """Interval of a rank correlation (Bonett and Wright 2000)."""
    if not math.isfinite(correlation) or size < 4 or abs(correlation) == 1:
        return Interval(correlation, None, None, "none: too few rules, or no spread")
    half = Z * math.sqrt((1 + correlation**2 / 2) / (size - 3))
    middle = math.atanh(correlation)
    return Interval(correlation, math.tanh(middle - half), math.tanh(middle + half), "Fisher z, Bonett and Wright")


@dataclass(frozen=True)
class Reach:
    """How many texts have a word that one of the best `rules` of their class replaces."""

    rules: int
    texts: Interval | None


def reaches(dataset: Dataset, book: RuleBook, most: Sequence[int]) -> list[Reach]:
    """The reach of the best rules of each class, so many of them, and last of all that have a salience above 0."""
    places: dict[Rule, int] = {}
    for label in range(len(book.labels)):
        places |= {rule: place for place, rule in enumerate(book.of(label), 1)}
    best = []
    for example in dataset:
        found = steps(Text(example.text), example.label, book, 1.0)
        best.append(min((places[step.rule] for step in found), default=len(places) + 1))
    useful = [sum(rule.salience > 0 for rule in book.of(label)) for label in range(len(book.labels))]
    sizes = [*(size for size in most if size < max(useful)), max(useful)]
    return [Reach(size, proportion(int((np.array(best) <= size).sum()), len(best))) for size in sizes]
