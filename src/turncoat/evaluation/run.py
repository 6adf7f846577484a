"""A run: many examples attacked in one setting, and how that came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from turncoat.engine.meter import Meter
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.frame import to_frame
from turncoat.evaluation.metrics import Summary, summarise
from turncoat.evaluation.outcome import Outcome

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Run:
    """Outcomes and where they come from.

    Attributes:
        name: tells it from the runs it is compared with, such as its folder.
        description: the parsed run.toml. Read from its [config], or else from its top level: `attack`, `victim`,
            `data`, `encoder` (a name, or a table with `name` or `kind`), `target` and `budget`.
        labels: class names.
        outcomes: one an example, in the order of the data set.
        folder: where it lies on disk; None if it was not kept.
        meter: what the models were asked while this process ran (not what an earlier, interrupted one asked).
        seconds: how long this process attacked.
    """

    name: str
    description: Mapping[str, Any]
    labels: Sequence[str]
    outcomes: Sequence[Outcome]
    folder: RunFolder | None = None
    meter: Meter = field(default_factory=Meter)
    seconds: float = 0.0

    def __len__(self) -> int:
        return len(self.outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    @cached_property
    def summary(self) -> Summary:
        """Metrics with intervals.

        Raises:
            UsageError: an outcome has a label without a name.
        """
        return summarise(self.outcomes, self.labels, self.encoder)

    def to_frame(self) -> pandas.DataFrame:
        """One row an outcome."""
        return to_frame(self.outcomes)

    @property
    def attack(self) -> str:
        """Its registered name, spelled like its class where only the case differs: "PWWS" for "pwws"."""
        name, entry = self._named("attack") or "the attack", self._entry("attack")
        kind = str(entry.get("kind", "")) if isinstance(entry, Mapping) else ""
        return kind if kind.lower() == name.lower() else name

    @property
    def task(self) -> str:
        """ "classification", "reading" or "translation"."""
        return self._named("task") or "classification"

    @property
    def victim(self) -> str:
        return self._named("victim") or "the victim"

    def same_victim(self, other: Run) -> bool:
        """Whether both attacked one model: name, fingerprint and labels agree."""
        return bool(self._entry("victim") == other._entry("victim"))

    @property
    def dataset(self) -> str:
        return self._named("data") or "the data set"

    @property
    def encoder(self) -> str | None:
        """The sentence encoder that measured similarities; None if none did."""
        return self._named("encoder")

    @property
    def target(self) -> str | None:
        """The class that the attack had to reach; None if any wrong one would do."""
        return self._named("target")

    @property
    def budget(self) -> int | None:
        """Most unique questions an example; None for no limit."""
        budget = self._entry("budget")
        return budget if isinstance(budget, int) else None

    def _named(self, key: str) -> str | None:
        entry = self._entry(key)
        if isinstance(entry, Mapping):
            entry = entry.get("name", entry.get("kind"))
        return None if entry is None else str(entry)

    def _entry(self, key: str) -> Any:
        return self.description.get("config", {}).get(key)
