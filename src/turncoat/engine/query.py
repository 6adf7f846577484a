"""Questions that an attack awaits. An attack is pure: all it learns of the world comes through these."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from numpy.typing import NDArray

from turncoat.text import Text

Answer = TypeVar("Answer")


class Query(Generic[Answer]):
    """Awaiting a query hands it to whoever drives the coroutine, and returns the answer sent back."""

    def __await__(self) -> Generator[Query[Any], Answer, Answer]:
        return (yield self)


@dataclass(frozen=True, eq=False)
class Ask(Query[NDArray[Any]]):
    """A question about texts; the answer has one row a text.

    Attributes:
        texts: what is asked about; `Variants` travel as numbers.
        fresh: ask even if the answer is known, and do not count it (the final check of an attack's claim).
        asks_victim: whether it counts as a question to the victim.
    """

    texts: Sequence[Text]
    fresh: bool = False
    asks_victim: ClassVar[bool] = False


class Predict(Ask):
    """Victim's class probabilities, (texts, classes) float64."""

    asks_victim = True


class Decide(Ask):
    """Victim's labels alone, (texts,) int64."""

    asks_victim = True


class Embed(Ask):
    """Unit sentence vectors, (texts, dimensions) float32."""


@dataclass(frozen=True)
class Spent(Query["Spending"]):
    """How many victim questions this example has asked so far; answered by the engine itself."""


@dataclass(frozen=True)
class Spending:
    """Questions to the victim: `unique` of them had to be answered, `logical` includes repeats."""

    unique: int = 0
    logical: int = 0


# One answer (rows aligned) a batch of texts; batches come from different examples.
Responder = Callable[[Sequence[Sequence[Text]]], list[NDArray[Any]]]
Responders = Mapping[type[Ask], Responder]
