"""Texts that fool every model (Table 1), and how many texts fool how many models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset, Example
from turncoat.errors import UsageError
from turncoat.evaluation.universality import shares_turned
from turncoat.intervals import Interval
from turncoat.models.victim import Victim, predict
from turncoat.studies.rules.published import TABLE_1, PublishedText
from turncoat.studies.rules.run import Tried
from turncoat.text import Change, Text, match_case


@dataclass(frozen=True)
class Universal:
    """A text and what is left of the models after its replacements.

    Attributes:
        example: the clean text and its class.
        text: with all replacements that the cap allows.
        right: models that are right about the clean text.
        fooled: those of them that are wrong about the changed one.
    """

    example: Example
    text: Text
    right: int
    fooled: int

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was replaced."""
        return Text(self.example.text).diff(self.text)


@dataclass(frozen=True)
class Universality:
    """How many texts fool how many models, under a cap; one text for all models.

    Attributes:
        texts: texts that at least one model is right about.
        shares: of those texts, the share that fools at least the `LEVELS` of the models that are right about them.
        everyone: of all texts that every model is right about, the share that fools every model.
        found: the texts that do, fewest replacements first.
    """

    rules: str
    cap: float
    texts: int
    shares: tuple[Interval | None, ...]
    everyone: Interval | None
    found: tuple[Universal, ...]


def universality(tried: Tried, dataset: Dataset, book: str, cap: float) -> Universality:
    """Over all targets, with all replacements made that the cap allows."""
    turns = tried.turns(book, cap, "oblivious")
    right, fooled = turns.right, turns.right & turns.wrong
    all_right = right.all(axis=0)
    return Universality(
        book,
        cap,
        int(right.any(axis=0).sum()),
        shares_turned(right, fooled),
        shares_turned(right[:, all_right], fooled[:, all_right])[0],
        _texts(tried, dataset, book, cap, np.flatnonzero(all_right & fooled.all(axis=0))),
    )


def nearest(tried: Tried, dataset: Dataset, book: str, cap: float, most: int = 3) -> tuple[Universal, ...]:
    """The texts that fool the most models; of equal ones, those with fewer replacements."""
    return _texts(tried, dataset, book, cap, np.arange(len(dataset)))[:most]


def _texts(tried: Tried, dataset: Dataset, book: str, cap: float, chosen: NDArray[np.int64]) -> tuple[Universal, ...]:
    """Some of the texts, by index: those that fool the most models first, then those with fewer replacements."""
    turns = tried.turns(book, cap, "oblivious")
    right, fooled = turns.right.sum(axis=0), (turns.right & turns.wrong).sum(axis=0)
    number = tried.books.index(book)
    changes = tried.prefixes.changes(number, cap)
    rows = tried.prefixes.at(number, changes)
    order = chosen[np.lexsort((changes[chosen], -fooled[chosen]))]
    return tuple(
        Universal(dataset[i], tried.prefixes.text(i, int(rows[i])), int(right[i]), int(fooled[i]))
        for i in order.tolist()
    )


@dataclass(frozen=True)
class Replay:
    """A published text as it stands in a data set, with the printed replacements made.

    Attributes:
        published: what was printed.
        example, text: clean and changed; None if the data has no such text, or not with those words.
    """

    published: PublishedText
    example: Example | None = None
    text: Text | None = None


def replays(dataset: Dataset) -> list[Replay]:
    """The published texts, found again."""
    return [_replay(published, dataset) for published in TABLE_1]


def _replay(published: PublishedText, dataset: Dataset) -> Replay:
    for example in dataset:
        text = Text(example.text) if example.text.startswith(published.start) else Text("")
        if all(old in text.words for old, _ in published.changes):
            changes = {text.words.index(old): match_case(new, old) for old, new in published.changes}
            return Replay(published, example, text.replace_all(changes))
    return Replay(published)


def asked_alone(victim: Victim, pairs: Sequence[tuple[Text, Text]], labels: Sequence[int]) -> list[tuple[bool, bool]]:
    """For each clean and changed text, whether a model is right about the one and wrong about the other; every text is
    asked anew, in no company.

    Raises:
        UsageError: not one label a pair.
    """
    if len(pairs) != len(labels):
        raise UsageError(f"expected a label for each of {len(pairs)} pairs, got {len(labels)}")
    said = [[int(predict(victim, [[text]])[0][0].argmax()) for text in pair] for pair in pairs]
    return [(clean == gold, changed != gold) for (clean, changed), gold in zip(said, labels, strict=True)]
