"""The trainings of a hardening: adversarial texts round by round, the hardened model, and the control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.evaluation.run import Run
from turncoat.intervals import Interval, mean
from turncoat.models.card import FILE
from turncoat.models.loading import load_victim
from turncoat.models.victim import Victim
from turncoat.studies.hardening.parts import Parts, move_up
from turncoat.studies.hardening.plan import Plan
from turncoat.training.augment import augmented, drawn
from turncoat.training.origins import Origin
from turncoat.training.splits import Splits

CONTROL = "control"


@dataclass(frozen=True)
class Cost:
    """What one part cost.

    Attributes:
        part: what was done.
        texts: how many were attacked, or learned from.
        added: adversarial texts that came of it; None for a training.
        questions: to the model, a text, mean; None for a training.
        seconds: wall time on this machine, measured once.
    """

    part: str
    texts: int
    added: int | None
    questions: Interval | None
    seconds: float


def train_models(parts: Parts, victim: Victim, splits: Splits, origin: Origin, plan: Plan, folder: Path) -> list[Cost]:
    """Make the hardened model in `folder` and the control among the parts, with all they need; gives what it cost.

    Raises:
        UsageError: the attack turned no training text.
    """
    clean_set, recipe, seed = splits.train, plan.recipe(origin.recipe), origin.seed
    parent = {"name": victim.name, "fingerprint": victim.fingerprint}
    texts: list[Mapping[str, str]] = []
    costs: list[Cost] = []
    train_set, asked = clean_set, victim
    rounds = plan.rounds if plan.augments else 1
    for number in range(1, rounds + 1):
        if plan.augments:
            run = _make_texts(parts, asked, clean_set, plan, number)
            texts.append(adversarial_texts(run))
            train_set = augmented(clean_set, texts)
            costs.append(_cost_of_texts(parts, run, number, len(texts[-1])))
        last = number == rounds
        part = "hardened" if last else f"round-{number}"
        about = {"rows": len(clean_set), "hardening": _about(plan, parent, costs, len(train_set) - len(clean_set))}
        if not (last and (folder / FILE).is_file()):
            path = parts.model(part, train_set, splits, recipe, seed, about)
            if last:
                move_up(path, folder)
            else:
                asked = load_victim(str(path))
        costs.append(Cost(f"training, {part}", len(train_set), None, None, parts.seconds(part)))
    parts.model(CONTROL, clean_set, splits, origin.recipe, seed + 1, {"control_for": parent})
    return [*costs, Cost("training, control", len(clean_set), None, None, parts.seconds(CONTROL))]


def adversarial_texts(run: Run) -> dict[str, str]:
    """The texts that turned the verdict, by the id of their original."""
    return {outcome.id: outcome.adversarial for outcome in run.outcomes if outcome.status == "success"}


def _make_texts(parts: Parts, asked: Victim, clean_set: Dataset, plan: Plan, number: int) -> Run:
    chosen = drawn(clean_set, plan.share, plan.seed)
    encoder = None if plan.encoder == "auto" else plan.encoder  # nobody reads how similar these texts are
    run = parts.run(
        f"texts/{number}", f"training texts, round {number}", asked, chosen, plan.source, plan.seed, encoder
    )
    if number == 1 and not adversarial_texts(run):
        raise UsageError(
            f"{plan.source.method} turned none of {len(chosen)} training texts, so there is nothing to add; "
            "choose another --from, more candidates, a larger budget or share"
        )
    return run


def _cost_of_texts(parts: Parts, run: Run, number: int, added: int) -> Cost:
    questions = mean([outcome.queries for outcome in run.outcomes])
    part = f"adversarial texts, round {number} ({run.attack})"
    return Cost(part, len(run), added, questions, parts.seconds(f"texts/{number}"))


def _about(plan: Plan, parent: Mapping[str, str], costs: list[Cost], added: int) -> dict[str, Any]:
    """What the card says of how the model was hardened."""
    told: dict[str, Any] = {"method": plan.method, "parent": parent}
    if plan.augments:
        made = [cost for cost in costs if cost.questions is not None]
        questions = sum(round(cost.questions.estimate * cost.texts) for cost in made if cost.questions)
        told |= {
            "source": {key: value for key, value in vars(plan.source).items() if value is not None},
            "share": plan.share, "rounds": len(made), "texts_added": added, "questions": questions,
            "seconds": round(sum(cost.seconds for cost in made), 1),
        }  # fmt: skip
    return told
