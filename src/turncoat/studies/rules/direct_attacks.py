"""How often an attack that asks its victim turns each model of a zoo, read from the runs of a study folder."""

from __future__ import annotations

from pathlib import Path

from turncoat.evaluation.publishing import read_run
from turncoat.intervals import Interval
from turncoat.studies.zoo_names import model_named


def direct_success(folder: Path, attack: str, data: str) -> dict[str, Interval]:
    """Success over the attacked texts, by model.

    A run counts if it has ended, and if a folder of its path, below `folder`, is named after the model.

    Args:
        folder: holds runs at any depth.
        attack: name of the attack, in lower case ("pwws").
        data: data set and split ("mr/test").

    Raises:
        BrokenData: a run was damaged.
    """
    found: dict[str, Interval] = {}
    for file in sorted(folder.rglob("summary.json")):
        if not (file.parent / "run.toml").is_file():
            continue
        run = read_run(file.parent)
        config = run.description["config"]
        rate = run.summary.success_rate
        if config["attack"]["name"].lower() == attack and config["data"]["name"] == data and rate is not None:
            found[_model(file.parent.relative_to(folder), config["victim"]["name"])] = rate
    return found


def _model(path: Path, victim: str) -> str:
    """The model's name: the last part of the path that the zoo knows, or else the victim's own name."""
    known = [part for part in path.parts if model_named(part).has_factors]
    return str(model_named(known[-1])) if known else victim
