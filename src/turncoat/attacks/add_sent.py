"""AddSent and AddOneSent: a sentence that answers another question misleads a reader (Jia and Liang, EMNLP 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.random import Generator

from turncoat.attacks.addsent.answer import AnswerList
from turncoat.attacks.addsent.approved import read_approved
from turncoat.attacks.addsent.knowledge import open_knowledge
from turncoat.attacks.addsent.repair import automatic
from turncoat.attacks.addsent.writing import write_sentence
from turncoat.attacks.attack import Attack, Found, TaskName
from turncoat.engine.query import Spent
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.goals.reading import Mislead
from turncoat.space import Space
from turncoat.substitutions.nothing import Nothing
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text

Where = Literal["after", "before"]
Repair = Literal["automatic", "none"]


@dataclass(frozen=True, kw_only=True)
class AddSent(Attack):
    """Add a sentence that looks like an answer to the question and answers another one.

    Source: R. Jia, P. Liang. "Adversarial Examples for Evaluating Reading Comprehension Systems." EMNLP 2017; where the
    paper is silent, the authors' code. The question is changed (step 1), a fake answer of the right one's type is
    chosen (step 2), and both become a statement (step 3), which people mend and approve (step 4). AddSent asks the
    reader about each sentence and keeps the one with the lowest F1; AddOneSent takes one at random and asks nothing.
    A question without a sentence keeps its paragraph. Questions: one a sentence, three at most without people.

    Differences from the paper:
        - Without `approved`, rules stand in for people (AddSent-auto): they mend slips, word the sentence in up to
          three ways instead of five, and drop what may be right. Nobody has read these sentences.
        - No parser or entity tagger can be installed offline: rules on tags, capitals and WordNet find phrases and
          names. Patterns are our own; some families were added (what year, why, prepositions left at the end).
        - Near words come from the best GloVe vectors on the machine, named in `trace`; the stand-in of 5,050 words in
          50 dimensions has few names. Numbers that it lacks become the next number ("XXXIII", "XXXIV").
        - A word is not put in twice, and initials stay.
        - Mended slips of the authors' code: a substring test that kept "a", "r" and "wa" as they were; years written as
          "1869.0"; `entity-type` never reached for names without type; rules on an answer's first word that were named
          after its end; the pattern `called-that`, which lost its verb; "busiest" exchanged for "idle", not "idlest".

    Attributes:
        one: take one sentence at random, without questions (AddOneSent).
        answers: the list of fake answers; "addsent-mod" is the second one.
        where: the sentence stands after the paragraph, or before it (AddSentMod).
        repair: "none": the raw sentence of step 3, as the paper's training data.
        approved: file of sentences that people approved; then no others are used.
    """

    substitutions: Substitutions = field(default_factory=Nothing)
    one: bool = False
    answers: AnswerList = "addsent"
    where: Where = "after"
    repair: Repair = "automatic"
    approved: str = ""

    needs_probabilities: ClassVar[bool] = False
    tasks: ClassVar[tuple[TaskName, ...]] = ("reading",)

    def __post_init__(self) -> None:
        choices = {"answers": AnswerList, "where": Where, "repair": Repair}
        for name, allowed in choices.items():
            if getattr(self, name) not in get_args(allowed):
                raise UsageError(f"expected {name} to be {' or '.join(get_args(allowed))}, got {getattr(self, name)!r}")

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not isinstance(goal, Mislead):
            raise UsageError(f"expected a reader to be misled, got the goal {type(goal).__name__}")
        sentences, trace = self.sentences(str(space.text), goal.question, goal.golds, goal.starts)
        if not sentences:
            return Found(space.text, "no sentence", trace)
        texts = [self._joint(space.text, sentence) for sentence in sentences]
        if self.one:
            chosen, reason = int(rng.integers(len(sentences))), "drawn"
        else:
            chosen, reason = await _lowest(texts, replace(goal, expected=False))
        return Found(texts[chosen], reason, {**trace, "sentence": sentences[chosen]})

    def sentences(
        self, paragraph: str, question: str, golds: Sequence[str], starts: Sequence[int] = ()
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Sentences for a question, and how they came about as plain JSON values.

        Args:
            starts: where each gold answer stands in the paragraph; without them, where it stands first.

        Raises:
            MissingResource: WordNet, first names or GloVe vectors are not on this machine.
        """
        if self.approved:
            return read_approved(self.approved).get((paragraph, question), ()), {"kind": "human-approved"}
        knowledge = open_knowledge()
        places: dict[str, int] = {}
        for gold, place in zip(golds, starts or map(paragraph.find, golds), strict=True):
            if place >= 0:
                places.setdefault(gold, place)
        written = write_sentence(paragraph, question, [*places], [*places.values()], knowledge, self.answers)
        trace: dict[str, Any] = {"kind": "raw" if self.repair == "none" else "AddSent-auto"}
        if written is None:
            return (), trace
        steps = asdict(written)
        trace |= {"vectors": knowledge.vectors, "steps": {**steps, "mutations": list(steps["mutations"])}}
        return ((written.sentence,) if self.repair == "none" else automatic(written, golds)), trace

    def _joint(self, paragraph: Text, sentence: str) -> Text:
        return paragraph.append(Text(sentence)) if self.where == "after" else Text(sentence).append(paragraph)


def add_one_sent() -> AddSent:
    """AddSent with one sentence at random, whatever the reader."""
    return AddSent(one=True)


def add_sent_mod() -> AddSent:
    """AddSentMod: other fake answers, and the sentence before the paragraph."""
    return AddSent(answers="addsent-mod", where="before")


async def _lowest(texts: Sequence[Text], goal: Mislead) -> tuple[int, str]:
    """Which text has the lowest F1, the first one of several, and why the search ended there."""
    left = (await Spent()).left
    asked = texts[: len(texts) if left is None else max(left, 1)]
    try:
        verdict = await goal.judge(asked)
    except BudgetSpent:
        return 0, "budget"
    best = int(np.argmax(verdict.scores))
    reason = "misled" if verdict.reached[best] else "exhausted" if len(asked) == len(texts) else "budget"
    return best, reason
