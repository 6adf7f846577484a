"""Which ensembles are tried: those of the searches, of the expert's rule, and of the paper's own expert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

import numpy as np

from turncoat.studies.ensembles.coverage import MOST_SETS, Coverage, EnsembleChoice, exhaustive, expert_choice, greedy
from turncoat.studies.ensembles.curves import EXPERT, PRINTED_EXPERT, SEARCH
from turncoat.studies.ensembles.search import GeneticSearch
from turncoat.studies.model import Model
from turncoat.studies.transfer.published import EXPERT as PRINTED

SIZES = range(2, 8)
LARGEST_ORACLE = 3
GREEDY, ORACLE = "greedy", "all sets"


@dataclass(frozen=True)
class Chosen:
    """An ensemble and how it was chosen.

    Attributes:
        choice: `SEARCH` (genetic), `GREEDY`, `ORACLE` (the best set of all), `EXPERT` (the rule) or `PRINTED_EXPERT`
            (the paper's own).
        members: in the order in which they were chosen.
        fitness: their coverage.
    """

    choice: str
    members: tuple[Model, ...]
    fitness: float


def choose(
    coverage: Coverage, sizes: Iterable[int] = SIZES, seed: int = 0, search: GeneticSearch | None = None
) -> list[Chosen]:
    """Choices of each size that can be made.

    The best set of all is looked for up to three members; the expert's rule needs models with factors, and the printed
    expert needs the models that he chose.

    Args:
        coverage: of the sources that may become members.
        seed: of the genetic search.
    """
    genetic, sources = search or GeneticSearch(), coverage.matrix.sources
    found: list[Chosen] = []
    for size in sizes:
        choices: dict[str, EnsembleChoice] = {
            SEARCH: genetic.search(coverage, size, np.random.default_rng([seed, size])),
            GREEDY: greedy(coverage, size),
        }
        if size <= LARGEST_ORACLE and comb(len(sources), size) <= MOST_SETS:
            choices[ORACLE] = exhaustive(coverage, size)
        if sum(model.has_factors for model in sources) >= size:
            choices[EXPERT] = expert_choice(coverage, size)
        if set(PRINTED[:size]) <= set(sources):
            choices[PRINTED_EXPERT] = coverage.ensemble(coverage.rows(PRINTED[:size]))
        found += [Chosen(name, choice.members, choice.fitness) for name, choice in choices.items()]
    return found
