"""A judge looks at the turned texts of a run and says one thing about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from turncoat.errors import MissingResource
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import SUBSTITUTIONS, TEXTS, Metric, Source, Unit
from turncoat.intervals import mean, median, proportion


class Judge(ABC):
    """One way to judge.

    Attributes:
        name: of its metric where nothing can be measured.
    """

    name: ClassVar[str]

    @abstractmethod
    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        """Its metrics over the turned texts, of which there is at least one.

        Raises:
            MissingResource: what it needs is not on this machine.
        """


@dataclass(frozen=True, slots=True)
class Substitution:
    """One word in the place of another in a turned text; `position` counts words of the original."""

    outcome: Outcome
    position: int
    old: str
    new: str


def hear(judges: Iterable[Judge], outcomes: Sequence[Outcome]) -> Iterator[Metric]:
    """What all judges say of the turned texts; where one lacks something, its metric says what."""
    turned = [outcome for outcome in outcomes if outcome.status == "success"]
    for judge in judges:
        if not turned:
            yield Metric(judge.name, not_run="no text was turned")
            continue
        try:
            yield from judge.judge(turned)
        except MissingResource as error:
            yield not_run(judge.name, error)


def not_run(name: str, error: MissingResource) -> Metric:
    """A metric that lacks something; what, and how to get it, in one line."""
    return Metric(name, not_run=str(error).partition("\n")[0])


def substitutions(turned: Iterable[Outcome]) -> list[Substitution]:
    """All of them, text by text; insertions and deletions are none."""
    return [Substitution(o, c.position, c.old, c.new) for o in turned for c in o.changes if c.old and c.new]


def texts_of(made: Iterable[Substitution]) -> int:
    """In how many texts they were made."""
    return len({substitution.outcome.id for substitution in made})


def average(name: str, values: Mapping[str, float], source: Source, unit: Unit = "number") -> list[Metric]:
    """Mean and median over texts; `values` by the example's id."""
    numbers = list(values.values())
    centre, middle = mean(numbers), median(numbers)
    if centre is None:
        return [Metric(name, not_run="no turned text can be measured")]
    n = len(numbers)
    return [
        Metric(f"{name}, mean", centre, source, n, TEXTS, unit, values=values),
        Metric(f"{name}, median", middle, source, n, TEXTS, unit),
    ]


def share_of_texts(name: str, hits: int, of: int, source: Source) -> Metric:
    """Share of texts with a Wilson interval."""
    interval = proportion(hits, of)
    if interval is None:
        return Metric(name, not_run="there is no such text to count")
    return Metric(name, interval, source, of, TEXTS, "share")


def share_of_substitutions(name: str, hits: int, of: int, source: Source) -> Metric:
    """Share of substitutions; Wilson, which takes those of one text as independent."""
    interval = proportion(hits, of)
    if interval is None:
        return Metric(name, not_run="there is no substitution to count")
    interval = replace(interval, method="Wilson, as if a text's substitutions were independent")
    return Metric(name, interval, source, of, SUBSTITUTIONS, "share")
