"""What every target said of every source's texts, example by example; rates and their resampling come from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import BrokenData, UsageError
from turncoat.studies.arrays import read_arrays, write_arrays
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import TransferMatrix
from turncoat.studies.zoo_names import model_named

NOT_ASKED, RIGHT, FOOLED = -1, 0, 1
KEPT = 500

Verdicts = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class TransferRecord:
    """The verdicts behind a transfer matrix.

    All sources attack the same clean examples, so that verdicts pair up across sources, targets and attacks.
    Where source and target are one model, another instance of it gave the verdict.

    Attributes:
        sources, targets: see `TransferMatrix`.
        examples: ids of the clean examples.
        verdicts: on the text that the source's attack made of an example: FOOLED (1), RIGHT (0), or NOT_ASKED (-1),
            as there was no success or it was not kept (sources, targets, examples).
        clean: verdicts on the clean examples, of the instance of each target that others are asked about
            (clean[0]) and of the one that answers for the diagonal (clean[1]) (2, targets, examples).
    """

    sources: tuple[Model, ...]
    targets: tuple[Model, ...]
    examples: tuple[str, ...]
    verdicts: Verdicts
    clean: Verdicts

    def __post_init__(self) -> None:
        count, examples = len(self.targets), len(self.examples)
        for name, array, shape in (
            ("verdicts (sources, targets, examples)", self.verdicts, (len(self.sources), count, examples)),
            ("clean verdicts (2, targets, examples)", self.clean, (2, count, examples)),
        ):
            if array.shape != shape or not np.isin(array, (NOT_ASKED, RIGHT, FOOLED)).all():
                raise UsageError(f"expected {name} of shape {shape}, each -1, 0 or 1, got shape {array.shape}")

    def matrix(self) -> TransferMatrix:
        """Rates over all kept texts, whether or not the target was right about the clean one."""
        return self._matrix(self.verdicts)

    def conditioned(self) -> TransferMatrix:
        """Rates over the kept texts whose clean example the target reads rightly (r_c)."""
        same = np.array([[s == t for t in self.targets] for s in self.sources], np.intp)
        right = self.clean[same, np.arange(len(self.targets))] == RIGHT
        return self._matrix(np.where(right, self.verdicts, np.int8(NOT_ASKED)))

    def part(self, sources: Sequence[Model] | None = None, targets: Sequence[Model] | None = None) -> TransferRecord:
        """The verdicts of some sources and targets (None: all), in the record's own order."""
        rows = [i for i, model in enumerate(self.sources) if sources is None or model in sources]
        columns = [j for j, model in enumerate(self.targets) if targets is None or model in targets]
        return TransferRecord(
            tuple(self.sources[i] for i in rows),
            tuple(self.targets[j] for j in columns),
            self.examples,
            self.verdicts[np.ix_(rows, columns)],
            self.clean[:, columns],
        )

    def _matrix(self, verdicts: Verdicts) -> TransferMatrix:
        texts = np.asarray((verdicts != NOT_ASKED).sum(axis=2), np.int64)
        fooled = (verdicts == FOOLED).sum(axis=2)
        rates = np.where(texts > 0, fooled / np.maximum(texts, 1), np.nan)
        return TransferMatrix(self.sources, self.targets, rates, texts)

    def write(self, path: Path) -> None:
        """Write a compressed numpy archive (.npz), whole or not at all."""
        names = {side: np.array([model.name for model in getattr(self, side)]) for side in ("sources", "targets")}
        write_arrays(path, **names, examples=np.array(self.examples), verdicts=self.verdicts, clean=self.clean)


def read_record(path: Path) -> TransferRecord:
    """A record that `write` wrote.

    Raises:
        UsageError: there is no such file. BrokenData: it holds something else.
    """
    found = read_arrays(path)
    try:
        sources, targets = (tuple(model_named(str(name)) for name in found[side]) for side in ("sources", "targets"))
        examples = tuple(str(id) for id in found["examples"])
        return TransferRecord(sources, targets, examples, found["verdicts"], found["clean"])
    except (KeyError, UsageError) as error:
        raise BrokenData(f"{path}: not a transfer record: {error}") from error


def choose_successes(successes: NDArray[np.bool_], size: int = KEPT, seed: int = 0) -> NDArray[np.int64]:
    """Which successes of an attack are kept, ascending: `size` drawn without replacement, or all if there are fewer.

    Every example has one lot, the same for all sources: each source's draw is uniform among its own successes, and two
    sources share as many examples as they can.

    Args:
        successes: whether the attack turned its source, for all attacked examples (examples,).

    Raises:
        UsageError: `size` is below 1.
    """
    if size < 1:
        raise UsageError(f"expected to keep at least 1 success, got {size}")
    lots = np.random.default_rng(seed).permutation(len(successes))
    found = np.flatnonzero(successes)
    return np.sort(found[np.argsort(lots[found])[:size]])
