"""Shares over networks and images: the same few networks and images stand in many cells, which are not independent.

Intervals resample networks and images, both: the pigeonhole bootstrap (A. B. Owen. "The pigeonhole bootstrap." Annals
of Applied Statistics 1(2), 2007), by percentiles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from turncoat.intervals import SEED, Interval, percentile, proportion

DRAWS = 2000
METHOD = f"bootstrap over networks and images, {DRAWS:,} draws (Wilson's over the images where all cells are alike)"
Flags = list[int | None]  # one an image: 1 for a hit, 0 for none, None where the image was not asked about
Cells = NDArray[np.float64]  # (networks, images) or (makers, networks asked, images), nan for None


def flags(n: int, rows: Tensor, hits: Tensor) -> Flags:
    """Of n images, those of `rows` asked about, with these hits."""
    found: Flags = [None] * n
    for row, hit in zip(rows.tolist(), hits.tolist(), strict=True):
        found[row] = int(hit)
    return found


def counted(found: Sequence[int | None]) -> tuple[int, int]:
    """Hits, and how many images were asked about."""
    asked = [flag for flag in found if flag is not None]
    return sum(asked), len(asked)


def share(cells: Cells) -> Interval | None:
    """Mean over all cells; where all are alike, which no resampling can tell from luck, Wilson's over the images."""
    if np.isnan(cells).all():
        return None
    mean = float(np.nanmean(cells))
    if mean in (0, 1):
        images = int((~np.isnan(cells)).any(axis=tuple(range(cells.ndim - 1))).sum())
        return proportion(round(mean) * images, images)
    return _interval(mean, _means(cells))


def difference(first: Cells, second: Cells) -> Interval | None:
    """Mean of the first minus mean of the second, of the same networks and images in each draw."""
    if np.isnan(first).all() or np.isnan(second).all():
        return None
    return _interval(float(np.nanmean(first) - np.nanmean(second)), _means(first) - _means(second))


def ratio(first: Cells, second: Cells) -> Interval | None:
    """Mean of the first over mean of the second, of the same networks and images in each draw."""
    if np.isnan(first).all() or np.isnan(second).all():
        return None
    return _interval(float(np.nanmean(first) / np.nanmean(second)), _means(first) / _means(second))


def _interval(estimate: float, drawn: NDArray[np.float64]) -> Interval:
    return percentile(estimate, drawn, "percentile bootstrap over networks and images")


def _means(cells: Cells) -> NDArray[np.float64]:
    """Of each draw; nan where it has no cell, such as one network alone where pairs are asked for."""
    networks, images = cells.shape[-2:]
    rng = np.random.default_rng(SEED)
    times, seen = (rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(float) for n in (networks, images))

    def total(values: Cells) -> NDArray[np.float64]:
        found = np.moveaxis(values @ seen.T, -1, 0)
        while found.ndim > 1:
            found = np.einsum("d...n,dn->d...", found, times)
        return np.asarray(found)

    known = ~np.isnan(cells)
    count = total(known.astype(float))
    with np.errstate(invalid="ignore"):
        return total(np.where(known, cells, 0)) / count
