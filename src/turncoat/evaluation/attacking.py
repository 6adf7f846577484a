"""One example under attack, from the untouched text to its outcome."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.data.example import Example
from turncoat.engine.query import Decide, Predict, Spent
from turncoat.errors import BudgetSpent
from turncoat.evaluation.outcome import Outcome, Status
from turncoat.goals.classification import Turn
from turncoat.models.victim import Victim
from turncoat.space import Space
from turncoat.substitutions.constraints import similarities
from turncoat.text import Text


@dataclass(frozen=True)
class Setting:
    """What all examples of a run share.

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

    def generator(self, example: Example) -> Generator:
        """The example's own random numbers: they depend on the run seed and its id alone."""
        digest = hashlib.sha256(example.id.encode("utf-8", "surrogatepass")).digest()
        return np.random.default_rng([self.seed, int.from_bytes(digest[:8], "big")])


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
    visible = setting.victim.visible(text)
    found = await _search(text, visible, goal, setting, setting.generator(example))
    final = (await ask([found.text], fresh=True))[0]
    permitted = bool((await goal.permitted([found.text]))[0])
    status: Status = "success" if permitted and goal.reached_by(final[None])[0] else "failed"
    return await _outcome(example, text, found, status, before, clean, setting, final)


async def _search(text: Text, visible: int, goal: Turn, setting: Setting, rng: Generator) -> Found:
    if not visible:
        return Found(text, "no_visible_word")
    options = await setting.attack.substitutions.propose(text)
    space = Space(text, options, visible, setting.victim.unknown)
    try:
        return await setting.attack.search(space, goal, rng)
    except BudgetSpent:
        return Found(text, "budget")


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
    spending = await Spent()
    similarity = None
    if status == "success" and setting.measure_similarity:
        similarity = float((await similarities(text, [found.text]))[0])
    after = None
    if final is not None:
        after = int(final if setting.hard_label else final.argmax())
    soft = not setting.hard_label
    return Outcome(
        id=example.id,
        label=example.label,
        status=status,
        reason=found.reason,
        original=example.text,
        adversarial=str(found.text),
        changes=text.diff(found.text),
        words=len(text),
        queries=spending.unique,
        queries_logical=spending.logical,
        before=before,
        after=after,
        probabilities_before=tuple(clean.tolist()) if soft else None,
        probabilities_after=tuple(final.tolist()) if soft and final is not None else None,
        similarity=similarity,
        trace=found.trace,
    )
