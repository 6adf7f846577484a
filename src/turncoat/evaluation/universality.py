"""Are there universal examples? How many victims one and the same text turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.intervals import Interval, proportion

LEVELS = (1.0, 0.9, 0.5)


@dataclass(frozen=True)
class Universality:
    """Texts by the share of victims that they turn, among the victims that read the untouched text rightly.

    Attributes:
        victims: how many there are.
        texts: how many texts at least one of them read rightly; the others do not count.
        shares: for each of `LEVELS`, the share of those texts that turn at least so many of the victims.
        universal: an outcome of each text that turns every victim, and that every victim read rightly before.
    """

    victims: int
    texts: int
    shares: tuple[Interval | None, ...]
    universal: tuple[Outcome, ...]


def universality(runs: Sequence[Run]) -> Universality:
    """Compare runs of one attack that never asks, on the same examples, against several victims.

    Raises:
        UsageError: the runs are not over the same texts, changed in the same way.
    """
    if not runs:
        raise UsageError("expected at least one run, got none")
    outcomes = _same_texts(runs)
    shape = len(runs), len(outcomes[0])
    status = np.array([[outcome.status for outcome in run] for run in outcomes], np.str_).reshape(shape)
    right, turned = status != "skipped", status == "success"
    universal = tuple(outcomes[0][i] for i in np.flatnonzero(turned.all(axis=0)).tolist())
    return Universality(len(runs), int(right.any(axis=0).sum()), shares_turned(right, turned), universal)


def shares_turned(right: NDArray[np.bool_], turned: NDArray[np.bool_]) -> tuple[Interval | None, ...]:
    """For each of `LEVELS`, the share of texts that turn at least so many of the victims that read them rightly.

    Args:
        right: which victims read the untouched text rightly (victims, texts); texts that nobody does do not count.
        turned: which of those the changed text turns (victims, texts).
    """
    victims = right.sum(axis=0)
    hits, victims = turned.sum(axis=0)[victims > 0], victims[victims > 0]
    return tuple(proportion(int((hits / victims >= level).sum()), len(victims)) for level in LEVELS)


def _same_texts(runs: Sequence[Run]) -> list[Sequence[Outcome]]:
    for run in runs[1:]:
        if [outcome.id for outcome in run] != [outcome.id for outcome in runs[0]]:
            raise UsageError(f"{runs[0].name} and {run.name} attacked other examples; attack the same ones")
    for outcomes in zip(*(run.outcomes for run in runs), strict=True):
        if len({outcome.adversarial for outcome in outcomes if outcome.status != "skipped"}) > 1:
            raise UsageError(f"{outcomes[0].id}: the victims were shown different texts; use rules obliviously")
    return [run.outcomes for run in runs]
