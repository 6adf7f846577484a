"""The genetic search for ensembles whose adversarial texts transfer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.studies.ensembles.coverage import Coverage, EnsembleChoice, Fitness, Members, greedy

LEAST_WEIGHT = 1e-6  # of the worst parent, so that equal ones are drawn evenly


@dataclass(frozen=True, kw_only=True)
class GeneticSearch:
    """Sets of models that mate: children are drawn from the union of their parents.

    Source: Section 4.1 of the paper (see `zoo_names`), which gives no sizes; these are ours.

    Random numbers of each restart: one a population of sets; then in each generation the pairs of parents, one a child
    and model (the smallest in the union become members), and one a child for each of: does it change, who leaves, who
    comes.

    Differences from the paper:
        - The best set so far stays in the population.
        - Parents are drawn in proportion to what their fitness has above the worst one's.
        - Several restarts, of which the best counts; the first one's random sets include the greedy choice, so that no
          result is worse than that (`greedy_start`). Without it one restart in three is as good as greedy for six
          models, one in six for seven (printed rates, 60 seeds).

    Attributes:
        population: n, sets in a generation.
        generations: G.
        mutation: chance that one member of a child gives way to a model that is not in it.
        restarts: searches from new random sets.
        greedy_start: put the greedy choice among the first restart's sets.
    """

    population: int = 50
    generations: int = 100
    mutation: float = 0.3
    restarts: int = 5
    greedy_start: bool = True

    def __post_init__(self) -> None:
        if self.population < 2 or self.generations < 1 or self.restarts < 1 or not 0 <= self.mutation <= 1:
            raise UsageError(
                "expected population >= 2, generations >= 1, restarts >= 1 and mutation in [0, 1], got "
                f"{self.population}, {self.generations}, {self.restarts} and {self.mutation}"
            )

    def search(self, coverage: Coverage, size: int, rng: Generator) -> EnsembleChoice:
        """The best set ever seen; the first in the matrix's order wins a tie.

        Raises:
            UsageError: there are no sets of that size.
        """
        coverage.check_size(size)
        start = np.sort(coverage.rows(greedy(coverage, size).members)) if self.greedy_start else None
        found = [self._restart(coverage, size, None if i else start, rng) for i in range(self.restarts)]
        best = min(found, key=lambda each: (-each[0][-1], tuple(each[1])))
        return coverage.ensemble(best[1], tuple(trace for trace, _ in found))

    def _restart(
        self, coverage: Coverage, size: int, start: Members | None, rng: Generator
    ) -> tuple[tuple[float, ...], Members]:
        sources = len(coverage.matrix.sources)
        members = _smallest(rng.random((self.population, sources)), size)
        if start is not None:
            members[0] = start
        fitness = coverage(members)
        best = _fittest(members, fitness)
        trace = [float(fitness[best])]
        for _ in range(self.generations):
            children = self._children(members, fitness, sources, rng)
            members = np.concatenate([members[[best]], children[: self.population - 1]])
            fitness = coverage(members)
            best = _fittest(members, fitness)
            trace.append(float(fitness[best]))
        return tuple(trace), members[best]

    def _children(self, members: Members, fitness: Fitness, sources: int, rng: Generator) -> Members:
        """Two children of each pair of parents, as many as there are sets in the population."""
        pairs, size = (self.population + 1) // 2, members.shape[1]
        weights = fitness - fitness.min() + LEAST_WEIGHT
        parents = rng.choice(len(members), (pairs, 2), p=weights / weights.sum())
        union = np.zeros((pairs, sources), bool)
        np.put_along_axis(union, members[parents].reshape(pairs, -1), True, axis=1)
        lots = np.where(np.repeat(union, 2, axis=0), rng.random((2 * pairs, sources)), np.inf)
        children = _smallest(lots, size)
        return self._mutate(children, sources, rng)

    def _mutate(self, children: Members, sources: int, rng: Generator) -> Members:
        count, size = children.shape
        changes = rng.random((count, 1)) < self.mutation
        leaving, coming = rng.integers(size, size=count), rng.random((count, sources))
        if size == sources:
            return children
        np.put_along_axis(coming, children, np.inf, axis=1)
        mutated = children.copy()
        mutated[np.arange(count), leaving] = coming.argmin(axis=1)
        return np.where(changes, np.sort(mutated, axis=1), children)


def _smallest(lots: NDArray[np.float64], size: int) -> Members:
    """Where the smallest numbers of each row are, ascending (rows, size)."""
    return np.sort(lots.argsort(axis=1, kind="stable")[:, :size], axis=1)


def _fittest(members: Members, fitness: Fitness) -> int:
    """The fittest set; the first in the matrix's order wins a tie."""
    return int(np.lexsort((*members.T[::-1], -fitness))[0])
