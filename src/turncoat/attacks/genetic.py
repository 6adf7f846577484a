"""GA: the genetic attack (Alzantot, Sharma, Elgohary, Ho, Srivastava and Chang, EMNLP 2018)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found
from turncoat.attacks.best_so_far import BestSoFar
from turncoat.attacks.one_word import Indices, draw, one_word_changes, ranks
from turncoat.engine.query import Cloze, Weigh
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space, Variants
from turncoat.substitutions.constraints import MaxChanged
from turncoat.substitutions.lexicon import CounterFitted
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import WordNet


@dataclass(frozen=True, kw_only=True)
class Genetic(Attack):
    """Breed texts: fit ones are crossed word by word, and each child has one word changed where that helps.

    Source: M. Alzantot, Y. Sharma, A. Elgohary, B.-J. Ho, M. Srivastava, K.-W. Chang. "Generating Natural Language
    Adversarial Examples." EMNLP 2018. Fitness is the goal's score. Questions: at most population x (N + 1) at first and
    (population - 1) x (N + 1) a generation, where N is the number of neighbours tried; a generation asks them at once.
    Presets: `ga` (the paper) and `ga-wordnet` (the defaults: the variant of the transfer study that compares it with
    PWWS; WordNet synonyms, no language model, no cap).

    Random numbers, all uniform in [0, 1): first one a member (which word to change); then for each generation two
    rows of one a child (its parents), one a child and word (below 1/2: from the first parent), and one a child (which
    word to change).

    Differences from the paper:
        - Parents are drawn in proportion to exp(fitness / temperature), as in the authors' code; the paper says in
          proportion to fitness.
        - Drawing a word again until it is an unchanged one is done by drawing among the unchanged ones, and among all
          where none is left: the same distribution.
        - The language model is whatever masked model answers `Weigh`, and sees both sides of the word; the authors' one
          sees the word before it.
        - The cap on changes is a constraint: forbidden texts have no offspring. The authors discard a success above
          the cap when the search is over.
        - Any text asked about that reaches the goal ends the search; the authors look at the fittest member. With two
          classes this is the same. The last generation is looked at too; theirs is bred in vain.
        - A text without candidates fails; the authors' code divides by zero.
        - Fitness without a target is 1 - F_label.

    Attributes:
        population: S, texts in a generation.
        generations: G, most generations after the first texts.
        neighbours: N, how many of a word's first candidates are tried; None for all. Which word is changed is drawn in
            proportion to the whole number of its candidates.
        lm_keep: K, how many of them, the likeliest in their place, are shown to the victim; None for no language model.
        temperature: tau of the choice of parents.
    """

    substitutions: Substitutions = field(default_factory=WordNet)
    population: int = 60
    generations: int = 20
    neighbours: int | None = None
    lm_keep: int | None = None
    temperature: float = 0.3

    def __post_init__(self) -> None:
        if self.population < 2 or self.generations < 1:
            raise UsageError(
                f"expected population >= 2 and generations >= 1, got {self.population} and {self.generations}"
            )
        for name, number in (("neighbours", self.neighbours), ("lm_keep", self.lm_keep)):
            if number is not None and number < 1:
                raise UsageError(f"expected {name} >= 1, got {number}")
        if not self.temperature > 0:
            raise UsageError(f"expected temperature > 0, got {self.temperature}")

    @property
    def asks_masked_lm(self) -> bool:
        """Whether a run should name the masked language model in its configuration."""
        return self.lm_keep is not None

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        if not len(space.positions):
            return Found(space.text, "no_candidates")
        best = BestSoFar(goal, space.text, goal.clean_score)
        history: list[_Population] = []
        reason = "exhausted"
        try:
            members = space.variants(np.zeros((self.population, len(space.text)), np.int16))
            history.append(await self._perturb(members, best, rng))
            while not best.reached and len(history) <= self.generations:
                history.append(await self._breed(history[-1], best, rng))
        except BudgetSpent:
            reason = "budget"
        trace = {
            "best": [round(float(population.scores.max()), 6) for population in history],
            "distinct": [len(set(population.members.keys())) for population in history],
        }
        return Found(best.text, "flipped" if best.reached else reason, trace)

    async def _breed(self, old: _Population, best: BestSoFar, rng: Generator) -> _Population:
        """The next generation: the fittest as it is, and changed children."""
        mothers, fathers = choose_parents(old.scores, self.temperature, self.population - 1, rng)
        children = cross(old.members.choices[mothers], old.members.choices[fathers], rng)
        new = await self._perturb(old.members.space.variants(children), best, rng)
        elite = int(old.scores.argmax())
        return _Population(
            old.members.space.variants(np.concatenate([old.members.choices[[elite]], new.members.choices])),
            np.concatenate([old.scores[[elite]], new.scores]),
        )

    async def _perturb(self, members: Variants, best: BestSoFar, rng: Generator) -> _Population:
        """Each text with the best option at one of its words, if that is better than the text itself."""
        space, count = members.space, len(members)
        positions = choose_positions(space.sizes, members.choices, rng)
        options, owners = one_word_changes(space, members.choices, positions, self.neighbours)
        if self.lm_keep is not None:
            kept = await likeliest(members, positions, options, owners, self.lm_keep)
            options, owners = options.take(kept), owners[kept]
        asked = space.variants(np.concatenate([members.choices, options.choices]))
        scores = (await best.judge(asked)).scores
        fittest = count + np.flatnonzero(ranks(owners, scores[count:]) == 0)
        chosen = np.where(scores[fittest] > scores[:count], fittest, np.arange(count))
        return _Population(asked.take(chosen), scores[chosen])


@dataclass(frozen=True, eq=False)
class _Population:
    """The members of a generation, and their fitness (members,): -inf if forbidden."""

    members: Variants
    scores: NDArray[np.float64]


def choose_parents(scores: NDArray[np.float64], temperature: float, count: int, rng: Generator) -> Indices:
    """Two rows of `count` members, drawn with replacement in proportion to exp(score / temperature)."""
    finite = np.maximum(scores, -1e9)  # were all forbidden, all would be alike
    weights = np.exp((finite - finite.max()) / temperature)
    return draw(np.broadcast_to(weights, (2 * count, len(weights))), rng).reshape(2, count)


def cross(mothers: Choices, fathers: Choices, rng: Generator) -> Choices:
    """Each word from one parent or the other, at even odds (children, words)."""
    return np.where(rng.random(mothers.shape) < 0.5, mothers, fathers)


def choose_positions(sizes: Indices, choices: Choices, rng: Generator) -> Indices:
    """For each text an unchanged word, in proportion to its number of options; any word where all are changed."""
    weights = np.where(choices == 0, sizes, 0)
    weights[~weights.any(axis=1)] = sizes
    return draw(weights, rng)


async def likeliest(members: Variants, positions: Indices, options: Variants, owners: Indices, keep: int) -> Indices:
    """Which options to keep: for each member the `keep` likeliest in its text, in their old order.

    The language model is asked only where there are more than that.
    """
    scores = np.zeros(len(owners))
    crowded = np.flatnonzero(np.bincount(owners)[owners] > keep)
    if len(crowded):
        texts = {int(owner): members[int(owner)] for owner in np.unique(owners[crowded])}
        words = members.space.options
        clozes = []
        for i in crowded:
            position = int(positions[owners[i]])
            word = words[position][options.choices[i, position] - 1]
            clozes.append(Cloze(texts[int(owners[i])], position, word))
        scores[crowded] = await Weigh(clozes)
    return np.flatnonzero(ranks(owners, scores) < keep)


def ga_wordnet() -> Genetic:
    """The variant of the transfer study: all WordNet synonyms, no language model, no cap."""
    return Genetic()


def ga() -> Genetic:
    """The published attack: 8 counter-fitted neighbours, of which the language model keeps 4; at most a quarter of the
    words changed. Stop words stand for the most frequent words of the authors' vocabulary, which are left alone.
    """
    return Genetic(
        substitutions=WithoutStopWords(CounterFitted()),
        neighbours=8,
        lm_keep=4,
        constraints=(MaxChanged(0.25),),
    )
