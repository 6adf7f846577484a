"""Few out of many, unlike each other: seeds as in k-means++, and a greedy choice of the largest determinant."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.space import Choices


def spread(points: Choices, count: int, rng: Generator) -> NDArray[np.int64]:
    """Indices (ascending) of `count` distinct points, drawn as k-means++ draws its seeds; all if there are no more.

    The first is uniform; each further one has a chance in proportion to its squared Hamming distance to the nearest
    point drawn so far. Ends early when every point equals a drawn one.

    Source: D. Arthur, S. Vassilvitskii. "k-means++: The Advantages of Careful Seeding." SODA 2007.
    """
    if len(points) <= count:
        return np.arange(len(points))
    chosen = [int(rng.integers(len(points)))]
    nearest = _hamming(points, points[chosen[0]])
    while len(chosen) < count and nearest.any():
        edges = np.cumsum(nearest**2)
        chosen.append(int(np.searchsorted(edges, rng.integers(edges[-1]), side="right")))
        nearest = np.minimum(nearest, _hamming(points, points[chosen[-1]]))
    return np.array(sorted(chosen), np.int64)


def diverse(covariance: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Indices of `count` items in the order chosen: the first item, then always the one that adds most determinant.

    The determinant of the chosen items' covariance grows by an item's variance given the items before it: pivoted
    Cholesky without pivoting the first. O(items x count^2).

    Source: L. Chen, G. Zhang, H. Zhou. "Fast Greedy MAP Inference for Determinantal Point Process." NeurIPS 2018.
    """
    count = min(count, len(covariance))
    variance = covariance.diagonal().copy()
    rows = np.zeros((count, len(covariance)))  # of the Cholesky factor, one a chosen item
    chosen: list[int] = []
    for step in range(count):
        item = int(np.round(variance, 12).argmax()) if step else 0
        chosen.append(item)
        rows[step] = (covariance[item] - rows[:step, item] @ rows[:step]) / np.sqrt(max(variance[item], 1e-12))
        variance -= rows[step] ** 2
        variance[item] = -np.inf
    return np.array(chosen, np.int64)


def _hamming(points: Choices, point: Choices) -> NDArray[np.int64]:
    return np.asarray(np.count_nonzero(points != point, axis=1), np.int64)
