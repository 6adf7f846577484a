"""Hardening a victim: train it anew so that it resists, and attack what came of it afresh.

Three models are measured on the same examples with the same seeds: the victim before, the hardened model, and a control
that is trained once more with another seed and no hardening, for some of what an attack found on the victim is gone
after any new training. Attacks are run again on each model; texts that turned the victim are told apart as "old texts".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.run import Run
from turncoat.models.card import FILE
from turncoat.models.loading import load_victim
from turncoat.models.victim import Victim
from turncoat.studies.hardening.parts import Attacks, Parts, Watch
from turncoat.studies.hardening.plan import Plan
from turncoat.studies.hardening.rows import Model, Row, measure
from turncoat.studies.hardening.training import CONTROL, Cost, train_models
from turncoat.training.origins import Origin
from turncoat.training.splits import Splits

PARTS = "hardening"  # folder of the parts, inside the hardened model's
TITLES: Mapping[Model, str] = {"before": "victim", "hardened": "hardened model", "control": "control"}


@dataclass(frozen=True)
class Hardened:
    """A hardening that is done.

    Attributes:
        folder: of the hardened model.
        plan: what was asked for.
        rows: what was measured.
        costs: of the parts.
        models: all three.
        runs: of the attacks on each model, in the order of the plan.
        about: data, recipe, seeds and fingerprints.
    """

    folder: Path
    plan: Plan
    rows: tuple[Row, ...]
    costs: tuple[Cost, ...]
    models: Mapping[Model, Victim]
    runs: Mapping[Model, tuple[Run, ...]]
    about: Mapping[str, Any]


def harden(
    victim: Victim,
    splits: Splits,
    origin: Origin,
    plan: Plan,
    folder: Path,
    attacks: Attacks,
    watch: Watch | None = None,
    command: str = "",
) -> Hardened:
    """Harden a victim; the same call goes on where it was interrupted.

    Args:
        victim: before.
        splits: labels numbered as the victim's; new models learn from `origin.train_set(splits.train)`.
        origin: how the victim was trained; new models are trained so too, the control with the next seed.
        plan: how to harden, and what to withstand.
        folder: becomes the hardened model's, with all parts in its folder `hardening`.
        attacks: `turncoat.attack`.
        watch: is told how it goes on.
        command: kept on the cards.

    Raises:
        UsageError: the folder holds something else, the attack found nothing to learn from, or the method does not fit
            the recipe.
    """
    if (folder / FILE).is_file() and not (folder / PARTS).is_dir():
        raise UsageError(f"{folder} holds a model that was not hardened here; choose another --out")
    plan.recipe(origin.recipe)  # refused now, not after the attacks
    splits = replace(splits, train=origin.train_set(splits.train))
    attacked = splits.test.sample(None if plan.examples is None else min(plan.examples, len(splits.test)), plan.seed)
    about = {
        "plan": asdict(plan),
        "parent": {"name": victim.name, "fingerprint": victim.fingerprint},
        "recipe": {"kind": type(origin.recipe).__name__, **asdict(origin.recipe)},
        "learned_from": {"data": origin.data, "unlabelled_not_used_again": origin.unlabelled},
        "seed": origin.seed,
        "control_seed": origin.seed + 1,
        "data": {part: _describe(getattr(splits, part)) for part in ("train", "dev", "test")},
        "attacked": _describe(attacked),
    }
    parts = Parts(folder / PARTS, attacks, watch or Watch(), command)
    kept = RunFolder(parts.path)
    with kept.locked():
        kept.begin({"config": about})
        before = _withstand(parts, "before", victim, attacked, plan)
        costs = train_models(parts, victim, splits, origin, plan, folder)
        hardened, control = load_victim(str(folder)), load_victim(str(parts.path / CONTROL))
        models: dict[Model, Victim] = {"before": victim, "hardened": hardened, "control": control}
        runs: dict[Model, tuple[Run, ...]] = {
            "before": before,
            "hardened": _withstand(parts, "hardened", hardened, attacked, plan),
            "control": _withstand(parts, "control", control, attacked, plan),
        }
        rows = measure(models, splits.test, runs)
    return Hardened(folder, plan, tuple(rows), tuple(costs), models, runs, about)


def _withstand(parts: Parts, model: Model, victim: Victim, attacked: Dataset, plan: Plan) -> tuple[Run, ...]:
    """All attacks of the plan, run on one model."""
    return tuple(
        parts.run(
            f"runs/{model}-{assault.method}", f"{assault.method} on the {TITLES[model]}",
            victim, attacked, assault, plan.seed, plan.encoder,
        )
        for assault in plan.assaults
    )  # fmt: skip


def _describe(dataset: Dataset) -> dict[str, Any]:
    return {"name": dataset.name, "texts": len(dataset), "digest": dataset.digest}
