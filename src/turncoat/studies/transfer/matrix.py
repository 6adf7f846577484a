"""Transfer rates between models: how often texts that turn a source turn a target that was never asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.intervals import Interval, proportion
from turncoat.studies.model import Model

FEWEST = 100  # a rate over fewer texts is not reliable

Rates = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TransferMatrix:
    """Rates r(s, t), sources in rows and targets in columns; a missing one is NaN and never filled in.

    r(t, t) is the base rate b(t): texts made for one instance of t, shown to another that was trained anew.

    Attributes:
        sources: models that the texts were made for.
        targets: models that were shown the texts.
        rates: share of a source's texts that a target misreads, in [0, 1] (sources, targets).
        texts: how many texts each rate stands on, 0 where it is missing (sources, targets).
    """

    sources: tuple[Model, ...]
    targets: tuple[Model, ...]
    rates: Rates
    texts: NDArray[np.int64]

    def __post_init__(self) -> None:
        shape = (len(self.sources), len(self.targets))
        if self.rates.shape != shape or self.texts.shape != shape:
            raise UsageError(
                f"expected rates and texts (sources, targets) = {shape}, got {self.rates.shape} and {self.texts.shape}"
            )
        for side, models in (("source", self.sources), ("target", self.targets)):
            if not models or len({model.name for model in models}) < len(models):
                raise UsageError(f"expected each {side} once and at least one, got {_listed(models)}")
        known = np.isfinite(self.rates)
        if ((self.rates < 0) | (self.rates > 1) | (known != (self.texts > 0))).any():
            raise UsageError("expected rates in [0, 1] where there are texts, and NaN where there are none")
        base = self.base[np.isfinite(self.base)]
        if len(base) > 1 and (base == 1).all() and (self.texts[self.same & known] >= FEWEST).all():
            raise UsageError(
                "expected base rates in the diagonal, got 1 in all of it; show a source's texts to another instance "
                "of it, not to the one that they were made for"
            )

    @property
    def base(self) -> Rates:
        """Base rate of each target, NaN if there is none (targets,)."""
        rows = {model: i for i, model in enumerate(self.sources)}
        return np.array(
            [self.rates[rows[model], j] if model in rows else np.nan for j, model in enumerate(self.targets)]
        )

    @property
    def same(self) -> NDArray[np.bool_]:
        """Where source and target are one model (sources, targets)."""
        rows, columns = (np.array([model.name for model in side]) for side in (self.sources, self.targets))
        return np.asarray(rows[:, None] == columns)

    @property
    def unreliable(self) -> NDArray[np.bool_]:
        """Rates that stand on fewer than `FEWEST` texts (sources, targets)."""
        return np.asarray((self.texts > 0) & (self.texts < FEWEST))

    def interval(self, source: Model, target: Model) -> Interval | None:
        """Wilson interval of one rate; None if it is missing.

        Raises:
            UsageError: the matrix has no such source or target.
        """
        if source not in self.sources or target not in self.targets:
            raise UsageError(f"expected a source and a target of the matrix, got {source} and {target}")
        cell = self.sources.index(source), self.targets.index(target)
        texts = int(self.texts[cell])
        return proportion(round(float(self.rates[cell]) * texts), texts) if texts else None

    def part(self, sources: Sequence[Model] | None = None, targets: Sequence[Model] | None = None) -> TransferMatrix:
        """The cells of some sources and targets (None: all), in the matrix's own order.

        Raises:
            UsageError: no source or no target is left.
        """
        rows = [i for i, model in enumerate(self.sources) if sources is None or model in sources]
        columns = [j for j, model in enumerate(self.targets) if targets is None or model in targets]
        cells = np.ix_(rows, columns)
        kept = tuple(self.sources[i] for i in rows), tuple(self.targets[j] for j in columns)
        return TransferMatrix(*kept, self.rates[cells], self.texts[cells])


def _listed(models: Sequence[Model]) -> str:
    return ", ".join(map(str, models)) or "none"
