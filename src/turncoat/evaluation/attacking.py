"""Classifiers under attack: one example, from the untouched text to its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found, TaskName
from turncoat.data.example import Example
from turncoat.engine.query import Decide, Predict
from turncoat.evaluation.outcome import Outcome, Status
from turncoat.evaluation.task import Task, ended, search
from turncoat.goals.classification import Turn
from turncoat.models.victim import Victim
from turncoat.substitutions.constraints import similarities
from turncoat.text import Text


@dataclass(frozen=True)
class Setting(Task[Example]):
    """The task of turning a classifier's verdicts.

    Attributes:
        attack: the attack with its parameters.
        victim: asked only how much of a text it sees; its answers come through the engine.
        target: class index to reach; None for untargeted.
        hard_label: whether the victim tells labels only.
        seed: run seed.
        measure_similarity: whether an encoder answers `Embed` for the outcome's similarity.
    """

    attack: Attack
    victim: Victim
    target: int | None = None
    hard_label: bool = False
    seed: int = 0
    measure_similarity: bool = True

    name: ClassVar[TaskName] = "classification"

    @property
    def labels(self) -> tuple[str, ...]:
        return self.victim.labels

    async def outcome(self, example: Example) -> Outcome:
        return await attack_example(example, self)


async def attack_example(example: Example, setting: Setting) -> Outcome:
    """Attack one example. Awaits everything it needs to know; see `turncoat.engine`."""
    text = Text(example.text)
    ask = Decide if setting.hard_label else Predict
    clean = (await ask([text]))[0]
    before = int(clean if setting.hard_label else clean.argmax())
    if before != example.label or before == setting.target:
        reason = "misclassified" if before != example.label else "already_target"
        return await _outcome(example, text, Found(text, reason), "skipped", before, clean, setting)
    goal = Turn(
        original=text,
        label=example.label,
        classes=len(setting.victim.labels),
        clean=clean,
        target=setting.target,
        hard=setting.hard_label,
        constraints=setting.attack.constraints,
    )
    found = await search(setting.attack, setting.victim, text, goal, setting.generator(example.id))
    final = (await ask([found.text], fresh=True))[0]
    permitted = bool((await goal.permitted([found.text]))[0])
    status: Status = "success" if permitted and goal.reached_by(final[None])[0] else "failed"
    return await _outcome(example, text, found, status, before, clean, setting, final)


async def _outcome(
    example: Example,
    text: Text,
    found: Found,
    status: Status,
    before: int,
    clean: NDArray[Any],
    setting: Setting,
    final: NDArray[Any] | None = None,
) -> Outcome:
    similarity = None
    if status == "success" and setting.measure_similarity:
        similarity = float((await similarities(text, [found.text]))[0])
    after = None
    if final is not None:
        after = int(final if setting.hard_label else final.argmax())
    soft = not setting.hard_label
    return await ended(
        example.id, text, found, status, before, after,
        label=example.label,
        probabilities_before=tuple(clean.tolist()) if soft else None,
        probabilities_after=tuple(final.tolist()) if soft and final is not None else None,
        similarity=similarity,
    )  # fmt: skip
