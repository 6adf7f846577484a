"""BBA: the blockwise Bayesian attack (Lee, Moon, Lee and Song, ICML 2022)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.answered import Answered, first_rows
from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.diversity import diverse, spread
from turncoat.attacks.neighbours import one_word_away, scattered, with_resets
from turncoat.attacks.surrogate import Hyperparameters, Process, expected_improvement, fit
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import WordNet

Indices = NDArray[np.int64]
JUMPS = 40  # random points at distance 2 among which one not asked yet is looked for
RESETS = 300  # random shorter points from which an iteration of the last step may start


@dataclass(frozen=True, kw_only=True)
class BlockwiseBayesian(Attack):
    """Learn from every answer which words matter, and ask next what a Gaussian process expects most of.

    Source: D. Lee, S. Moon, J. Lee, H. O. Song. "Query-Efficient and Scalable Black-Box Adversarial Attacks on Discrete
    Sequential Data via Bayesian Optimization." ICML 2022, arXiv 2206.08575. Untargeted in the paper; the margin
    (best other class minus gold class) makes it work for a target too. Questions: one for every block if there are
    several; then at most `rounds` x the number of candidates; after a success `patience` for each shorter success.

    Differences from the paper (details as in its authors' code):
        - Neighbours of the `centres` best points are ranked together; the code takes those of the best one.
        - Random points too are asked `batch` at a time, so that a success among the first saves the others.
        - The earlier points of a block are thinned by drawing seeds as k-means++ does; the code takes the farthest.
        - The marginal likelihood has no priors on the hyperparameters.
        - Later rounds take the block with the largest summed relevance first.
        - The shortest success of a batch is kept, not the one with the largest margin.
        - `most_points` bounds the points that the process is fitted on; the latest stay.
        - Texts that a constraint forbids (none in the paper) are passed over; if that leaves no random point, fewer
          words of the block are changed.

    Attributes:
        block: most positions searched together.
        batch: questions asked at once.
        rounds: how often each block is searched.
        fit_steps: Adam's steps on the marginal likelihood before each batch.
        centres: points whose neighbours are candidates.
        keep: candidates with the largest expected improvement among which the batch is chosen.
        patience: questions without a shorter success that end the last step; 0 leaves it out.
        most_points: most answers that the process is fitted on.
    """

    substitutions: Substitutions = field(default_factory=WordNet)
    block: int = 40
    batch: int = 4
    rounds: int = 5
    fit_steps: int = 3
    centres: int = 10
    keep: int = 100
    patience: int = 50
    most_points: int = 200

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.name not in ("substitutions", "constraints")):
            least = 0 if name in ("fit_steps", "patience") else 1
            if getattr(self, name) < least:
                raise UsageError(f"expected {name} >= {least}, got {getattr(self, name)}")

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        state = _State(Answered(space, goal), Hyperparameters.start(len(space.positions)), rng)
        known, reason = state.known, "exhausted"
        try:
            await known.ask(np.zeros((1, len(space.positions)), np.int16))  # answered before: not asked again
            await self._turn(space, goal, state)
            await self._shorten(state)
        except BudgetSpent:
            reason = "budget"
        if known.success is not None:
            return Found(known.text(known.success), "flipped", state.trace())
        return Found(known.text(known.best), reason, state.trace())

    async def _turn(self, space: Space, goal: Goal, state: _State) -> None:
        """Steps 2 to 4: search the blocks one after another, round after round, until the verdict turns."""
        positions = np.arange(len(space.positions))
        blocks = [_Block(positions[i : i + self.block]) for i in range(0, len(positions), self.block)]
        weights = await _reactions(space, goal, blocks)
        for _ in range(self.rounds):
            for i in np.argsort(-weights, kind="stable").tolist():
                state.visits.append(i)
                await self._search_block(blocks[i], state)
                if state.known.success is not None:
                    return
            weights = np.array([state.beliefs.relevance[block.positions].sum() for block in blocks])

    async def _search_block(self, block: _Block, state: _State) -> None:
        """Step 3: explore the block at random, then exploit what the process learns; all else as in the best point."""
        known, first = state.known, len(state.known)
        questions = int(known.sizes[block.positions].sum())
        best = known.points[known.best]
        earlier = np.union1d(block.asked, known.best)
        earlier = earlier[spread(known.points[earlier], questions, state.rng)]
        await self._explore(block, best, questions, state)
        while known.success is None and (left := first + questions - len(known)) > 0:
            batch = self._exploit(block, best, earlier, first, state)
            if not len(batch):
                break
            await known.ask(batch[:left])
        block.asked = np.union1d(block.asked, np.arange(first, len(known)))

    async def _explore(self, block: _Block, best: Choices, questions: int, state: _State) -> None:
        """Random points in which all words of the block change; half as many, and so on, while none may be asked."""
        known, first = state.known, len(state.known)
        away = len(block.positions)
        count = questions // away * (2 if away > 3 else 1)
        while away and len(known) == first:
            points = known.new(scattered(best, block.positions, known.sizes, away, count, state.rng))
            for i in range(0, len(points), self.batch):
                await known.ask(points[i : i + self.batch])
                if known.success is not None:
                    return
            away //= 2

    def _exploit(self, block: _Block, best: Choices, earlier: Indices, first: int, state: _State) -> Choices:
        """The most promising neighbours of the best known points that differ from `best` inside the block only."""
        known, sizes = state.known, state.known.sizes
        outside = np.setdiff1d(np.arange(len(best)), block.positions)
        inside = np.flatnonzero((known.points[:, outside] == best[outside]).all(axis=1))
        inside = inside[np.argsort(-known.margins[inside], kind="stable")]
        while len(inside := inside[~np.isin(inside, block.exhausted)]):
            centres = inside[: self.centres]
            near = known.new(one_word_away(known.points[centres], block.positions, sizes))
            if len(near):
                process = self._learn(state, earlier, first)
                return near[choose(process, near, known.margins.max(), self.batch, self.keep)]
            block.exhausted = np.union1d(block.exhausted, centres)
            jumps = scattered(known.points[centres[0]], block.positions, sizes, 2, JUMPS, state.rng)
            if len(jumps := known.new(jumps)):
                return jumps[: self.batch]
        return known.points[:0]

    async def _shorten(self, state: _State) -> None:
        """Step 5: look for shorter successes, in a Hamming ball around the original text that shrinks with each."""
        known, first = state.known, len(state.known)
        earlier = spread(known.points, int(known.sizes.sum()), state.rng)
        patience, resets = self.patience, 2
        while known.success is not None and patience > 0:
            shortest = known.points[known.success]
            changed = np.count_nonzero(shortest)
            if resets > changed:
                break
            process = self._learn(state, earlier, first)
            near = known.new(self._shorter(shortest, resets, process, state))
            if not len(near):
                resets += 1
                continue
            batch = near[choose(process, near, 0.0, self.batch, self.keep)]
            before = len(known)
            await known.ask(batch[:patience])
            patience -= len(known) - before
            if np.count_nonzero(known.points[known.success]) < changed:
                patience, resets, state.improved = self.patience, 2, True

    def _shorter(self, shortest: Choices, resets: int, process: Process, state: _State) -> Choices:
        """Points with fewer changed words than `shortest`: those where success is most expected, and around them."""
        known, changed = state.known, int(np.count_nonzero(shortest))
        starts = with_resets(shortest, resets, RESETS, state.rng)
        starts = np.concatenate([known.points[[0, known.best_within(changed - 1)]], shortest[None], starts])
        starts = starts[sorted(first_rows(starts).values())]
        starts = starts[hopeful(process, starts, 0.0, self.batch)]
        near = np.concatenate([starts, one_word_away(starts, np.arange(len(shortest)), known.sizes)])
        inside: Choices = near[np.count_nonzero(near, axis=1) < changed]
        return inside

    def _learn(self, state: _State, earlier: Indices, first: int) -> Process:
        """Go on fitting the process, on earlier points and all from `first` on."""
        chosen = np.union1d(earlier, np.arange(first, len(state.known)))[-self.most_points :]
        process = fit(state.beliefs, state.known.points[chosen], state.known.margins[chosen], self.fit_steps)
        state.beliefs = process.hyperparameters
        return process


def hopeful(process: Process, candidates: Choices, best: float, count: int) -> Indices:
    """Indices of the `count` candidates with the largest expected improvement over `best`, largest first."""
    improvement = expected_improvement(*process.predict(candidates), best)
    return np.argsort(-improvement, kind="stable")[:count]


def choose(process: Process, candidates: Choices, best: float, count: int, keep: int) -> Indices:
    """Indices of the batch: of the `keep` most hopeful candidates, `count` that know little of each other."""
    kept = hopeful(process, candidates, best, keep)
    return kept if len(kept) <= count else kept[diverse(process.covariance(candidates[kept]), count)]


async def _reactions(space: Space, goal: Goal, blocks: list[_Block]) -> NDArray[np.float64]:
    """Rise of the goal's score when all words of a block are deleted, (blocks,); one block is not asked about."""
    if len(blocks) == 1:
        return np.zeros(1)
    texts = []
    for block in blocks:
        text = space.text
        for position in space.positions[block.positions][::-1]:
            text = text.delete(int(position))
        texts.append(text)
    return await goal.probe(texts) - goal.clean_score


@dataclass
class _Block:
    """Positions searched together.

    Attributes:
        asked: points asked on visits to this block.
        exhausted: points that had no neighbour left to ask about.
    """

    positions: Indices
    asked: Indices = field(default_factory=lambda: np.empty(0, np.int64))
    exhausted: Indices = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass
class _State:
    """What one search knows and believes, and the trace of its course."""

    known: Answered
    beliefs: Hyperparameters
    rng: Generator
    visits: list[int] = field(default_factory=list)
    improved: bool = False

    def trace(self) -> dict[str, Any]:
        return {
            "blocks": self.visits,
            "relevance": np.round(self.beliefs.relevance, 6).tolist(),
            "points": len(self.known),
            "improved": self.improved,
        }
