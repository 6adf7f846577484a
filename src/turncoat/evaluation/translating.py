"""Translators under attack: one sentence, from the untouched text to its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from turncoat.attacks.attack import Attack, Found, TaskName
from turncoat.data.translation import TranslationExample
from turncoat.engine.query import Translate
from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome, Status
from turncoat.evaluation.task import Task, ended, search
from turncoat.goals.bleu import sentence_bleu
from turncoat.goals.likeness import Likeness, SentenceVectors
from turncoat.goals.translation import Distort
from turncoat.models.translator import Translator
from turncoat.substitutions.constraints import similarities
from turncoat.text import Text

KEPT, DEGRADED = 0, 1  # indices of the labels
DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class TranslationTask(Task[TranslationExample]):
    """The task of spoiling translations; see `Distort`. A text of which the victim makes nothing at all is skipped.

    If the search ends in a text that a constraint forbids, the untouched one stands for it.

    The outcome's details: `reference`, a person's translation, for reports alone; `translation_before`,
    `translation_after`; `score`, what the goal makes of the last; and its parts `bleu` and `likeness`, both in [0, 1]
    and against the translation before.

    Attributes:
        attack: the attack with its parameters.
        translator: asked only how much of a text it sees; its answers come through the engine.
        eta: the least score that counts as "degraded".
        likeness: of the translations.
        measure_similarity: whether an encoder answers `Embed` for the outcome's similarity of the source texts.
    """

    attack: Attack
    translator: Translator
    eta: float = 0.5
    likeness: Likeness = field(default_factory=SentenceVectors)
    seed: int = 0
    measure_similarity: bool = True

    name: ClassVar[TaskName] = "translation"

    def __post_init__(self) -> None:
        if not 0 < self.eta <= 1:
            raise UsageError(f"expected eta in (0, 1], got {self.eta}")

    @property
    def labels(self) -> tuple[str, ...]:
        return ("kept", "degraded")

    async def outcome(self, example: TranslationExample) -> Outcome:
        text = Text(example.text)
        clean = str((await Translate([text]))[0])
        goal = Distort(
            original=text, clean=clean, eta=self.eta, likeness=self.likeness, constraints=self.attack.constraints
        )
        if not clean:
            return await self._outcome(example, text, Found(text, "no_translation"), "skipped", goal, clean)
        found = await search(self.attack, self.translator, text, goal, self.generator(example.id))
        if not (await goal.permitted([found.text]))[0]:
            found = replace(found, text=text)
        final = str((await Translate([found.text], fresh=True))[0])
        status: Status = "success" if goal.reached_by(await goal.distortion([final]))[0] else "failed"
        return await self._outcome(example, text, found, status, goal, final)

    async def _outcome(
        self, example: TranslationExample, text: Text, found: Found, status: Status, goal: Distort, final: str
    ) -> Outcome:
        similarity = None
        if status == "success" and self.measure_similarity:
            similarity = float((await similarities(text, [found.text]))[0])
        details = {
            "reference": example.reference,
            "translation_before": goal.clean,
            "translation_after": final,
            "score": float((await goal.distortion([final]))[0]),
            "bleu": round(sentence_bleu(goal.clean, final), DIGITS),
            "likeness": round(float((await self.likeness.of(goal.clean, [final]))[0]), DIGITS),
        }
        before = DEGRADED if status == "skipped" else KEPT
        after = DEGRADED if status == "success" else before
        return await ended(
            example.id, text, found, status, before, after, label=KEPT, similarity=similarity, details=details
        )
