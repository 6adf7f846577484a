"""Two half moons and two circles, laid into many dimensions: small problems on which to see a decision boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.errors import UsageError

Shape = Literal["moons", "circles"]
INNER = 0.5  # radius of the inner circle; the outer one has 1


@dataclass(frozen=True)
class Plane:
    """Labelled points of a plane, and how it lies in a larger space.

    Attributes:
        flat: the points on the plane (n, 2), float32.
        points: the same points in the larger space (n, dimensions), float32.
        labels: 0 or 1 (n,), int64; as many of either, or one more of 0.
        axes: the plane's orthonormal axes (2, dimensions): points = flat @ axes, so distances are the same in both.
    """

    flat: NDArray[np.float32]
    points: NDArray[np.float32]
    labels: NDArray[np.int64]
    axes: NDArray[np.float32]


def random_axes(rng: Generator, dimensions: int = 100) -> NDArray[np.float32]:
    """Axes (2, dimensions) of a plane that lies anyhow in a space of `dimensions`.

    Raises:
        UsageError: fewer than 2 dimensions.
    """
    if dimensions < 2:
        raise UsageError(f"expected at least 2 dimensions, got {dimensions}")
    return np.linalg.qr(rng.standard_normal((dimensions, 2)))[0].T.astype(np.float32)


def synthetic(shape: Shape, size: int, rng: Generator, axes: NDArray[np.float32], noise: float = 0.05) -> Plane:
    """Points drawn along two half moons that reach into each other, or along two circles around 0.

    Source: the synthetic problems of Miyato et al. 2016 (arXiv 1507.00677), 100 dimensions and 16 training points.

    Differences from the paper:
        - Radii, places and noise are ours, and the plane's axes are orthonormal: the authors published their points
          without the recipe.

    Args:
        size: number of points.
        axes: from `random_axes`; the same for training and test points.
        noise: standard deviation of what is added to both coordinates on the plane.

    Raises:
        UsageError: no such shape, no points, or noise below 0.
    """
    if shape not in get_args(Shape) or size < 1 or noise < 0:
        raise UsageError(
            f"expected one of {', '.join(get_args(Shape))}, a size of at least 1 and noise of at least 0, "
            f"got {shape!r}, {size} and {noise}"
        )
    labels = np.arange(size) % 2
    turn = rng.random(size) * (np.pi if shape == "moons" else 2 * np.pi)
    flat = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if shape == "moons":
        flat = np.where(labels[:, None] == 0, flat, (1, 0.5) - flat)
    else:
        flat *= np.where(labels == 0, 1, INNER)[:, None]
    flat = (flat + noise * rng.standard_normal(flat.shape)).astype(np.float32)
    return Plane(flat, flat @ axes, labels.astype(np.int64), axes)
