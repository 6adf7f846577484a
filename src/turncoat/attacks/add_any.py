"""AddAny and AddCommon: a meaningless sentence that misleads a reader (Jia and Liang, EMNLP 2017)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import ClassVar, NamedTuple

from numpy.random import Generator

from turncoat.attacks.attack import Attack, Found, TaskName
from turncoat.data.common_words import common_words
from turncoat.engine.query import Spent
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.goals.reading import Mislead
from turncoat.space import Space
from turncoat.substitutions.nothing import Nothing
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text

Words = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AddAny(Attack):
    """Append a sentence of any words, and change one word of it after another so that the expected F1 falls.

    Source: R. Jia, P. Liang. "Adversarial Examples for Evaluating Reading Comprehension Systems." EMNLP 2017; where the
    paper is silent, the authors' code. Sentences begin as random common words. An epoch takes the positions in random
    order; at each, a sentence tries sampled common words and all words of the question, and keeps the one with the
    lowest expected F1 if it is lower than before. Sentences searched together try the same position at the same time.
    Questions to the reader: 20 and as many as the question has words, a sentence and position; by default and for a
    question of ten words at most 30 x 10 x 3 x (1 + 5) = 5,400.

    Differences from the paper:
        - Any text asked about that reaches the goal ends the search. The authors' code looks at the sentence with the
          lowest expected F1 alone, and so passes over some.
        - Candidates from the question are its words, in lower case; the authors' code also takes its question mark.
        - Expected F1 is over the reader's likely answers, as many as it tells, where theirs is over all spans.
        - A budget (none in the paper) is used to its last question.

    Attributes:
        words: of the sentence.
        sampled: common words that are tried at a position.
        particles: number of sentences in each stage of the search; a stage keeps those of the one before it.
        epochs: passes over the positions in each stage.
        question_words: also try all words of the question; without: AddCommon.
        common: sample from so many of the commonest words.
    """

    substitutions: Substitutions = field(default_factory=Nothing)
    words: int = 10
    sampled: int = 20
    particles: tuple[int, ...] = (1, 5)
    epochs: int = 3
    question_words: bool = True
    common: int = 1000

    tasks: ClassVar[tuple[TaskName, ...]] = ("reading",)

    def __post_init__(self) -> None:
        if not 1 <= self.words <= self.common <= len(common_words()):
            raise UsageError(
                f"expected 1 <= words <= common <= {len(common_words())}, got {self.words} and {self.common}"
            )
        if self.sampled < 1 or self.epochs < 1 or not self.particles or min(self.particles) < 1:
            raise UsageError(
                "expected sampled and epochs of at least 1 and stages with at least one sentence, got "
                f"{self.sampled}, {self.epochs} and {self.particles}"
            )

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not isinstance(goal, Mislead):
            raise UsageError(f"expected a reader to be misled, got the goal {type(goal).__name__}")
        asking = _Asking(space.text, replace(goal, expected=True))
        common = common_words()[: self.common]
        always = dict.fromkeys(word.lower() for word in Text(goal.question).words) if self.question_words else {}
        sentences: list[_Judged] = []
        try:
            for number in self.particles:
                if asking.misled():
                    break
                new = [_drawn(common, self.words, rng) for _ in range(number - len(sentences))]
                sentences += await asking.judge(new)
                for position in (i for _ in range(self.epochs) for i in rng.permutation(self.words).tolist()):
                    if asking.misled():
                        break
                    words = [{**dict.fromkeys(_drawn(common, self.sampled, rng)), **always} for _ in sentences]
                    sentences = await asking.improve(sentences, position, words)
        except BudgetSpent:
            return asking.found("misled" if asking.misled() else "budget")
        return asking.found("misled" if asking.misled() else "exhausted")


def add_common() -> AddAny:
    """AddAny without the words of the question."""
    return AddAny(question_words=False)


class _Judged(NamedTuple):
    """A sentence and what the reader made of it."""

    words: Words
    expected_f1: float
    reached: bool


NOTHING = _Judged((), math.inf, False)  # before any sentence was asked about


class _Asking:
    """Asks about sentences, and remembers the best: one that misleads, then the lowest expected F1, then the first."""

    def __init__(self, paragraph: Text, goal: Mislead) -> None:
        self._paragraph, self._goal = paragraph, goal
        self.best = NOTHING

    def misled(self) -> bool:
        """Whether a sentence was found that reaches the goal."""
        return self.best.reached

    async def judge(self, sentences: Sequence[Words]) -> list[_Judged]:
        """The reader's verdict on each sentence.

        Raises:
            BudgetSpent: the budget ended before all were asked; what was asked counts for the best one.
        """
        judged: list[_Judged] = []
        while len(judged) < len(sentences):
            left = (await Spent()).left
            part = sentences[len(judged) :][: left if left is None else max(left, 1)]
            verdict = await self._goal.judge([self._text(words) for words in part])
            values = zip(part, (1 - verdict.scores).tolist(), verdict.reached.tolist(), strict=True)
            judged += (_Judged(*value) for value in values)
            self.best = min(self.best, *judged, key=lambda each: (not each.reached, each.expected_f1))
        return judged

    async def improve(
        self, sentences: Sequence[_Judged], position: int, words: Sequence[Iterable[str]]
    ) -> list[_Judged]:
        """Each sentence with the best of its `words` at the position, if its expected F1 falls; ties to the first."""
        tries = [
            [(*each.words[:position], word, *each.words[position + 1 :]) for word in own]
            for each, own in zip(sentences, words, strict=True)
        ]
        judged = iter(await self.judge([*chain.from_iterable(tries)]))
        return [
            min(each, *islice(judged, len(own)), key=lambda found: found.expected_f1)
            for each, own in zip(sentences, tries, strict=True)
        ]

    def found(self, reason: str) -> Found:
        """Where the search ends."""
        if self.best is NOTHING:
            return Found(self._paragraph, reason)
        trace = {"sentence": _sentence(self.best.words), "expected_f1": round(self.best.expected_f1, 6)}
        return Found(self._text(self.best.words), reason, trace)

    def _text(self, words: Words) -> Text:
        return self._paragraph.append(Text(_sentence(words)))


def _drawn(common: Words, number: int, rng: Generator) -> Words:
    """Different words, at random."""
    return tuple(common[i] for i in rng.choice(len(common), min(number, len(common)), replace=False))


def _sentence(words: Words) -> str:
    """The words, and a full stop unless there is one ("mr.")."""
    return " ".join(words) if words[-1].endswith(".") else f"{' '.join(words)}."
