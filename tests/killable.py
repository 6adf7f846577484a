"""A run that takes a while, to be killed by tests: python killable.py FOLDER DELAY"""

from __future__ import annotations

import sys
from pathlib import Path

from test_contract import ATTACKS, DATA, embed
from toys import ToyVictim
from turncoat.engine.query import Embed
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.execution import execute
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.run import Run
from turncoat.models.victim import responders


def attack_toys(folder: Path | None, delay: float = 0.0, seed: int = 3) -> Run:
    victim = ToyVictim(delay=delay)
    setting = Setting(ATTACKS["cea-min"], victim, seed=seed)
    answers = {**responders(victim), Embed: embed}
    keep = None if folder is None else RunFolder(folder)
    return execute(DATA, setting, answers, {"config": {"seed": seed, "budget": None}}, live=3, folder=keep)


if __name__ == "__main__":
    attack_toys(Path(sys.argv[1]), float(sys.argv[2]))
