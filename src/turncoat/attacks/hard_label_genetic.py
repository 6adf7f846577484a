"""HLBB: a genetic hard-label attack (Maheshwary, Maheshwary and Pudi, AAAI 2021)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.label_search import LabelSearch
from turncoat.engine.query import Embed
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space
from turncoat.substitutions.lexicon import CounterFitted
from turncoat.substitutions.narrowing import WithoutShortWords, WithoutStopWords
from turncoat.substitutions.proposing import Substitutions


def near_content_words() -> Substitutions:
    """Counter-fitted neighbours of content words of more than two letters."""
    return WithoutShortWords(WithoutStopWords(CounterFitted()))


@dataclass(frozen=True, kw_only=True)
class HardLabelGenetic(Attack):
    """Turn the verdict at random, restore words, then breed texts with fewer and nearer replacements.

    Source: R. Maheshwary, S. Maheshwary, V. Pudi. "Generating Natural Language Attacks in a Hard Label Black Box
    Setting." AAAI 2021. Steps 1 and 2 stand in `LabelSearch`. Random draws: those of `LabelSearch.turn`, then in each
    generation parents (2, population - 1), coins (population - 1, positions), positions to mutate.

    Differences from the paper:
        - Every question counts; the authors' code leaves out checks of the best member, failed attempts to put the
          original word back, and rejected children.
        - Similarity comes first: synonyms and children that lower it are not asked about, as they cannot be chosen.
        - The random texts are asked in groups that grow (by a quarter of those asked), so a few may be in vain.
        - Among members with equally few changes the most similar is best (authors' code: the last one).
        - The text that the restoring left is a member from the first generation on, as the best is in all later ones.
        - A child may not change more words than the best (authors' code: not differ from it at more words).
        - Sentence similarity is that of the project's encoder, not of the Universal Sentence Encoder.
        - At most eight neighbours a word, as published (the paper: fifty); all words but stop words are content words.
        - Synonyms get no check of their part of speech here; wrap the substitutions in `SamePartOfSpeech`.

    Attributes:
        population: members of a generation, the best of the one before included.
        iterations: most generations.
        patience: stop when so many generations in a row have the same best member.
        tries: most texts with all editable words replaced, before the search for a first success is given up.
        window: words around a position that local similarity looks at.
    """

    substitutions: Substitutions = field(default_factory=near_content_words)
    population: int = 30
    iterations: int = 100
    patience: int = 15
    tries: int = 2500
    window: int = 15

    needs_probabilities: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.population < 2:
            raise UsageError(f"expected a population of at least 2, got {self.population}")
        if min(self.iterations, self.patience, self.window) < 1 or self.tries < 0:
            raise UsageError(
                f"expected iterations, patience and window of at least 1 and tries of at least 0, got "
                f"{self.iterations}, {self.patience}, {self.window} and {self.tries}"
            )

    @property
    def asks_encoder(self) -> bool:
        return True

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        state = LabelSearch.on(space, goal)
        try:
            if await state.turn(rng, self.tries):
                await state.restore()
                await self._evolve(state, rng)
        except BudgetSpent:
            return state.found("budget")
        return state.found("exhausted")

    async def _evolve(self, state: LabelSearch, rng: Generator) -> None:
        """Breed until one word is changed or nothing gets better."""
        positions = np.flatnonzero(state.row)
        if len(positions) == 1:
            return
        mutants = await self._mutate(state, np.tile(state.row, (len(positions), 1)), positions)
        if not len(mutants):
            return
        members = np.vstack([state.row, mutants])
        unchanged = 0
        for generation in range(1, self.iterations + 1):
            similar = await state.similarities(members)
            best = members[np.lexsort((-similar, np.count_nonzero(members, axis=1)))[0]]
            unchanged = unchanged + 1 if np.array_equal(best, state.row) else 0
            state.row, state.trace["generations"] = best, generation
            if state.changes == 1 or unchanged == self.patience:
                return
            children = (await self._cross(state, members, similar, positions, rng))[: len(positions)]
            columns = positions[rng.integers(len(positions), size=len(children))]
            members = np.vstack([await self._mutate(state, children, columns), best])

    async def _cross(
        self,
        state: LabelSearch,
        members: Choices,
        similar: NDArray[np.float64],
        positions: NDArray[np.int64],
        rng: Generator,
    ) -> Choices:
        """Children that reach the goal, change no more words than the best, and are locally no less similar."""
        odds = np.exp(similar - similar.max())
        pairs = rng.choice(len(members), size=(2, self.population - 1), p=odds / odds.sum())
        coins = rng.random((self.population - 1, len(positions))) < 0.5
        mothers, fathers = members[pairs[0]], members[pairs[1]]
        children = mothers.copy()
        children[:, positions] = np.where(coins, mothers[:, positions], fathers[:, positions])
        children = children[np.count_nonzero(children, axis=1) <= state.changes]
        owners, columns = np.nonzero((children != state.row) & (children != 0))
        before = await self._local(state, np.tile(state.row, (len(columns), 1)), columns)
        lowered = owners[await self._local(state, children[owners], columns) < before]
        hopeful: Choices = np.delete(children, lowered, axis=0)
        return hopeful[await state.reached(hopeful)]

    async def _mutate(self, state: LabelSearch, rows: Choices, columns: NDArray[np.int64]) -> Choices:
        """Each text with the word at its column restored, or else in the best synonym; left out where neither works.

        Best is the highest local similarity, not below what it was, that keeps the goal reached.
        """
        mutants = rows.copy()
        mutants[np.arange(len(rows)), columns] = 0
        works = await state.reached(mutants)
        owners, options = _others(state.space, rows, columns, np.flatnonzero(~works))
        synonyms = rows[owners]
        synonyms[np.arange(len(owners)), columns[owners]] = options
        before = await self._local(state, rows, columns)
        after = await self._local(state, synonyms, columns[owners])
        hopeful = np.flatnonzero(after >= before[owners])
        kept = hopeful[await state.reached(synonyms[hopeful])]
        ranked = kept[np.lexsort((-after[kept], owners[kept]))]
        winners, firsts = np.unique(owners[ranked], return_index=True)
        mutants[winners] = synonyms[ranked[firsts]]
        works[winners] = True
        return mutants[works]

    async def _local(self, state: LabelSearch, rows: Choices, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Similarity to the original of the words around each text's column (texts,)."""
        text = state.space.text
        if len(text) <= self.window or not len(rows):
            return await state.similarities(rows)
        starts = np.clip(columns - self.window // 2, 0, len(text) - self.window).tolist()
        parts = [
            v.part(start, start + self.window) for v, start in zip(state.space.variants(rows), starts, strict=True)
        ]
        vectors = await Embed(parts)
        originals = await Embed([text.part(start, start + self.window) for start in starts])
        cosines: NDArray[np.float64] = np.einsum("ij,ij->i", vectors.astype(np.float64), originals.astype(np.float64))
        return np.round(cosines, 6)


def _others(
    space: Space, rows: Choices, columns: NDArray[np.int64], among: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every option but the present one at the columns of some texts: whose it is, and its number."""
    sizes = space.sizes[columns[among]]
    owners = np.repeat(among, sizes)
    options = 1 + np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    new = options != rows[owners, columns[owners]]
    return owners[new], options[new]
