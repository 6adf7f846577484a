"""Keeping a trained victim."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    with new_folder(folder) as partial:
        trained.victim.write(partial)
        card = write_card(trained.card, partial)
    return replace(trained, card=card)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to write to, which becomes `folder` when all has gone well.

    Raises:
        UsageError: the folder is there already.
    """
    if folder.exists():
        raise UsageError(f"{folder}: expected a folder that does not exist yet; remove it or choose another")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(folder)
