"""What a text must keep: the abstract rule that whole texts obey. See `narrowing.py` for rules on single words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Embed
from turncoat.errors import UsageError
from turncoat.space import Variants
from turncoat.text import Text


class Constraint(ABC):
    """A rule that says of whole texts whether an attack may end in them."""

    asks_encoder: ClassVar[bool] = False

    @abstractmethod
    async def permits(self, original: Text, texts: Sequence[Text]) -> NDArray[np.bool_]:
        """Which of the texts keep the rule, (texts,). May await queries."""


@dataclass(frozen=True)
class MaxChanged(Constraint):
    """At most this share of the words (punctuation not counted) may be changed."""

    share: float

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise UsageError(f"expected a share of changed words in (0, 1], got {self.share}")

    async def permits(self, original: Text, texts: Sequence[Text]) -> NDArray[np.bool_]:
        if isinstance(texts, Variants) and texts.space.text == original:
            changed = texts.changed
        else:
            changed = np.array([len(original.diff(text)) for text in texts])
        return changed <= self.share * len(original) + 1e-9


@dataclass(frozen=True)
class MinSimilarity(Constraint):
    """Cosine of the sentence vectors of a text and the original must be at least `cosine`."""

    asks_encoder: ClassVar[bool] = True

    cosine: float

    def __post_init__(self) -> None:
        if not -1 <= self.cosine <= 1:
            raise UsageError(f"expected a cosine in [-1, 1], got {self.cosine}")

    async def permits(self, original: Text, texts: Sequence[Text]) -> NDArray[np.bool_]:
        return await similarities(original, texts) >= self.cosine


async def similarities(original: Text, texts: Sequence[Text]) -> NDArray[np.float64]:
    """Cosine of each text's sentence vector with the original's, (texts,), rounded to six digits."""
    reference = await Embed([original])
    vectors = await Embed(texts)
    cosines: NDArray[np.float64] = vectors.astype(np.float64) @ reference[0].astype(np.float64)
    return np.round(cosines, 6)
