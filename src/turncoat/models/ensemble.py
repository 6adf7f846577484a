"""Several victims that answer as one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.models.victim import DIGITS, Victim, predict
from turncoat.text import Text

FLOOR = 10.0**-DIGITS / 2  # a probability that was rounded to 0


class Ensemble(Victim):
    """The softmax of the members' mean logits.

    Members show probabilities, which are logits up to one constant a text; the softmax does not see the constants, so
    the mean of log-probabilities serves as well.

    Raises:
        UsageError: no member, or members whose classes differ.
    """

    def __init__(self, members: Sequence[Victim]) -> None:
        if not members:
            raise UsageError("expected at least one victim, got none")
        first = members[0]
        for other in members[1:]:
            if [name.lower() for name in other.labels] != [name.lower() for name in first.labels]:
                raise UsageError(
                    f"the classes of {first.name} and of {other.name} differ: {', '.join(first.labels)} and "
                    f"{', '.join(other.labels)}; take victims that number the same classes in the same order"
                )
        self.members = tuple(members)
        self.labels, self.unknown = first.labels, first.unknown
        self.name = " + ".join(member.name for member in members)
        self.fingerprint = hashlib.sha256("\n".join(member.fingerprint for member in members).encode()).hexdigest()

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        answers = [predict(member, batches) for member in self.members]
        return [_pooled(np.stack(batch)) for batch in zip(*answers, strict=True)]

    def visible(self, text: Text) -> int:
        return max(member.visible(text) for member in self.members)


def _pooled(probabilities: NDArray[np.float64]) -> NDArray[np.floating]:
    """(members, texts, classes) to (texts, classes)."""
    logits = np.log(np.maximum(probabilities, FLOOR)).mean(axis=0)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), np.float64)
