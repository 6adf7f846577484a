"""A dev set for data sets that have none."""

from __future__ import annotations

from dataclasses import replace

from turncoat.data.example import Dataset
from turncoat.data.splitting import cut
from turncoat.errors import UsageError


def hold_out(dataset: Dataset, share: float = 0.1) -> tuple[Dataset, Dataset]:
    """The data set in two: what is left to train on, and a dev set of `share` of each class. Always the same cut.

    Raises:
        UsageError: `share` is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise UsageError(f"expected a share between 0 and 1 to hold out, got {share}")
    shares = {"dev": share, "rest": 1 - share}
    rest, dev = (
        replace(dataset, name=f"{dataset.name}:{part}", examples=cut(dataset.examples, shares, part))
        for part in ("rest", "dev")
    )
    return rest, dev
