"""Victims behind a defence: the abstract wrapper, and how well a victim reads a data set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset, Example
from turncoat.models.victim import Victim, decide
from turncoat.text import Text

AT_ONCE = 256  # texts


class Defended(Victim):
    """A victim that looks at a text before another one judges it; classes and unknown token are the other's.

    Args:
        victim: who judges.
        defence: its name, for people.
        settings: whatever changes its answers; goes into the fingerprint.
    """

    def __init__(self, victim: Victim, defence: str, settings: Sequence[object]) -> None:
        self.victim = victim
        self.name = f"{defence}({victim.name})"
        self.labels, self.unknown = victim.labels, victim.unknown
        described = repr((defence, victim.fingerprint, *settings))
        self.fingerprint = hashlib.sha256(described.encode("utf-8", "surrogatepass")).hexdigest()

    def visible(self, text: Text) -> int:
        return self.victim.visible(text)


def right(victim: Victim, dataset: Dataset) -> NDArray[np.bool_]:
    """Which examples the victim reads as their label says, (examples,)."""
    if not len(dataset):
        return np.zeros(0, bool)
    verdicts = np.concatenate([decide(victim, [texts])[0] for texts in chunks_of(dataset.examples)])
    return np.asarray(verdicts == [example.label for example in dataset])


def chunks_of(examples: Sequence[Example]) -> list[list[Text]]:
    """The examples' texts, some hundred at a time."""
    texts = [Text(example.text) for example in examples]
    return [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
