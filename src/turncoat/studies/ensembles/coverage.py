"""Which models to attack together: the coverage of a set of sources (Eq. 1), searches for it, and an expert's rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import TransferMatrix

MOST_SETS = 1_000_000
AT_ONCE = 4096  # sets
DIGITS = 12  # equal sets of rates in another order may differ in the last bits

Members = NDArray[np.intp]  # rows of the matrix, ascending
Fitness = NDArray[np.float64]


@dataclass(frozen=True)
class EnsembleChoice:
    """A choice of models.

    Attributes:
        members: in the order of the matrix; the expert's and the greedy search's in the order they were added.
        fitness: its coverage, in [0, 1].
        trace: best coverage so far after each generation, one a restart; empty but for the genetic search.
    """

    members: tuple[Model, ...]
    fitness: float
    trace: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Coverage:
    """Fitness of a set v of sources: f(v) = (1/|T|) sum over targets t in T of max over s in v of r(s, t).

    Source: Eq. 1 of the paper (see `zoo_names`), whose print is torn apart; this reading is the facility-location form.
    It says what attacks on the single members reach if each target is shown the texts of the one that suits it best.
    No attack is made, and it is not the rate of an attack on all members at once.

    Targets for which some source has no rate are left out of T for all sets.

    Attributes:
        matrix: rates between single models; members are among its sources.
        exclude_members: average over the targets that are not in v; the paper's T holds "all candidate models".
    """

    matrix: TransferMatrix
    exclude_members: bool = False

    def __post_init__(self) -> None:
        if not self._complete.any():
            raise UsageError(
                "expected a target with rates from all sources, got none; leave out the sources that lack rates (part)"
            )

    @property
    def targets(self) -> tuple[Model, ...]:
        """T, the targets without a missing rate."""
        return tuple(self.matrix.targets[j] for j in np.flatnonzero(self._complete))

    def __call__(self, members: Members) -> Fitness:
        """Fitness (sets,) of sets of rows (sets, members)."""
        best = self._rates[members].max(axis=1)
        if not self.exclude_members:
            return np.asarray(best.mean(axis=1).round(DIGITS))
        outside = ~self._same[members].any(axis=1)
        counts = outside.sum(axis=1)
        return np.asarray((np.where(outside, best, 0).sum(axis=1) / np.maximum(counts, 1)).round(DIGITS))

    def rows(self, models: Sequence[Model]) -> Members:
        """The rows of some models.

        Raises:
            UsageError: a model is no source of the matrix, or there is none.
        """
        strange = [str(model) for model in models if model not in self.matrix.sources]
        if strange or not models:
            raise UsageError(f"expected members among the sources of the matrix, got {', '.join(strange) or 'none'}")
        return np.array([self.matrix.sources.index(model) for model in models], np.intp)

    def of(self, models: Sequence[Model]) -> float:
        """Fitness of one set.

        Raises:
            UsageError: as `rows`.
        """
        return float(self(self.rows(models)[None])[0])

    def check_size(self, size: int) -> None:
        """
        Raises:
            UsageError: there are no sets of that size.
        """
        if not 1 <= size <= len(self.matrix.sources):
            raise UsageError(f"expected an ensemble of 1 to {len(self.matrix.sources)} models, got {size}")

    def ensemble(self, rows: Sequence[int] | Members, trace: tuple[tuple[float, ...], ...] = ()) -> EnsembleChoice:
        """The choice of some rows, in the order given."""
        members = tuple(self.matrix.sources[row] for row in rows)
        return EnsembleChoice(members, self.of(members), trace)

    @cached_property
    def _complete(self) -> NDArray[np.bool_]:
        """Which targets have a rate from each source (targets,)."""
        return np.asarray(np.isfinite(self.matrix.rates).all(axis=0))

    @cached_property
    def _rates(self) -> NDArray[np.float64]:
        return self.matrix.rates[:, self._complete]

    @cached_property
    def _same(self) -> NDArray[np.bool_]:
        return self.matrix.same[:, self._complete]


def exhaustive(coverage: Coverage, size: int) -> EnsembleChoice:
    """The best set of all; the first in the matrix's order wins a tie.

    Raises:
        UsageError: no such size, or more than a million sets.
    """
    coverage.check_size(size)
    sources = len(coverage.matrix.sources)
    if comb(sources, size) > MOST_SETS:
        raise UsageError(
            f"expected at most {MOST_SETS:,} sets to look at, got {comb(sources, size):,} sets of {size} of {sources} "
            "models; take the genetic search"
        )
    sets = np.fromiter(chain.from_iterable(combinations(range(sources), size)), np.intp).reshape(-1, size)
    fitness = np.concatenate([coverage(sets[start : start + AT_ONCE]) for start in range(0, len(sets), AT_ONCE)])
    return coverage.ensemble(sets[fitness.argmax()])


def greedy(coverage: Coverage, size: int) -> EnsembleChoice:
    """Adds the model that helps most, one after the other; at least 1 - 1/e of the best coverage with T fixed.

    Raises:
        UsageError: no such size.
    """
    coverage.check_size(size)
    chosen: list[int] = []
    for _ in range(size):
        others = [row for row in range(len(coverage.matrix.sources)) if row not in chosen]
        chosen.append(others[coverage(np.array([[*chosen, row] for row in others])).argmax()])
    return coverage.ensemble(chosen)


def expert_choice(coverage: Coverage, size: int) -> EnsembleChoice:
    """The paper's human expert as a rule: first the best single source, then whatever is most unlike those chosen.

    Unlikeness is the number of aspects (input form, architecture, embedding) in which a model differs from each of
    those chosen, summed over them; its own coverage decides a tie. Models without factors are never chosen. Choices of
    growing size are nested. What the expert really chose is in `published.EXPERT`; no rule on these aspects gives just
    that.

    Raises:
        UsageError: no such size, or fewer models with factors.
    """
    coverage.check_size(size)
    sources = coverage.matrix.sources
    known = [row for row, model in enumerate(sources) if model.has_factors]
    if len(known) < size:
        raise UsageError(f"expected {size} models with factors (models of the zoo) to choose from, got {len(known)}")
    single = coverage(np.arange(len(sources))[:, None])
    aspects = np.array([(str(model.form), str(model.architecture), str(model.embedding)) for model in sources])
    unlike = (aspects[:, None] != aspects).sum(axis=2)
    chosen = [max(known, key=lambda row: (single[row], -row))]
    while len(chosen) < size:
        others = [row for row in known if row not in chosen]
        chosen.append(max(others, key=lambda row: (unlike[row, chosen].sum(), single[row], -row)))
    return coverage.ensemble(chosen)
