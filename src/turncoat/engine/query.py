"""Questions that an attack awaits. An attack is pure: all it learns of the world comes through these."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from turncoat.text import Text

Reply = TypeVar("Reply")


class Query(Generic[Reply]):
    """Awaiting a query hands it to whoever drives the coroutine, and returns the answer sent back."""

    def __await__(self) -> Generator[Query[Any], Reply, Reply]:
        return (yield self)


@dataclass(frozen=True, eq=False)
class Ask(Query[NDArray[Any]]):
    """A question about texts; the answer has one row a text.

    Attributes:
        texts: what is asked about: texts (`Variants` travel as numbers), or what the kind of question says.
        fresh: ask even if the answer is known, and do not count it (the final check of an attack's claim).
        asks_victim: whether it counts as a question to the victim.
    """

    texts: Sequence[Any]
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
class Labelled:
    """A text and the class whose loss is meant."""

    text: Text
    label: int


class Gradient(Ask):
    """Gradient of the victim's loss -log F_label, word by word; asked about `Labelled` texts, answered by white boxes.

    Each row is a `WordGradients` (object array).
    """

    asks_victim = True


@dataclass(frozen=True, eq=False)
class WordGradients:
    """The loss's gradient at the input embeddings (position and segment not added), averaged over each word's pieces.

    Attributes:
        mean: (words, dimensions) float32; 0 for words that the victim cannot see.
        times_input: (words,) float32: mean over the pieces of gradient . embedding.
    """

    mean: NDArray[np.float32]
    times_input: NDArray[np.float32]


@dataclass(frozen=True)
class Cloze:
    """A text with a hole at one word; `word` is what may fill it."""

    text: Text
    position: int
    word: str = ""


class Fill(Ask):
    """The masked language model's `FILLS` best words for each `Cloze`, best first, (clozes, FILLS) str.

    Whole lower-case or cased words only, as the model writes them; rows with fewer are filled up with "".
    """


FILLS = 100


class Weigh(Ask):
    """Log-probability (nats) that the masked language model gives the word of each `Cloze`, (clozes,) float64.

    A word of several pieces has the sum over its pieces, each predicted with all its pieces masked.
    """


@dataclass(frozen=True)
class Asked:
    """A question put to a reader about a text (its paragraph)."""

    text: Text
    question: str


class Answer(Ask):
    """A reader's answers to `Asked`; each row is a `Reading` (object array)."""

    asks_victim = True


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader answers.

    Attributes:
        answer: the words it takes from the paragraph.
        start, end: where they stand: characters of `str(text)`.
        likely: likely answers with their probabilities, best first, which may sum to less than 1; empty if the reader
            does not tell.
    """

    answer: str
    start: int
    end: int
    likely: tuple[tuple[str, float], ...] = ()


class Translate(Ask):
    """A translator's translations, (texts,) str (object array)."""

    asks_victim = True


@dataclass(frozen=True)
class Spent(Query["Spending"]):
    """How many victim questions this example has asked so far; answered by the engine itself."""


@dataclass(frozen=True)
class Spending:
    """Questions to the victim: `unique` had to be answered, `logical` includes repeats, `budget` bounds `unique`."""

    unique: int = 0
    logical: int = 0
    budget: int | None = None

    @property
    def left(self) -> int | None:
        """How many unique questions may still be asked; None without a budget."""
        return None if self.budget is None else self.budget - self.unique


# One answer (rows aligned) a batch of texts; batches come from different examples.
Responder = Callable[[Sequence[Sequence[Any]]], list[NDArray[Any]]]
Responders = Mapping[type[Ask], Responder]
