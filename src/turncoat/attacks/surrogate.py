"""A Gaussian process that guesses the victim's answer to a text from the answers to texts that share its words.

Source of the kernel, its start and its fit: Lee, Moon, Lee and Song, ICML 2022 (see `blockwise_bayesian.py`). Exact
inference in float64: for the few hundred points of a search a Cholesky factor costs less than a question to a victim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dtrtri
from scipy.sparse import csr_array
from scipy.special import ndtr

from turncoat.space import Choices

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

SMALLEST_NOISE = 1e-5
START = {"mean": -1.0, "scale": 0.1, "noise": 1e-3, "length": np.log(2)}  # as in the authors' code
RATE, DECAY, DECAY_OF_SQUARES, EPSILON = 0.1, 0.9, 0.999, 1e-8  # Adam
SHARED = 3  # entries of a vector of hyperparameters before the length-scales


@dataclass(frozen=True, eq=False)
class Hyperparameters:
    """What is fitted, as one unbounded vector: mean, log scale, log (noise - smallest noise), log length-scales.

    k(x, x') = scale x exp(-(1 / positions) sum_i [x_i != x'_i] / length_i).
    """

    vector: Vector

    @classmethod
    def start(cls, positions: int) -> Hyperparameters:
        shared = [START["mean"], np.log(START["scale"]), np.log(START["noise"])]
        return cls(np.concatenate([shared, np.full(positions, np.log(START["length"]))]))

    @property
    def mean(self) -> float:
        return float(self.vector[0])

    @property
    def scale(self) -> float:
        return float(np.exp(self.vector[1]))

    @property
    def noise(self) -> float:
        return SMALLEST_NOISE + float(np.exp(self.vector[2]))

    @property
    def relevance(self) -> Vector:
        """beta (positions,): 1 / length-scale; how much the answer hangs on each position."""
        return np.exp(-self.vector[SHARED:])


def fit(start: Hyperparameters, points: Choices, values: Vector, steps: int) -> Process:
    """Adam's first `steps` steps from `start` up the marginal likelihood, and the process with what they lead to.

    Args:
        points: choices at each position (points, positions).
        values: what was answered (points,).
    """
    varied = np.flatnonzero((points != points[0]).any(axis=0))  # no other length-scale has a say
    active = np.concatenate([np.arange(SHARED), SHARED + varied])
    columns = points.T[varied]
    differs = (columns[:, :, None] != columns[:, None, :]) / points.shape[1]
    differs = differs.reshape(len(varied), len(points) ** 2)
    vector, momentum, squares = start.vector[active], np.zeros(len(active)), np.zeros(len(active))
    for step in range(1, steps + 1):
        _, gradient = log_likelihood(vector, differs, values)
        momentum += (1 - DECAY) * (gradient - momentum)
        squares += (1 - DECAY_OF_SQUARES) * (gradient**2 - squares)
        size = np.sqrt(squares / (1 - DECAY_OF_SQUARES**step)) + EPSILON
        vector += RATE * momentum / (1 - DECAY**step) / size
    fitted = start.vector.copy()
    fitted[active] = vector
    return Process(Hyperparameters(fitted), points, _Solved(Hyperparameters(vector), differs, values))


def log_likelihood(vector: Vector, differs: Matrix, values: Vector) -> tuple[float, Vector]:
    """log p(values | points) and its gradient, of the shape of `vector`.

    Args:
        vector: see `Hyperparameters`.
        differs: 1 / positions where two points differ in a position, else 0: (positions, points x points).
    """
    now = Hyperparameters(vector)
    solved = _Solved(now, differs, values)
    value = -0.5 * (values - now.mean) @ solved.weights + np.log(np.diag(solved.root)).sum()
    value -= 0.5 * len(values) * np.log(2 * np.pi)
    slope = 0.5 * (np.outer(solved.weights, solved.weights) - solved.root.T @ solved.root)  # d value / d K
    by_distance = (slope * solved.kernel).ravel()
    shared = [solved.weights.sum(), by_distance.sum(), np.trace(slope) * (now.noise - SMALLEST_NOISE)]
    return float(value), np.concatenate([shared, (differs @ by_distance) * now.relevance])


class _Solved:
    """What known points say.

    Attributes:
        kernel: between the points, without noise.
        root: inverse of the Cholesky factor of K, the kernel with noise: K^-1 = root.T @ root.
        weights: K^-1 (values - mean).
    """

    def __init__(self, now: Hyperparameters, differs: Matrix, values: Vector) -> None:
        count = len(values)
        self.kernel = now.scale * np.exp(-(now.relevance @ differs)).reshape(count, count)
        factor = dpotrf(self.kernel + now.noise * np.eye(count), lower=1, clean=1)[0]
        self.root: Matrix = dtrtri(factor, lower=1)[0]
        self.weights: Vector = self.root.T @ (self.root @ (values - now.mean))


class Process:
    """The Gaussian process given what was answered at `points`."""

    def __init__(self, now: Hyperparameters, points: Choices, solved: _Solved) -> None:
        self.hyperparameters, self.points, self._solved = now, points, solved

    def predict(self, candidates: Choices) -> tuple[Vector, Vector]:
        """Mean and variance (candidates,) of the victim's answers, without noise."""
        shared = self._kernel(candidates, self.points)
        mean = self.hyperparameters.mean + shared @ self._solved.weights
        variance = self.hyperparameters.scale - ((shared @ self._solved.root.T) ** 2).sum(axis=1)
        return mean, np.maximum(variance, 1e-12)

    def covariance(self, candidates: Choices) -> Matrix:
        """Posterior covariance (candidates, candidates), without noise."""
        whitened = self._kernel(candidates, self.points) @ self._solved.root.T
        covariance: Matrix = self._kernel(candidates, candidates) - whitened @ whitened.T
        return covariance

    def _kernel(self, left: Choices, right: Choices) -> Matrix:
        weights = self.hyperparameters.relevance / left.shape[1]
        kernel: Matrix = self.hyperparameters.scale * np.exp(-distances(left, right, weights))
        return kernel


def distances(left: Choices, right: Choices, weights: Vector) -> Matrix:
    """Sum of the weights of the positions where two rows differ, (left, right)."""
    choices = 1 + max(int(left.max()), int(right.max()))
    firsts = np.arange(left.shape[1]) * choices
    columns = (left + firsts).ravel()
    ends = np.arange(0, len(columns) + 1, left.shape[1])
    one_hot = csr_array((np.ones(len(columns)), columns, ends), shape=(len(left), len(weights) * choices))
    differs = right.T[:, None, :] != np.arange(choices)[:, None]
    costs: Matrix = one_hot @ (differs * weights[:, None, None]).reshape(-1, len(right))
    return costs


def expected_improvement(mean: Vector, variance: Vector, best: float) -> Vector:
    """E[max(y - best, 0)] of normal y, rounded to 12 digits so that a last bit never orders equals."""
    deviation = np.sqrt(variance)
    lead = (mean - best) / deviation
    density = np.exp(-0.5 * lead**2) / np.sqrt(2 * np.pi)
    return np.asarray(np.round(deviation * (density + lead * ndtr(lead)), 12))
