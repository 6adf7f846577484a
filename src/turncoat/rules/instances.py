"""Every place in a data set where a rule could be tried, found without asking a victim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset, Example
from turncoat.data.tagger import tag, wordnet_pos
from turncoat.engine.query import Responders
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.rules.rule import Place, Rule
from turncoat.space import Space
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.wordnet import WordNet
from turncoat.text import Text

WORDS = WordNet(skip_stop_words=True)
OnText = Callable[[int], None]  # called with how many texts are done


@dataclass(frozen=True)
class Instances:
    """Candidate rules, numbered as they come up, and where they could be tried.

    Attributes:
        candidates: what each rule looks at, and its replacement in lower case.
        spaces: one a text.
        numbers: for each text, the rule of every single replacement (swaps,), in the order of `Space.swaps`.
        counts: how often each rule could be tried (rules,).
    """

    candidates: tuple[tuple[Place, str], ...]
    spaces: tuple[Space, ...]
    numbers: tuple[NDArray[np.int64], ...]
    counts: NDArray[np.int64]

    def rule(self, number: int, salience: float) -> Rule:
        place, replacement = self.candidates[number]
        return Rule(*place, replacement, round(salience, 6), int(self.counts[number]))

    def sample(self, min_count: int, most: int, seed: int) -> tuple[NDArray[np.int64], ...]:
        """For each text, the replacements to try: of each rule that could be tried at least `min_count` times all, or
        `most` of them, drawn by the seed."""
        if not self.numbers:
            return ()
        numbers = np.concatenate(self.numbers)
        order = np.lexsort((np.random.default_rng(seed).random(len(numbers)), numbers))
        ranks = np.empty(len(numbers), np.int64)  # of an instance among those of its rule, in random order
        ranks[order] = np.arange(len(numbers)) - (np.cumsum(self.counts) - self.counts)[numbers[order]]
        chosen = (self.counts[numbers] >= min_count) & (ranks < most)
        ends = np.cumsum([len(text) for text in self.numbers])
        return tuple(np.flatnonzero(part) for part in np.split(chosen, ends[:-1]))


def find_instances(
    dataset: Dataset,
    substitutions: Substitutions = WORDS,
    responders: Responders | None = None,
    visible: Callable[[Text], int] = len,
    on_text: OnText = lambda done: None,
) -> Instances:
    """All single replacements that the source proposes for words that can be seen.

    Args:
        responders: answer what the source of words asks; WordNet asks nothing.
        visible: how many leading words of a text count.
    """
    found: dict[str, tuple[Space, Sequence[Place]]] = {}
    tasks = (Task(example.id, _read(example, substitutions, visible)) for example in dataset)
    for task, read in run(tasks, responders or {}):
        found[task.name] = read
        on_text(len(found))
    if len(found) != len(dataset):
        raise UsageError(f"{dataset.name}: expected {len(dataset)} examples with an id of their own")
    known: dict[tuple[Place, str], int] = {}
    ordered = [found[example.id] for example in dataset]
    numbers = tuple(_numbers(space, seen, known) for space, seen in ordered)
    counts = np.bincount(np.fromiter(chain.from_iterable(numbers), np.int64), minlength=len(known))
    return Instances(tuple(known), tuple(space for space, _ in ordered), numbers, counts)


def places(text: Text, label: int) -> Sequence[Place]:
    """What rules see at each word of a text."""
    tags = tag(text.words, text.gaps)
    return [Place(label, w.lower(), wordnet_pos(penn) or "") for w, penn in zip(text.words, tags, strict=True)]


async def _read(
    example: Example, substitutions: Substitutions, visible: Callable[[Text], int]
) -> tuple[Space, Sequence[Place]]:
    text = Text(example.text)
    space = Space(text, await substitutions.propose(text), visible(text))
    return space, places(text, example.label)  # here, while the text's tags are still known


def _numbers(space: Space, seen: Sequence[Place], known: dict[tuple[Place, str], int]) -> NDArray[np.int64]:
    return np.array(
        [known.setdefault((seen[i], word.lower()), len(known)) for i in space.positions for word in space.options[i]],
        np.int64,
    )
