"""Attacking with a rule book, so that rules are run, reported and compared like any other attack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from numpy.random import Generator

from turncoat.attacks.attack import Attack, Found, TaskName
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.classification import Turn
from turncoat.goals.goal import Goal
from turncoat.rules.applying import CAP, Step, most_changes, put, steps
from turncoat.rules.instances import places
from turncoat.rules.rule import RuleBook
from turncoat.rules.storing import open_book
from turncoat.space import Space
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class RuleWords(Substitutions):
    """The replacements of a rule book's best rules, whatever the label.

    Attributes:
        path: the book's file.
        labels: the victim's class names, in its order; () if the book numbers them in the same way.
        fingerprint: of the rules that must be in it; "" for any.
    """

    path: str = ""
    labels: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def book(self) -> RuleBook:
        return open_book(self.path, tuple(self.labels), self.fingerprint)

    async def propose(self, text: Text, where: Where = None) -> Options:
        book = self.book
        seen = [places(text, label) for label in range(len(book.labels))]
        rules = [[book.best.get(place) for place in word] for word in zip(*seen, strict=True)]
        return [[rule.replacement for rule in found if rule] for found in rules]


@dataclass(frozen=True, kw_only=True)
class UniversalRules(Attack):
    """Replace the words that the rules of the gold label name, most salient rule first, under a cap.

    Source: Section 4.2 of the paper that `turncoat.rules.mining` cites. Questions: none (oblivious), or at most one a
    replacement (incremental).

    Differences from the paper:
        - Whether the whole share of words is changed, whatever the victim says, or only as many as it takes, is not
          said; the published shares of changed words are those of `incremental`.
        - Words that the victim cannot see are replaced too: the text is the same for all victims.
        - Rules that do not raise the score of other classes are not applied.
        - Incremental, a replacement that a constraint (none in the paper) forbids is left out.

    Attributes:
        cap: largest share of the words that is changed; 1 word where that comes to half a word or more.
        incremental: ask the victim after each replacement, and stop at the flip.
    """

    substitutions: RuleWords = field(default_factory=RuleWords)
    cap: float = CAP
    incremental: bool = False

    needs_probabilities: ClassVar[bool] = False
    tasks: ClassVar[tuple[TaskName, ...]] = ("classification",)

    def __post_init__(self) -> None:
        most_changes(0, self.cap)
        if not isinstance(self.substitutions, RuleWords):
            raise UsageError(
                "rules bring their own words: leave out --candidates, and set substitutions.path to a book"
            )

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not isinstance(goal, Turn):
            raise UsageError(f"rules need a goal with a gold label, got {type(goal).__name__}")
        planned = steps(space.text, goal.label, self.substitutions.book, self.cap)
        if not planned:
            return Found(space.text, "no_rule")
        if not self.incremental:
            return Found(put(space.text, planned), "exhausted", _trace(planned))
        applied: list[Step] = []
        reason = "exhausted"
        for step in planned:
            try:
                verdict = await goal.judge([put(space.text, [*applied, step])])
            except BudgetSpent:
                reason = "budget"
                break
            if verdict.scores[0] == float("-inf"):
                continue
            applied.append(step)
            if verdict.reached[0]:
                reason = "flipped"
                break
        return Found(put(space.text, applied), reason, _trace(applied))


def _trace(applied: tuple[Step, ...] | list[Step]) -> dict[str, Any]:
    rows = [{"position": s.position, "word": s.word, "salience": s.rule.salience} for s in applied]
    return {"rules": rows}
