"""How long a transfer study took, and what the full zoo would take at that pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from turncoat.notation import MISSING
from turncoat.studies.model import Model
from turncoat.studies.tables import Cell, Table
from turncoat.studies.transfer.record import KEPT
from turncoat.studies.zoo_names import ZOO, model_named

EXAMPLES = 1000
HOUR = 3600.0
Times = Sequence[Mapping[str, Any]]  # see `Arm.times`


@dataclass(frozen=True)
class Pace:
    """What a part took for a model.

    Attributes:
        seconds: of the clock.
        processor: seconds of a processor core; less if others used it meanwhile.
        units: examples attacked, or texts shown.
    """

    seconds: float
    processor: float
    units: int

    def __add__(self, other: Pace) -> Pace:
        return Pace(self.seconds + other.seconds, self.processor + other.processor, self.units + other.units)

    @property
    def each(self) -> float:
        """Seconds of a processor core a unit."""
        return self.processor / self.units


def paces(times: Times, part: str, unit: str) -> dict[Model, Pace]:
    """The pace of each model in a part, over its instances and over all processes that worked at it."""
    found: dict[Model, Pace] = {}
    for entry in times:
        if entry["part"] == part:
            name = str(entry["model"])
            model = model_named(name.rpartition(".")[0] if part == "scoring" else name)
            pace = Pace(entry["seconds"], entry["processor"], entry[unit])
            found[model] = found[model] + pace if model in found else pace
    return {model: pace for model, pace in found.items() if pace.units > 0}


def times_table(times: Times, where: str) -> Table:
    """Seconds by model and part, and the projection to the full zoo."""
    attack, scoring = paces(times, "attack", "examples"), paces(times, "scoring", "texts")
    rows: list[tuple[Cell, ...]] = [
        (model.name, *_cells(attack.get(model)), *_cells(scoring.get(model))) for model in {**attack, **scoring}
    ]
    clock, core = (
        sum(getattr(pace, kind) for part in (attack, scoring) for pace in part.values()) / HOUR
        for kind in ("seconds", "processor")
    )
    attacking = ("attack, s", "core s of it", "examples", "examples a core second")
    showing = ("showing texts, s", "core s of that", "texts", "texts a core second")
    note = f"In all {clock:.2f} h by the clock (of one process after the other), {core:.2f} h of a processor core."
    return Table(
        "times", f"Times, {where}", ("model", *attacking, *showing), tuple(rows), (note, projection(attack, scoring))
    )


def _cells(pace: Pace | None) -> tuple[Cell, ...]:
    if pace is None:
        return (MISSING,) * 4
    speed = pace.units / pace.processor if pace.processor else 0.0
    return f"{pace.seconds:.1f}", f"{pace.processor:.1f}", pace.units, f"{speed:,.1f}"


def projection(attack: Mapping[Model, Pace], scoring: Mapping[Model, Pace]) -> str:
    """What this attack would take for the full zoo, as a sentence."""
    like = {model: (_pace_like(model, attack), _pace_like(model, scoring)) for model in ZOO}
    known = {model: (first, second) for model, (first, second) in like.items() if first and second}
    hours = sum(first for first, _ in known.values()) * EXAMPLES / HOUR
    shown = sum(second for _, second in known.values()) * (len(ZOO) + 1) * KEPT / HOUR
    absent = [model.name for model in ZOO if model not in known]
    without = ", ".join(absent) if len(absent) < 5 else f"{len(absent)} models"
    unknown = f"; nothing here tells of {without}" if absent else ""
    return (
        f"Projection to the zoo, in hours of a processor core: {hours:.1f} to attack {len(known)} of {len(ZOO)} models "
        f"on {EXAMPLES} examples, {shown:.1f} to show each of them {KEPT} texts of {len(ZOO)} sources{unknown}. Models "
        "that were not measured are taken to be as slow as the mean of those of their architecture and input form (or "
        "else of their architecture) that were, in proportion to their depth."
    )


def _pace_like(model: Model, measured: Mapping[Model, Pace]) -> float | None:
    """Seconds a unit of a model, measured or taken from those like it."""
    if model in measured:
        return measured[model].each
    if model.layers is None:
        return None
    like = [other for other in measured if other.architecture == model.architecture and other.layers is not None]
    like = [other for other in like if other.form == model.form] or like
    if not like:
        return None
    return model.layers * sum(measured[other].each / (other.layers or 1) for other in like) / len(like)
