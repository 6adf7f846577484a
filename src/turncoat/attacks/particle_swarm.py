"""PSO: particle swarm optimisation over words (Zang, Qi, Yang, Liu, Zhang, Liu and Sun, ACL 2020)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.best_so_far import BestSoFar
from turncoat.attacks.one_word import Indices, draw, one_word_changes, ranks
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space, Variants
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.sememes import Sememes

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ParticleSwarm(Attack):
    """A swarm of texts: each takes over words of the best text it has been, then of the best of all, then changes one.

    Source: Y. Zang, F. Qi, C. Yang, Z. Liu, M. Zhang, Q. Liu, M. Sun. "Word-level Textual Adversarial Attacking as
    Combinatorial Optimization." ACL 2020. Fitness is the goal's score. Questions: at most T at first and
    population x (T + 1) an iteration, where T is the number of all single replacements; asked in two batches.

    Random numbers: first one a particle (which word to change), then one a particle (its velocity); for each iteration
    one a particle and one a particle and word (the turn to its own best), as many again (the turn to the best of all),
    one a particle (whether to change a word), and one for each particle that does (which word).

    Differences from the paper:
        - As in its authors' code, velocities start with one number a particle, equal for all words; mutation is less
          likely the more words are changed, 1 - 2 x (changed share); and the best texts are noted after mutation only.
        - The word to change is drawn in proportion to its best option's gain, as in the authors' code for IMDB; in that
          for SST-2 it is drawn in proportion to its number of candidates.
        - Where nothing gains, the best option of a word drawn evenly among those with candidates is taken; the authors
          draw among all words, and change nothing where the word has no candidate.
        - Any text asked about that reaches the goal ends the search, also one whose gain was only measured; the
          authors look at the fittest particle.
        - Forbidden texts (constraints; none in the paper, which discards successes with over 25 % changes) are never
          chosen, nor noted as best.

    Attributes:
        population: particles.
        iterations: G, most iterations.
        inertia: omega in the first iteration, and where it would be after the last one.
        pull: C, the chance that a particle turns to its own best text, likewise; the chance that it turns to the best
            of all goes the other way.
        max_velocity: bound of the first velocities, and what equal (-) or different (+) words add to them.
    """

    substitutions: Substitutions = field(default_factory=Sememes)
    population: int = 60
    iterations: int = 20
    inertia: tuple[float, float] = (0.8, 0.2)
    pull: tuple[float, float] = (0.8, 0.2)
    max_velocity: float = 3.0

    def __post_init__(self) -> None:
        if self.population < 1 or self.iterations < 1:
            raise UsageError(
                f"expected population >= 1 and iterations >= 1, got {self.population} and {self.iterations}"
            )
        for name, ends in (("inertia", self.inertia), ("pull", self.pull)):
            if len(ends) != 2 or not all(0 <= end <= 1 for end in ends):
                raise UsageError(f"expected {name} to be two numbers in [0, 1], got {ends}")
        if not self.max_velocity > 0:
            raise UsageError(f"expected max_velocity > 0, got {self.max_velocity}")

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        best = BestSoFar(goal, space.text, goal.clean_score)
        trace: dict[str, list[float]] = {"best": [], "distinct": []}
        reason = "exhausted"
        try:
            await self._fly(space, best, rng, trace)
        except BudgetSpent:
            reason = "budget"
        return Found(best.text, "flipped" if best.reached else reason, trace)

    async def _fly(self, space: Space, best: BestSoFar, rng: Generator, trace: dict[str, list[float]]) -> None:
        shape = (self.population, len(space.text))
        swarm = _Swarm(space.variants(np.zeros(shape, np.int16)), np.full(self.population, best.score))
        swarm = own = await swarm.mutated(np.arange(self.population), best, rng)
        first = rng.uniform(-self.max_velocity, self.max_velocity, (self.population, 1))
        velocities = np.broadcast_to(first, shape)
        for iteration in range(self.iterations):
            trace["best"].append(round(float(own.scores.max()), 6))
            trace["distinct"].append(len(set(swarm.texts.keys())))
            if best.reached:
                return
            passed = iteration / self.iterations
            particles, own_best = swarm.texts.choices, own.texts.choices
            best_of_all = own_best[[own.scores.argmax()]]
            velocities = self.accelerate(velocities, particles, own_best, best_of_all, passed)
            chances = sigmoid(velocities)
            for chance, elite in zip(self.pulls(passed), (own_best, best_of_all), strict=True):
                turning = rng.random((self.population, 1)) < chance
                particles = turn(particles, elite, turning * chances, rng)
            texts = space.variants(particles)
            verdict = await best.judge(texts)
            if verdict.reached.any():
                return
            restless = rng.random(self.population) < 1 - 2 * texts.changed / len(space.text)
            swarm = await _Swarm(texts, verdict.scores).mutated(np.flatnonzero(restless), best, rng)
            better = np.flatnonzero(swarm.scores > own.scores)
            own = own.replaced(better, swarm.texts.choices[better], swarm.scores[better])

    def accelerate(
        self, velocities: Floats, particles: Choices, own_best: Choices, best_of_all: Choices, passed: float
    ) -> Floats:
        """New velocities (particles, words); a word's chance to be taken over grows where it is not the best texts'.

        Args:
            passed: share of the iterations that are over.
        """
        inertia = _between(self.inertia, passed)
        bound = self.max_velocity
        pushes = np.where(particles == own_best, -bound, bound) + np.where(particles == best_of_all, -bound, bound)
        return inertia * velocities + (1 - inertia) * pushes

    def pulls(self, passed: float) -> tuple[float, float]:
        """Chances that a particle turns to its own best text and to the best of all."""
        return _between(self.pull, passed), _between(self.pull[::-1], passed)


def turn(particles: Choices, elites: Choices, chances: Floats, rng: Generator) -> Choices:
    """The particles, where each word is overwritten by the elite's with its chance (particles, words)."""
    return np.where(rng.random(particles.shape) < chances, elites, particles)


