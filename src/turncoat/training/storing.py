"""Keeping a trained victim."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from turncoat.errors import UsageError
from turncoat.models.card import write_card
from turncoat.training.trainer import Trained


def save(trained: Trained, folder: Path) -> Trained:
    """Write a victim and its card to a new folder, which appears only when it is complete.

    Raises:
        UsageError: the folder is there already.
    """
    if folder.exists():
        raise UsageError(f"{folder}: expected a folder that does not exist yet; remove it or choose another")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    trained.victim.write(partial)
    card = write_card(trained.card, partial)
    partial.rename(folder)
    return replace(trained, card=card)
