"""CEA: the Cross-Entropy Attack (Ni, Gong and Liu, arXiv 2501.11852)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.elite import Objective, choose_elite, elite_count, model_score, weigh
from turncoat.attacks.tilting import Tilt
from turncoat.engine.query import Spent
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal, Verdict
from turncoat.space import Choices, Space, Variants
from turncoat.substitutions.combining import candidates
from turncoat.substitutions.proposing import Substitutions

RhoIs = Literal["elite", "quantile"]
HardStall = Literal["resample", "paper"]
CHOICES = {"rho_is": get_args(RhoIs), "objective": get_args(Objective), "hard_stall": get_args(HardStall)}


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(Attack):
    """Draw many substitutions at once, keep the elite, tilt the distribution towards it, draw again.

    Source: M. Ni, C. Gong, W. Liu. "Cross-Entropy Attacks to Language Models via Rare Event Simulation."
    arXiv 2501.11852. Score of a text: f = m x Sim (x the share of unchanged words, to the power `change_penalty`).
    Of translations (goal `Distort`) m is 1 - BLEU x similarity of the translations, and Sim that of the source texts.
    Questions: at most 1 + samples x iterations + 1. Presets: `cea-paper` (the defaults) and `cea-min`.

    Differences from the paper (its text is not public; equations as in its authors' code):
        - Eq. 5 read literally gives every failing text the same score; `objective="ranked"` applies its maximum to
          successes only, so that every success outranks every failure. `literal` is kept for the record.
        - The successful text with the largest f is returned, whatever the overall largest f was.
        - Exactly ceil(elite x samples) elites, ties broken at random; the authors admit every text at the threshold.
          The gamma of the trace is the least f of these, a place above Eq. 18's quantile (see `choose_elite`).
        - Hard label, and no success in an iteration: the distribution is left alone (`hard_stall="resample"`), not
          updated from an arbitrary half (`"paper"`). As the first success ends the search, the distribution then never
          moves: a hard-label search is uniform random search, unless `run_to_convergence`.
        - K counts the masked language model's words after cleaning (whole words of letters, other than the original);
          the authors take its first K tokens as they come.
        - Similarity is clamped to [0, 1], and asked only where it can change the elite or the result.
        - The semantic threshold epsilon, which the paper does not give, is the constraint `MinSimilarity(1 - epsilon)`;
          there is none by default. Forbidden texts are neither asked about nor elite.
        - Where a budget leaves less than an iteration, what it leaves is drawn (one question is kept for the mode);
          so few texts do not move the distribution.
        - Translations: the authors' score has no Sim of the source; `source_similarity=False` leaves it out.
        - Targets, smoothing and the reducing pass are ours.

    The trace has one entry an iteration: texts drawn (`samples`), how many of them turned the verdict (`reached`),
    threshold (`gamma`), best f so far (`best`) and mean entropy of the positions in nats (`entropy`); and for the whole
    search: editable `positions` and all their `options`, iterations in which no text scored, so that there was nothing
    to move the distribution by (`stalls`; whatever `hard_stall` then did), and what the search `ends_in`: the
    "original", a "sample", the "mode" of the distribution, or a success "reduced" to fewer changes.

    Attributes:
        samples: N, texts drawn an iteration.
        iterations: T, most iterations.
        rho: quantile parameter.
        rho_is: "elite": the top rho are elite (authors' code); "quantile": the top 1 - rho are (paper's wording).
        objective: model-side score m of a soft-label victim.
        source_similarity: whether f counts the similarity to the untouched text; without it f = m.
        allow_unchanged: whether "keep the word" is an option; without it every editable word is always replaced.
        change_penalty: alpha, exponent of the share of unchanged words.
        smoothing: share of the new frequencies in the update; 1 replaces the old ones.
        hard_stall: what an iteration without any success does to a hard-label search.
        run_to_convergence: go on improving f after the first success.
        reduce: at the end put original words back, left to right, as long as the verdict stays turned.
    """

    substitutions: Substitutions = field(default_factory=candidates)
    samples: int = 100
    iterations: int = 50
    rho: float = 0.5
    rho_is: RhoIs = "elite"
    objective: Objective = "ranked"
    source_similarity: bool = True
    allow_unchanged: bool = False
    change_penalty: float = 0.0
    smoothing: float = 1.0
    hard_stall: HardStall = "resample"
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
        if self.change_penalty < 0:
            raise UsageError(f"expected change_penalty >= 0, got {self.change_penalty}")
        for name, known in CHOICES.items():
            if (chosen := getattr(self, name)) not in known:
                raise UsageError(f"expected {name} to be one of {', '.join(known)}, got {chosen!r}")

    @property
    def elite_share(self) -> float:
        """Share of the samples that are elite."""
        return self.rho if self.rho_is == "elite" else 1 - self.rho

    @property
    def asks_encoder(self) -> bool:
        return self.source_similarity or super().asks_encoder

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        state = _State(Tilt.uniform(space.sizes, self.allow_unchanged), space.sizes)
        try:
            reason = await self._optimise(space, goal, rng, state)
            if state.success is None:
                await self._ask_mode(space, goal, state)
            elif self.reduce:
                await _reduce(space, goal, state, state.success)
        except BudgetSpent:
            reason = "budget"
        row = state.success if state.success is not None else state.best
        text = space.text if row is None else space.variants(row[None])[0]
        return Found(text, "flipped" if state.success is not None else reason, state.trace())

    async def _optimise(self, space: Space, goal: Goal, rng: Generator, state: _State) -> str:
        """Draw, ask, weigh, tilt (Algorithm 1), and say why it ended."""
        for _ in range(self.iterations):
            count = await self._affordable()
            if not count:
                return "budget"
            texts = space.variants(state.tilt.sample(count, rng))
            verdict = await goal.judge(texts)
            ends = bool(verdict.reached.any()) and not self.run_to_convergence
            wanted = verdict.reached if ends else np.isfinite(verdict.scores)
            bounds = np.where(wanted, self._bounds(goal, texts, verdict), -np.inf)
            fitness = bounds
            if self.source_similarity:
                fitness = await weigh(bounds, space.text, texts, 1 if ends else self._exact_count(count))
            state.note(texts.choices, fitness, verdict.reached)
            if ends:
                state.record()
                return "flipped"
            gamma, elite = choose_elite(fitness, self.elite_share, rng)
            stalled = bool(fitness.max() <= 0)
            moves = not stalled or (goal.hard and self.hard_stall == "paper" and len(elite) > 0)
            if count == self.samples and moves:  # too few texts would commit the distribution to chance
                state.tilt = state.tilt.towards(texts.choices[elite], self.smoothing)
            state.record(gamma, stalled)
            if state.tilt.settled:
                return "converged"
        return "exhausted"

    async def _affordable(self) -> int:
        """How many texts to draw: N, or what the budget leaves after one question for the mode."""
        left = (await Spent()).left
        return self.samples if left is None else max(0, min(self.samples, left - 1))

    def _bounds(self, goal: Goal, texts: Variants, verdict: Verdict) -> NDArray[np.float64]:
        """What f would be with Sim = 1: m x (1 - changed / n)^alpha, (texts,)."""
        kept = (1 - texts.changed / len(texts.space.text)) ** self.change_penalty
        scores = model_score(verdict, goal, self.objective)
        return np.where(np.isfinite(scores), scores, 0) * kept

    def _exact_count(self, samples: int) -> int:
        """How many of the best f must be exact: the elite; all, where the best success may rank below the elite."""
        return samples if self.run_to_convergence else elite_count(self.elite_share, samples)

    async def _ask_mode(self, space: Space, goal: Goal, state: _State) -> None:
        """The most probable text, as the last hope."""
        mode = space.variants(state.tilt.mode()[None])
        verdict = await goal.judge(mode)
        if np.isfinite(verdict.scores[0]):
            state.best, state.ends_in = mode.choices[0], "mode"
        if verdict.reached[0]:
            state.success = mode.choices[0]


async def _reduce(space: Space, goal: Goal, state: _State, row: Choices) -> None:
    """Put original words back, left to right, wherever the goal stays reached."""
    for position in np.flatnonzero(row):
        fewer = row.copy()
        fewer[position] = 0
        if (await goal.judge(space.variants(fewer[None]))).reached[0]:
            state.success, state.ends_in, row = fewer, "reduced", fewer


@dataclass
class _State:
    """What one search has learned: the tilted distribution, the best texts, the trace."""

    tilt: Tilt
    sizes: NDArray[np.int64]
    best: Choices | None = None
    best_fitness: float = -np.inf
    success: Choices | None = None
    success_fitness: float = -np.inf
    ends_in: str = "original"
    samples: list[int] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)
    gammas: list[float | None] = field(default_factory=list)
    bests: list[float | None] = field(default_factory=list)
    entropies: list[float] = field(default_factory=list)
    stalls: int = 0

    def note(self, choices: Choices, fitness: NDArray[np.float64], reached: NDArray[np.bool_]) -> None:
        """Remember the best text and the best success; ties go to fewer changes, then to the earlier sample."""
        order = np.lexsort((np.count_nonzero(choices, axis=1), -fitness))
        if fitness[order[0]] > self.best_fitness:
            self.best, self.best_fitness, self.ends_in = choices[order[0]], float(fitness[order[0]]), "sample"
        for i in order[reached[order]][:1]:
            if self.success is None or fitness[i] > self.success_fitness:
                self.success, self.success_fitness = choices[i], float(fitness[i])
        self.samples.append(len(choices))
        self.reached.append(int(reached.sum()))

    def record(self, gamma: float = -np.inf, stalled: bool = False) -> None:
        """Append one iteration to the trace; the last one of a success has no threshold."""
        self.stalls += stalled
        self.gammas.append(_finite(gamma))
        self.bests.append(_finite(self.best_fitness))
        self.entropies.append(round(self.tilt.entropy(), 6))

    def trace(self) -> dict[str, Any]:
        return {
            "positions": int(np.count_nonzero(self.sizes)),
            "options": int(self.sizes.sum()),
            "samples": self.samples,
            "reached": self.reached,
            "gamma": self.gammas,
            "best": self.bests,
            "entropy": self.entropies,
            "stalls": self.stalls,
            "ends_in": self.ends_in,
        }


def _finite(number: float) -> float | None:
    return round(number, 6) if np.isfinite(number) else None


def cea_paper() -> CrossEntropy:
    """The published attack: every editable word is always replaced."""
    return CrossEntropy()


def cea_min() -> CrossEntropy:
    """Our variant for few changes: words may stay, and f is multiplied by the share of unchanged words."""
    return CrossEntropy(allow_unchanged=True, change_penalty=1.0)