def sigmoid(velocities: Floats) -> Floats:
    """The chance that a velocity stands for."""
    return 1 / (1 + np.exp(-velocities))


def gain_weights(options: Floats, scores: Floats, clean_score: float) -> Floats:
    """How likely each word is changed (particles, words), not normalised: its best option's gain.

    Words are alike where none has a gain; forbidden options have weight 0.

    Args:
        options: score of each word's best option (particles, words); -inf if forbidden.
        scores: the particles' own scores (particles,); forbidden ones count as the untouched text.
        clean_score: score of the untouched text.
    """
    now = np.where(np.isfinite(scores), scores, clean_score)
    weights = np.maximum(options - now[:, None], 0)
    useless = ~weights.any(axis=1)
    weights[useless] = np.isfinite(options[useless])
    return weights


@dataclass(frozen=True, eq=False)
class _Swarm:
    """Particles and their scores (particles,): -inf if forbidden."""

    texts: Variants
    scores: Floats

    async def mutated(self, which: Indices, best: BestSoFar, rng: Generator) -> _Swarm:
        """The swarm with one word of each of these particles changed: all single replacements are asked about first."""
        if not len(which):
            return self
        editable = self.texts.space.positions
        bases = np.repeat(self.texts.choices[which], len(editable), axis=0)
        changes, owners = one_word_changes(self.texts.space, bases, np.tile(editable, len(which)))
        scores = (await best.judge(changes)).scores
        best_options = np.flatnonzero(ranks(owners, scores) == 0).reshape(len(which), len(editable))
        weights = gain_weights(scores[best_options], self.scores[which], best.goal.clean_score)
        able = weights.any(axis=1)
        drawn = best_options[able, draw(weights[able], rng)]
        return self.replaced(which[able], changes.choices[drawn], scores[drawn])

    def replaced(self, which: Indices, choices: Choices, scores: Floats) -> _Swarm:
        """The swarm with others in the places of these particles."""
        new_choices, new_scores = self.texts.choices.copy(), self.scores.copy()
        new_choices[which], new_scores[which] = choices, scores
        return _Swarm(self.texts.space.variants(new_choices), new_scores)


def _between(ends: tuple[float, float], passed: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * passed
