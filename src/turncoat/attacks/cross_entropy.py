"""CEA: the Cross-Entropy Attack (Ni, Gong and Liu, arXiv 2501.11852)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.tilting import Tilt
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal, Verdict
from turncoat.space import Choices, Space, Variants
from turncoat.substitutions.constraints import similarities
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import WordNet

Objective = Literal["ranked", "plain", "literal"]


def _content_words() -> Substitutions:
    return WithoutStopWords(WordNet(inflect=True))


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(Attack):
    """Draw many substitutions at once, keep the elite, tilt the distribution towards it, draw again.

    Source: M. Ni, C. Gong, W. Liu. "Cross-Entropy Attacks to Language Models via Rare Event Simulation."
    arXiv 2501.11852. Score of a text: f = m x Sim (x the share of unchanged words, to the power `change_penalty`).
    Questions: at most 1 + samples x iterations + 1. Presets: `cea-paper` (the defaults) and `cea-min`.

    Differences from the paper (its text is not public; equations as in its authors' code):
        - Eq. 5 read literally gives every failing text the same score; `objective="ranked"` applies its maximum to
          successes only, so that every success outranks every failure. `literal` is kept for the record.
        - The successful text with the largest f is returned, whatever the overall largest f was.
        - Exactly ceil(elite x samples) elites, ties broken at random; the authors admit every text at the threshold.
        - Hard label without any success so far: the distribution is left alone (`hard_stall="resample"`), not updated
          from an arbitrary half (`"paper"`).
        - Similarity is clamped to [0, 1], and asked only where it can change the elite or the result.
        - Forbidden texts (constraints; none in the paper) are never elite.
        - Targets, smoothing and the reducing pass are ours. Until masked-LM and sememe candidates are plugged in,
          the default candidates are WordNet synonyms of content words, inflected like the original.

    Attributes:
        samples: N, texts drawn an iteration.
        iterations: T, most iterations.
        rho: quantile parameter.
        rho_is: "elite": the top rho are elite (authors' code); "quantile": the top 1 - rho are (paper's wording).
        objective: model-side score m of a soft-label victim.
        allow_unchanged: whether "keep the word" is an option; without it every editable word is always replaced.
        change_penalty: alpha, exponent of the share of unchanged words.
        smoothing: share of the new frequencies in the update; 1 replaces the old ones.
        hard_stall: what an iteration without any success does to a hard-label search.
        run_to_convergence: go on improving f after the first success.
        reduce: at the end put original words back, left to right, as long as the verdict stays turned.
    """

    substitutions: Substitutions = field(default_factory=_content_words)
    samples: int = 100
    iterations: int = 50
    rho: float = 0.5
    rho_is: Literal["elite", "quantile"] = "elite"
    objective: Objective = "ranked"
    allow_unchanged: bool = False
    change_penalty: float = 0.0
    smoothing: float = 1.0
    hard_stall: Literal["resample", "paper"] = "resample"
    run_to_convergence: bool = False
    reduce: bool = False

    needs_probabilities: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.samples < 1 or self.iterations < 1:
            raise UsageError(f"expected at least 1 sample and 1 iteration, got {self.samples} and {self.iterations}")
        if not 0 < self.elite_share <= 1:
            raise UsageError(f"expected an elite share in (0, 1], got {self.elite_share} (rho_is={self.rho_is!r})")
        if not 0 < self.smoothing <= 1:
            raise UsageError(f"expected smoothing in (0, 1], got {self.smoothing}")

    @property
    def elite_share(self) -> float:
        """Share of the samples that are elite."""
        return self.rho if self.rho_is == "elite" else 1 - self.rho

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        state = _State(Tilt.uniform(space.sizes, self.allow_unchanged))
        try:
            reason = await self._optimise(space, goal, rng, state)
            if state.success is not None and self.reduce:
                state.success = await _reduce(space, goal, state.success)
        except BudgetSpent:
            reason = "budget"
        row = state.success if state.success is not None else state.best
        text = space.text if row is None else space.variants(row[None])[0]
        return Found(text, "flipped" if state.success is not None else reason, state.trace())

    async def _optimise(self, space: Space, goal: Goal, rng: Generator, state: _State) -> str:
        for _ in range(self.iterations):
            texts = space.variants(state.tilt.sample(self.samples, rng))
            verdict = await goal.judge(texts)
            stop = bool(verdict.reached.any()) and not self.run_to_convergence
            wanted = verdict.reached if stop else np.isfinite(verdict.scores)
            needed = 1 if stop else self._exact_count(len(texts))
            fitness = await self._fitness(space, goal, texts, verdict, wanted, needed)
            state.note(texts.choices, fitness, verdict.reached)
            if stop:
                return "flipped"
            threshold, elite = choose_elite(fitness, self.elite_share, rng)
            arbitrary = goal.hard and self.hard_stall == "paper"
            stalled = not len(elite) or bool(fitness.max() <= 0 and not arbitrary)
            if not stalled:
                state.tilt = state.tilt.towards(texts.choices[elite], self.smoothing)
            state.record(threshold, stalled)
            if state.tilt.settled:
                break
        if state.success is None:
            mode = space.variants(state.tilt.mode()[None])
            verdict = await goal.judge(mode)
            if np.isfinite(verdict.scores[0]):
                state.best = mode.choices[0]
            if verdict.reached[0]:
                state.success = mode.choices[0]
        return "converged" if state.tilt.settled else "exhausted"

    def _exact_count(self, samples: int) -> int:
        """How many of the best f must be exact: the elite; all, where the best success may rank below the elite."""
        return samples if self.run_to_convergence else elite_count(self.elite_share, samples)

    async def _fitness(
        self, space: Space, goal: Goal, texts: Variants, verdict: Verdict, wanted: NDArray[np.bool_], needed: int
    ) -> NDArray[np.float64]:
        """f = m x Sim x (1 - changed / n)^alpha, (texts,); -inf where not wanted.

        Exact for the `needed` best. As Sim <= 1, a text whose f would not be among them even with Sim = 1 need not be
        embedded: it keeps that bound, which is below all of theirs.
        """
        kept = (1 - texts.changed / len(space.text)) ** self.change_penalty
        scores = np.where(wanted, model_score(verdict, goal, self.objective), 0)
        fitness = np.where(wanted, scores * kept, -np.inf)

        async def weigh(rows: NDArray[np.int64]) -> None:
            if len(rows):
                fitness[rows] *= np.clip(await similarities(space.text, texts.take(rows)), 0, 1)

        hopeful = np.flatnonzero(fitness > 0)
        ranked = hopeful[np.argsort(-fitness[hopeful], kind="stable")]
        best, others = ranked[:needed], ranked[needed:]
        await weigh(best)
        await weigh(others[fitness[others] >= fitness[best].min(initial=np.inf)])
        return fitness


def model_score(verdict: Verdict, goal: Goal, objective: Objective) -> NDArray[np.float64]:
    """m, the model's side of the score (texts,): Eq. 6 for hard labels, Eq. 5 in three readings for soft ones."""
    scores = verdict.scores
    if goal.hard or objective == "plain":
        return scores
    if objective == "literal":
        return np.where(np.isfinite(scores), np.maximum(scores, goal.success_floor), scores)
    return np.where(verdict.reached, np.maximum(scores, goal.success_floor), scores)


def choose_elite(fitness: NDArray[np.float64], share: float, rng: Generator) -> tuple[float, NDArray[np.int64]]:
    """Threshold gamma and the indices of exactly ceil(share x N) best texts, ties at random; forbidden ones never."""
    count = elite_count(share, len(fitness))
    shuffled = rng.permutation(len(fitness))
    best = shuffled[np.argsort(-fitness[shuffled], kind="stable")][:count]
    permitted = best[np.isfinite(fitness[best])]
    return (float(fitness[best[-1]]), permitted)


def elite_count(share: float, samples: int) -> int:
    """ceil(share x N), safe against the last bit of the product."""
    return int(np.ceil(share * samples - 1e-9))


async def _reduce(space: Space, goal: Goal, row: Choices) -> Choices:
    """Put original words back, left to right, wherever the goal stays reached."""
    for position in np.flatnonzero(row):
        fewer = row.copy()
        fewer[position] = 0
        if (await goal.judge(space.variants(fewer[None]))).reached[0]:
            row = fewer
    return row


@dataclass
class _State:
    """What one search has learned: the tilted distribution, the best texts, the trace."""

    tilt: Tilt
    best: Choices | None = None
    best_fitness: float = -np.inf
    success: Choices | None = None
    success_fitness: float = -np.inf
    gammas: list[float | None] = field(default_factory=list)
    bests: list[float | None] = field(default_factory=list)
    entropies: list[float] = field(default_factory=list)
    stalls: int = 0

    def note(self, choices: Choices, fitness: NDArray[np.float64], reached: NDArray[np.bool_]) -> None:
        """Remember the best text and the best success; ties go to fewer changes, then to the earlier sample."""
        order = np.lexsort((np.count_nonzero(choices, axis=1), -fitness))
        if fitness[order[0]] > self.best_fitness:
            self.best, self.best_fitness = choices[order[0]], float(fitness[order[0]])
        for i in order[reached[order]][:1]:
            if self.success is None or fitness[i] > self.success_fitness:
                self.success, self.success_fitness = choices[i], float(fitness[i])

    def record(self, gamma: float, stalled: bool) -> None:
        """Append one iteration to the trace."""
        self.stalls += stalled
        self.gammas.append(_finite(gamma))
        self.bests.append(_finite(self.best_fitness))
        self.entropies.append(round(self.tilt.entropy(), 6))

    def trace(self) -> dict[str, Any]:
        return {"gamma": self.gammas, "best": self.bests, "entropy": self.entropies, "stalls": self.stalls}


def _finite(number: float) -> float | None:
    return round(number, 6) if np.isfinite(number) else None


def cea_paper() -> CrossEntropy:
    """The published attack: every editable word is always replaced."""
    return CrossEntropy()


def cea_min() -> CrossEntropy:
    """Our variant for few changes: words may stay, and f is multiplied by the share of unchanged words."""
    return CrossEntropy(allow_unchanged=True, change_penalty=1.0)
