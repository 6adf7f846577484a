"""Applying a rule book to a text. No model is asked: all that counts is the text, its gold label and the book."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.errors import UsageError
from turncoat.rules.instances import places
from turncoat.rules.rule import Rule, RuleBook
from turncoat.text import Text, match_case

CAP = 0.3
ROUNDING = 1e-9  # 0.29 x 100 is 28.999999999999996


@dataclass(frozen=True)
class Step:
    """One rule applied: `word` (in the case of the original one) is put at `position`."""

    position: int
    word: str
    rule: Rule


def most_changes(words: int, cap: float) -> int:
    """How many of so many words may be changed: the whole part of cap x words, but 1 where that is at least a half.

    Raises:
        UsageError: the cap is no share.
    """
    if not 0 < cap <= 1:
        raise UsageError(f"expected a cap in (0, 1], got {cap}")
    share = cap * words + ROUNDING
    return max(math.floor(share), int(share >= 0.5))


def steps(text: Text, label: int, book: RuleBook, cap: float = CAP) -> tuple[Step, ...]:
    """What to replace, most salient rule first (ties: lower position), each word at most once.

    Rules of no positive salience are not applied.

    Args:
        label: gold class, an index into the book's labels.
        cap: largest share of the words that may be changed; see `most_changes`.
    """
    found = []
    for position, (word, place) in enumerate(zip(text.words, places(text, label), strict=True)):
        rule = book.best.get(place)
        if rule is None or rule.salience <= 0:
            continue
        found.append(Step(position, match_case(rule.replacement, word), rule))
    found.sort(key=lambda step: -step.rule.salience)
    return tuple(found[: most_changes(len(text), cap)])


def apply_rules(text: Text, label: int, book: RuleBook, cap: float = CAP) -> Text:
    """The text after all steps."""
    return put(text, steps(text, label, book, cap))


def put(text: Text, chosen: Sequence[Step]) -> Text:
    """The text after some steps."""
    return text.replace_all({step.position: step.word for step in chosen})
