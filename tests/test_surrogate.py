"""The Gaussian process against dense formulas, and the diverse choice against brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal, norm

from turncoat.attacks.diversity import diverse, spread
from turncoat.attacks.neighbours import one_word_away, random_subsets, scattered, with_resets
from turncoat.attacks.surrogate import (
    SMALLEST_NOISE,
    Hyperparameters,
    distances,
    expected_improvement,
    fit,
    log_likelihood,
)

RNG = np.random.default_rng(11)
SIZES = np.array([1, 3, 2, 4])
POINTS = np.unique(RNG.integers(SIZES + 1, size=(9, 4)), axis=0).astype(np.int16)
VALUES = RNG.normal(-0.5, 0.3, len(POINTS))
OTHERS = RNG.integers(SIZES + 1, size=(6, 4)).astype(np.int16)
NOW = Hyperparameters(np.array([-0.7, np.log(0.3), np.log(0.02), *np.log([0.4, 1.5, 0.2, 0.9])]))


def dense(left: np.ndarray, right: np.ndarray, now: Hyperparameters) -> np.ndarray:
    """The kernel, entry by entry, as the paper writes it."""
    lengths = 1 / now.relevance
    return np.array(
        [[now.scale * np.exp(-np.mean([(a[i] != b[i]) / lengths[i] for i in range(4)])) for b in right] for a in left]
    )


def noisy(now: Hyperparameters) -> np.ndarray:
    return dense(POINTS, POINTS, now) + now.noise * np.eye(len(POINTS))


def differs(points: np.ndarray) -> np.ndarray:
    return (points.T[:, :, None] != points.T[:, None, :]).reshape(points.shape[1], -1) / points.shape[1]


def test_hyperparameters_start_where_the_source_starts() -> None:
    start = Hyperparameters.start(2)
    assert (start.mean, start.scale) == (-1.0, pytest.approx(0.1))
    assert start.noise == pytest.approx(1e-3 + SMALLEST_NOISE)
    np.testing.assert_allclose(start.relevance, 1 / np.log(2))


def test_marginal_likelihood_is_the_normal_density() -> None:
    value, _ = log_likelihood(NOW.vector, differs(POINTS), VALUES)
    expected = multivariate_normal(np.full(len(POINTS), NOW.mean), noisy(NOW)).logpdf(VALUES)
    assert value == pytest.approx(expected, abs=1e-10)


def test_gradient_against_finite_differences() -> None:
    def value(vector: np.ndarray) -> float:
        return log_likelihood(vector, differs(POINTS), VALUES)[0]

    _, gradient = log_likelihood(NOW.vector, differs(POINTS), VALUES)
    np.testing.assert_allclose(gradient, approx_fprime(NOW.vector, value, 1e-7), rtol=1e-4, atol=1e-4)


def test_posterior_is_the_conditional_normal() -> None:
    process = fit(NOW, POINTS, VALUES, steps=0)
    shared, inverse = dense(OTHERS, POINTS, NOW), np.linalg.inv(noisy(NOW))
    mean = NOW.mean + shared @ inverse @ (VALUES - NOW.mean)
    covariance = dense(OTHERS, OTHERS, NOW) - shared @ inverse @ shared.T
    found, variance = process.predict(OTHERS)
    np.testing.assert_allclose(found, mean, atol=1e-10)
    np.testing.assert_allclose(variance, np.diag(covariance), atol=1e-10)
    np.testing.assert_allclose(process.covariance(OTHERS), covariance, atol=1e-10)


def test_distances_are_sums_of_weights_where_rows_differ() -> None:
    weights = np.array([1.0, 2.0, 4.0, 8.0])
    left, right = np.array([[0, 1, 0, 3], [1, 1, 2, 0]], np.int16), np.array([[0, 1, 2, 3]], np.int16)
    assert distances(left, right, weights).tolist() == [[4.0], [9.0]]
    assert distances(left, left, weights).tolist() == [[0.0, 13.0], [13.0, 0.0]]


def test_the_first_step_of_adam_moves_everything_by_the_rate() -> None:
    _, gradient = log_likelihood(NOW.vector, differs(POINTS), VALUES)
    moved = fit(NOW, POINTS, VALUES, steps=1).hyperparameters.vector - NOW.vector
    np.testing.assert_allclose(moved, 0.1 * np.sign(gradient), atol=1e-5)


def test_fitting_raises_the_likelihood_and_goes_on_from_where_it_was() -> None:
    once = fit(NOW, POINTS, VALUES, steps=3).hyperparameters
    twice = fit(once, POINTS, VALUES, steps=3).hyperparameters
    values = [log_likelihood(now.vector, differs(POINTS), VALUES)[0] for now in (NOW, once, twice)]
    assert values == sorted(values)


def test_a_position_that_never_varied_keeps_its_length_scale() -> None:
    points = POINTS.copy()
    points[:, 1] = 2
    points = np.unique(points, axis=0)
    fitted = fit(NOW, points, VALUES[: len(points)], steps=5).hyperparameters
    assert fitted.vector[3 + 1] == NOW.vector[3 + 1]
    assert (fitted.vector != NOW.vector).sum() == 6


def test_a_position_that_matters_becomes_more_relevant_than_one_that_does_not() -> None:
    points = RNG.integers(2, size=(40, 4)).astype(np.int16)
    relevance = fit(Hyperparameters.start(4), points, 0.3 * points[:, 2] - 0.6, steps=20).hyperparameters.relevance
    assert relevance.argmax() == 2


def test_one_point_is_enough() -> None:
    mean, variance = fit(Hyperparameters.start(4), POINTS[:1], np.array([-0.2]), steps=3).predict(POINTS[:1])
    assert abs(mean[0] + 0.2) < 0.05
    assert variance[0] < 0.01


@pytest.mark.parametrize(("mean", "variance", "best"), [(-0.5, 0.04, -0.2), (0.3, 0.01, 0.0), (-1.0, 0.5, -1.0)])
def test_expected_improvement_is_the_integral(mean: float, variance: float, best: float) -> None:
    found = expected_improvement(np.array([mean]), np.array([variance]), best)[0]
    expected, _ = quad(lambda y: (y - best) * norm.pdf(y, mean, np.sqrt(variance)), best, best + 10, limit=200)
    assert found == pytest.approx(expected, abs=1e-8)


def test_expected_improvement_without_doubt_is_the_lead() -> None:
    found = expected_improvement(np.array([0.5, -0.5]), np.array([1e-12, 1e-12]), 0.0)
    np.testing.assert_allclose(found, [0.5, 0.0], atol=1e-6)


def test_each_diverse_item_adds_most_determinant() -> None:
    root = RNG.normal(size=(7, 7))
    covariance = root @ root.T
    chosen = diverse(covariance, 5).tolist()
    assert chosen[0] == 0
    for size in range(1, 5):
        rest = [i for i in range(7) if i not in chosen[:size]]
        sets = [[*chosen[:size], i] for i in rest]
        determinants = [np.linalg.det(covariance[np.ix_(items, items)]) for items in sets]
        assert chosen[size] == rest[int(np.argmax(determinants))]


def test_a_diverse_pair_is_the_best_of_all_pairs_with_the_first() -> None:
    covariance = np.array([[1.0, 0.9, 0.1, 0.5], [0.9, 1.0, 0.2, 0.4], [0.1, 0.2, 1.0, 0.0], [0.5, 0.4, 0.0, 1.0]])
    pairs = [pair for pair in combinations(range(4), 2) if 0 in pair]
    best = max(pairs, key=lambda pair: np.linalg.det(covariance[np.ix_(pair, pair)]))
    assert tuple(diverse(covariance, 2)) == best == (0, 2)


def test_diverse_takes_all_when_there_are_few_and_lower_indices_on_ties() -> None:
    assert diverse(np.eye(3), 5).tolist() == [0, 1, 2]
    assert diverse(np.ones((3, 3)), 3).tolist() == [0, 1, 2]


def test_spread_takes_distinct_points() -> None:
    points = np.repeat(np.arange(5, dtype=np.int16)[:, None], 3, axis=1)
    points = np.concatenate([points, points, points])
    for seed in range(20):
        chosen = spread(points, 4, np.random.default_rng(seed))
        assert len(np.unique(points[chosen], axis=0)) == len(chosen) == 4
    assert len(spread(points, 9, np.random.default_rng(0))) == 5  # there are no more distinct ones
    assert spread(points, 15, np.random.default_rng(0)).tolist() == list(range(15))


def test_spread_prefers_what_is_far() -> None:
    near, far = np.zeros((50, 20), np.int16), np.ones((1, 20), np.int16)
    near[np.arange(20), np.arange(20)] = 1
    points = np.concatenate([near, far])
    # From any of the 50 near points, the far one weighs 20^2 or 19^2 against at most 50 x 2^2.
    hits = sum(50 in spread(points, 2, np.random.default_rng(seed)) for seed in range(60))
    assert hits > 30


def test_neighbours_by_hand() -> None:
    points = np.array([[1, 0, 2]], np.int16)
    near = one_word_away(points, np.array([0, 2]), np.array([1, 5, 2]))
    assert near.tolist() == [[0, 0, 2], [1, 0, 0], [1, 0, 1]]


def test_scattered_points_are_as_far_as_asked() -> None:
    point, sizes = np.array([1, 0, 2, 0], np.int16), np.array([1, 3, 2, 2])
    for away, expected in ((2, 2), (3, 3), (9, 3)):
        points = scattered(point, np.array([0, 1, 2]), sizes, away, 50, np.random.default_rng(0))
        assert set(np.count_nonzero(points != point, axis=1)) == {expected}
        assert (points[:, 3] == 0).all()
        assert (points <= sizes).all()
        assert (points >= 0).all()


def test_resets_put_original_words_back() -> None:
    points = with_resets(np.array([1, 0, 2, 3], np.int16), 2, 60, np.random.default_rng(0))
    assert {tuple(row) for row in points.tolist()} == {(1, 0, 0, 0), (0, 0, 2, 0), (0, 0, 0, 3)}


def test_random_subsets_are_uniform() -> None:
    subsets = random_subsets(4, 2, 6000, np.random.default_rng(0))
    _, counts = np.unique(subsets, axis=0, return_counts=True)
    assert len(counts) == 6
    assert counts.min() > 850
    assert random_subsets(2, 5, 3, np.random.default_rng(0)).all()
