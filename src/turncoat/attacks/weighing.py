"""How much each word of a text weighs by the loss's gradient."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import WordGradients

Aggregate = Literal["mean_then_l2", "signed_mean", "l1", "times_input"]
DIGITS = 6


def importance(gradients: WordGradients, aggregate: Aggregate) -> NDArray[np.float64]:
    """One weight a word, (words,), from the mean gradient G of its pieces.

    Args:
        aggregate: "mean_then_l2": the length of G; "l1": the sum of its components' sizes; "signed_mean": their mean;
            "times_input": - G . embedding, the loss gained by setting the embedding to zero, to first order.
    """
    mean = gradients.mean.astype(np.float64)
    match aggregate:
        case "mean_then_l2":
            return np.asarray(np.sqrt((mean**2).sum(axis=1)))
        case "l1":
            return np.asarray(np.abs(mean).sum(axis=1))
        case "signed_mean":
            return np.asarray(mean.mean(axis=1))
        case "times_input":
            return -gradients.times_input.astype(np.float64)


def z_scores(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations (of the whole text, not a sample's) above the mean, six digits; all 0 for equal weights."""
    spread = weights.std()
    if spread <= 1e-12 * np.abs(weights).max():
        return np.zeros(len(weights))
    return np.asarray(np.round((weights - weights.mean()) / spread, DIGITS))
