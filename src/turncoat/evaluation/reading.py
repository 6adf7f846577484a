"""Readers under attack: one question, from the untouched paragraph to its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from turncoat.attacks.attack import Attack, TaskName
from turncoat.data.reading import ReadingExample
from turncoat.engine.query import Answer, Asked, Reading
from turncoat.evaluation.diffing import added_span
from turncoat.evaluation.outcome import Outcome, Status
from turncoat.evaluation.task import Task, ended, search
from turncoat.goals.answer_overlap import exact, f1
from turncoat.goals.reading import Mislead
from turncoat.models.reader import Reader
from turncoat.text import Text

RIGHT, WRONG = 0, 1  # indices of the labels
DIGITS = 6  # kept of an F1


@dataclass(frozen=True, kw_only=True)
class ReadingTask(Task[ReadingExample]):
    """The task of misleading a reader. An answer is "right" if it shares a word with a gold one (F1 > 0).

    A question that the reader answers wrongly from the start is skipped, yet gets its sentence too: the F1 of Jia and
    Liang (EMNLP 2017) is over all questions. If the search ends in a text that a constraint forbids, the untouched one
    stands for it.

    The outcome's details: `question`; `answers`, the gold ones; `sentence`, what was added, "" if nothing was;
    `in_sentence`, whether the last answer touches it, None without one; and the reader's answers, their F1 and whether
    they match exactly: `answer_before`, `f1_before`, `exact_before`, `answer_after`, `f1_after`, `exact_after`.

    Attributes:
        attack: the attack with its parameters.
        reader: asked only how much of a text it sees; its answers come through the engine.
    """

    attack: Attack
    reader: Reader
    seed: int = 0

    name: ClassVar[TaskName] = "reading"

    @property
    def labels(self) -> tuple[str, ...]:
        return ("right", "wrong")

    async def outcome(self, example: ReadingExample) -> Outcome:
        text, golds = Text(example.text), example.answers
        clean = (await Answer([Asked(text, example.question)]))[0]
        goal = Mislead(
            original=text, question=example.question, golds=golds, starts=example.starts, clean=clean,
            constraints=self.attack.constraints,
        )  # fmt: skip
        found = await search(self.attack, self.reader, text, goal, self.generator(example.id))
        if not (await goal.permitted([found.text]))[0]:
            found = replace(found, text=text)
        final = (await Answer([Asked(found.text, example.question)], fresh=True))[0]
        before, after = (WRONG if f1(reading.answer, golds) == 0 else RIGHT for reading in (clean, final))
        status: Status = "success" if after == WRONG else "failed"
        if before == WRONG:
            status, found = "skipped", replace(found, reason="wrong_from_the_start")
        details = {
            "question": example.question,
            "answers": list(dict.fromkeys(golds)),
            **_added(str(text), str(found.text), final),
            **_answered(clean, golds, "before"),
            **_answered(final, golds, "after"),
        }
        return await ended(example.id, text, found, status, before, after, label=RIGHT, details=details)


def _answered(reading: Reading, golds: tuple[str, ...], when: str) -> Mapping[str, Any]:
    return {
        f"answer_{when}": reading.answer,
        f"f1_{when}": round(f1(reading.answer, golds), DIGITS),
        f"exact_{when}": exact(reading.answer, golds),
    }


def _added(original: str, adversarial: str, final: Reading) -> Mapping[str, Any]:
    """What was put behind or before the paragraph, and whether the answer touches it."""
    span = added_span(original, adversarial)
    if span is None:
        return {"sentence": "", "in_sentence": None}
    start, end = span
    touches = bool(final.answer) and final.start < end and final.end > start
    return {"sentence": adversarial[start:end].strip(), "in_sentence": touches}
