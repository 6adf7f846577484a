"""The steps of AddSent together, with their trace (R. Jia, P. Liang. EMNLP 2017, Figure 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.attacks.addsent.answer import AnswerList, fake_answer, gold
from turncoat.attacks.addsent.conversion import convert
from turncoat.attacks.addsent.grammar import retagged
from turncoat.attacks.addsent.knowledge import Knowledge
from turncoat.attacks.addsent.mutation import Mutated, mutate
from turncoat.attacks.addsent.tokens import tokens, written


@dataclass(frozen=True)
class Trace:
    """How a raw sentence came about.

    Attributes:
        question, answer: what was asked, and the gold answer that the fake one is modelled on.
        mutated: the question that the sentence answers; `mutations` tells word by word why.
        fake, answer_rule: the fake answer and its rule.
        sentence: the statement, before any repair.
        conversion_rule, filler_rule: the rules of the statement and of its question phrase.
        phrase: the question phrase with the fake answer in it.
    """

    question: str
    answer: str
    mutated: str
    mutations: tuple[Mutated, ...]
    fake: str
    answer_rule: str
    sentence: str
    conversion_rule: str
    filler_rule: str
    phrase: str

    def __str__(self) -> str:
        changes = ", ".join(f"{each.old} → {each.new} ({each.rule})" for each in self.mutations)
        return (
            f"Question         {self.question}\nAnswer           {self.answer}\n"
            f"1 mutate         {self.mutated}\n                 {changes}\n"
            f"2 fake answer    {self.fake} ({self.answer_rule})\n"
            f"3 statement      {self.sentence} ({self.conversion_rule}, {self.filler_rule or 'no question phrase'})"
        )


def write_sentence(
    paragraph: str,
    question: str,
    answers: Sequence[str],
    starts: Sequence[int],
    knowledge: Knowledge,
    answer_list: AnswerList = "addsent",
) -> Trace | None:
    """The raw sentence for a question; None if no word of it can be exchanged or it has no question word.

    Args:
        answers, starts: gold answers and where they stand in the paragraph, in characters.
    """
    asked = retagged(tokens(question), knowledge.verb)
    mutated, mutations = mutate(asked, knowledge)
    if not mutations or not answers:
        return None
    right = gold(paragraph, answers, starts, question, knowledge)
    fake, rule = fake_answer(right, answer_list)
    statement = convert(asked, mutated, fake)
    if statement is None:
        return None
    return Trace(
        question, right.text, written(mutated), mutations, fake, rule,
        statement.sentence, statement.rule, statement.filler, statement.phrase,
    )  # fmt: skip
