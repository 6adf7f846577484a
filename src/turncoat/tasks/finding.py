"""Which task is meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from turncoat.errors import UsageError
from turncoat.tasks.classification import Classification
from turncoat.tasks.kind import Kind
from turncoat.tasks.reading import ReadingComprehension
from turncoat.tasks.translation import Translation

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (Classification(), ReadingComprehension(), Translation())}


def find_kind(victim: object, data: object = None, task: str | None = None) -> Kind:
    """The kind of task: as named, else as the data tell, else as the victim does, else classification.

    Data tell by their class, as a registered name, as a .json file of questions or as two files "SOURCE,REFERENCE"; a
    victim by its class, or by the card in its folder.

    Raises:
        UsageError: no task has that name.
    """
    if task is not None:
        if task not in KINDS:
            raise UsageError(f"expected one of the tasks {', '.join(KINDS)}, got {task!r}")
        return KINDS[task]
    for kind in KINDS.values():
        if isinstance(data, kind.data) or (isinstance(data, str) and kind.names_data(data)):
            return kind
    for kind in KINDS.values():
        if isinstance(victim, kind.victims) or (isinstance(victim, str | Path) and kind.names_victim(str(victim))):
            return kind
    return KINDS["classification"]
