"""Several victims that answer as one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.models.classes import check_same_classes
from turncoat.models.victim import DIGITS, Victim, checked
from turncoat.space import MASK, Space, Variants
from turncoat.text import Text

FLOOR = 10.0**-DIGITS / 2  # a probability that was rounded to 0
LEAST = 1e-12  # what a member's 0 counts as: a loud voice, but no veto


class Ensemble(Victim):
    """The softmax of the members' mean logits.

    Source: Section 4.1 of L. Yuan, X. Zheng, Y. Zhou, C.-J. Hsieh, K.-W. Chang. "Generating Universal Language
    Adversarial Examples by Understanding and Enhancing the Transferability across Neural Models." 2020 (arXiv
    2011.08558). Members show probabilities, which are logits up to one constant a text; the softmax does not see the
    constants, so the mean of log-probabilities serves as well. They are pooled as members give them, before rounding.

    Words that an attack makes unknown are shown to each member as its own unknown word.

    Args:
        members: victims of the same classes in the same order.
        temperatures: what each member's logits are divided by before they are pooled; None leaves them as they are.

    Raises:
        UsageError: no member, members whose classes differ, or not one temperature above 0 for each.
    """

    def __init__(self, members: Sequence[Victim], temperatures: Sequence[float] | None = None) -> None:
        if not members:
            raise UsageError("expected at least one victim, got none")
        if temperatures is not None and (len(temperatures) != len(members) or min(temperatures) <= 0):
            raise UsageError(f"expected {len(members)} temperatures above 0, got {list(temperatures)}")
        first = members[0]
        for other in members[1:]:
            check_same_classes(first.name, first.labels, other.name, other.labels)
        self.members, self.temperatures = tuple(members), np.array(temperatures or [1.0] * len(members))
        self.labels, self.unknown = first.labels, first.unknown
        self.name = " + ".join(member.name for member in members)
        parts = [member.fingerprint for member in members] + [repr(float(each)) for each in temperatures or ()]
        self.fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        self._spaces: dict[str, WeakKeyDictionary[Space, Space]] = {}

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        answers = [checked(member, [self._as_read_by(member, texts) for texts in batches]) for member in self.members]
        return [self._pooled(np.stack(batch)) for batch in zip(*answers, strict=True)]

    def visible(self, text: Text) -> int:
        return max(member.visible(text) for member in self.members)

    def _pooled(self, probabilities: NDArray[np.float64]) -> NDArray[np.floating]:
        """(members, texts, classes) to (texts, classes)."""
        logits = np.log(np.maximum(probabilities, LEAST)) / self.temperatures[:, None, None]
        mean = logits.mean(axis=0)
        exponents = np.exp(mean - mean.max(axis=1, keepdims=True))
        return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), np.float64)

    def _as_read_by(self, member: Victim, texts: Sequence[Text]) -> Sequence[Text]:
        """The same texts, with the member's own unknown word where one is masked."""
        if not isinstance(texts, Variants) or texts.space.unknown == member.unknown or MASK not in texts.choices:
            return texts
        spaces, space = self._spaces.setdefault(member.unknown, WeakKeyDictionary()), texts.space
        if space not in spaces:
            spaces[space] = Space(space.text, space.options, space.visible, member.unknown, multiword=True)
        return Variants(spaces[space], texts.choices)
