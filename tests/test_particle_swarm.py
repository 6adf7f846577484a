"""Particle swarm optimisation: its parts, and a transcript worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from toys import Table, World, search
from turncoat.attacks.particle_swarm import ParticleSwarm, gain_weights, sigmoid, turn
from turncoat.errors import UsageError
from turncoat.substitutions.constraints import MaxChanged
from turncoat.substitutions.sememes import Sememes

OPTIONS = {"a": ["a1", "a2"], "b": ["b1"], "d": ["d1"]}
DROPS = {"a1": 0.15, "a2": 0.05, "b1": 0.1, "d1": 0.2}  # what a word takes from F_0, which is 0.9


def victim(string: str) -> float:
    return 0.9 - sum(DROPS.get(word, 0.0) for word in string.split())


def attack(**parameters: Any) -> ParticleSwarm:
    return ParticleSwarm(substitutions=Table(), **parameters)


def test_transcript_by_hand() -> None:
    # Seed 8 draws .327 .987 | .319 .789 | .870 .391 | .438 .373 .107 .479 .241 .257 | .185 .194
    #   | .814 .423 .256 .591 .604 .647 | .911 .150 | .371
    world = World(victim)
    found, spending = search(attack(population=2, iterations=1), world, "a b d", OPTIONS, seed=8)
    assert world.asked == [
        "a b d",
        # Gains .15 (a1), .1, .2 of .45: ends .333 .556 1. .327 means a, .987 d: particles a1 b d (0.75), a b d1 (0.70).
        "a1 b d", "a2 b d", "a b1 d", "a b d1",
        # Velocities -3 + 6u: -1.088, 1.731. All words are as in the particles' own best texts, so -3; to the best of
        # all, a b d1, the first particle differs at a and d, +3, else -3. New: .8 v + .2 (0 -6 0) = -.870 -2.070 -.870
        # and .8 v + .2 (-6 -6 -6) = .185, chances .295 .112 .295 and .546.
        # .870 is over C1 = .8, .391 below: the second turns to its own best, itself. Both .185 and .194 are below
        # C2 = .2: the second turns to the best of all, itself; the first takes over d1 (.256 < .295), not a (.814).
        "a1 b d1",
        # The first has 2 of 3 words changed: chance 1 - 4/3 < .911. The second 1 of 3: chance 1/3 > .150, it changes a
        # word. The gains from a b d1 are .15, .1, 0: ends .6 1 1; .371 means a: a1 b d1 (0.55).
        "a2 b d1", "a b1 d1",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("a1 b d1", "exhausted")
    assert found.trace == {"best": [0.3], "distinct": [2]}
    # logical: 1; 4; the two moved ones; a1 b d1, a2 b d1, a b1 d1, and a b d1 for "d by d1"
    assert (spending.unique, spending.logical) == (8, 1 + 4 + 2 + 4)


def test_turning_copies_the_particle_and_overwrites_it_by_the_elite() -> None:
    """Chance 0 leaves the particle, chance 1 makes it the elite; a well-known port has the two exchanged."""
    particles, elites = np.array([[1, 0, 2], [0, 0, 1]], np.int16), np.array([[3, 3, 3]], np.int16)
    rng = np.random.default_rng(0)
    assert turn(particles, elites, np.zeros((2, 3)), rng).tolist() == particles.tolist()
    assert turn(particles, elites, np.ones((2, 3)), rng).tolist() == [[3, 3, 3], [3, 3, 3]]
    mixed = turn(particles, elites, np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]), rng)
    assert mixed.tolist() == [[1, 3, 2], [3, 0, 3]]


def test_velocities_by_hand() -> None:
    particles = np.array([[1, 0, 2]], np.int16)
    own, best = np.array([[1, 0, 1]], np.int16), np.array([[1, 2, 1]], np.int16)
    velocities = np.array([[1.0, -1.0, 2.0]])
    # omega .8, .5, and .2 + .6/20 in the last of 20 iterations; pushes -6, 0, 6
    np.testing.assert_allclose(attack().accelerate(velocities, particles, own, best, 0.0), [[-0.4, -0.8, 2.8]])
    np.testing.assert_allclose(attack().accelerate(velocities, particles, own, best, 0.5), [[-2.5, -0.5, 4.0]])
    np.testing.assert_allclose(
        attack().accelerate(velocities, particles, own, best, 19 / 20),
        0.23 * velocities + 0.77 * np.array([[-6, 0, 6]]),
    )
    assert sigmoid(np.zeros(1)) == 0.5


def test_particles_first_follow_their_own_best_and_later_the_best_of_all() -> None:
    np.testing.assert_allclose([attack().pulls(i / 20) for i in (0, 10, 19)], [[0.8, 0.2], [0.5, 0.5], [0.23, 0.77]])


def test_words_are_changed_in_proportion_to_their_gain() -> None:
    options = np.array([[0.3, 0.5, 0.1], [0.1, 0.2, -np.inf], [-np.inf, 0.6, 0.5], [-np.inf] * 3])
    scores = np.array([0.2, 0.2, -np.inf, 0.2])  # the third is forbidden: its gains count from the untouched text
    weights = gain_weights(options, scores, clean_score=0.4)
    np.testing.assert_allclose(weights, [[0.1, 0.3, 0], [1, 1, 0], [0, 0.2, 0.1], [0, 0, 0]])


def test_the_swarm_turns_a_victim_that_no_single_change_turns() -> None:
    for seed in range(5):
        found, _ = search(attack(population=8), World(lambda s: victim(s) + 0.04), "a b d", OPTIONS, seed=seed)
        assert (str(found.text), found.reason) == ("a1 b1 d1", "flipped")


def test_a_success_of_the_first_scan_ends_the_search() -> None:
    world = World(lambda s: 0.4 if "b1" in s else 0.8)
    found, _ = search(attack(), world, "a b d", OPTIONS)
    assert (str(found.text), found.reason) == ("a b1 d", "flipped")
    assert world.asked == ["a b d", "a1 b d", "a2 b d", "a b1 d", "a b d1"]


def test_where_nothing_helps_the_original_is_returned() -> None:
    found, _ = search(attack(population=4), World(lambda s: 0.6 + 0.01 * len(s)), "a b d", OPTIONS)
    assert (str(found.text), found.reason) == ("a b d", "exhausted")
    assert len(found.trace["best"]) == len(found.trace["distinct"]) == 20


def test_a_text_without_candidates_fails_unasked() -> None:
    world = World(victim)
    found, _ = search(attack(), world, "c c", OPTIONS)
    assert (str(found.text), found.reason, world.asked) == ("c c", "no_candidates", ["c c"])


def test_the_budget_is_used_up_and_the_best_text_returned() -> None:
    found, spending = search(attack(population=2), World(victim), "a b d", OPTIONS, seed=8, budget=6)
    assert (str(found.text), found.reason, spending.unique) == ("a1 b d1", "budget", 6)
    found, spending = search(attack(population=2), World(victim), "a b d", OPTIONS, seed=8, budget=3)
    assert (str(found.text), found.reason, spending.unique) == ("a1 b d", "budget", 3)


def test_constraints_keep_particles_in_bounds() -> None:
    world = World(victim)
    found, _ = search(attack(constraints=(MaxChanged(0.34),), population=6), world, "a b d", OPTIONS)
    assert (str(found.text), found.reason) == ("a b d1", "exhausted")
    assert set(world.asked) == {"a b d", "a1 b d", "a2 b d", "a b1 d", "a b d1"}


def test_a_target_is_reached_too() -> None:
    found, _ = search(attack(population=8), World(lambda s: victim(s) + 0.04), "a b d", OPTIONS, target=1)
    assert found.reason == "flipped"


def test_the_paper_s_numbers_are_the_defaults() -> None:
    swarm = ParticleSwarm()
    assert (swarm.population, swarm.iterations, swarm.max_velocity) == (60, 20, 3.0)
    assert (swarm.inertia, swarm.pull, swarm.substitutions) == ((0.8, 0.2), (0.8, 0.2), Sememes())


@pytest.mark.parametrize(
    "wrong", [{"population": 0}, {"iterations": 0}, {"inertia": (0.8,)}, {"pull": (0.8, 1.2)}, {"max_velocity": 0.0}]
)
def test_bad_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"expected .*{next(iter(wrong))} "):
        attack(**wrong)
