"""What mining asks: the untouched texts of a data set and single replacements in them, the same for every victim."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.engine.query import Predict
from turncoat.engine.run import Task, run
from turncoat.models.ensemble import Ensemble
from turncoat.models.victim import Victim, predict, responders
from turncoat.rules.instances import Instances, OnText
from turncoat.space import Variants
from turncoat.text import Text

Probabilities = NDArray[np.float64]
Answers = Sequence[Probabilities]  # for each question (texts, classes)
LIVE = 128


@dataclass(frozen=True)
class Trial:
    """The places at which rules are tried.

    Attributes:
        dataset: where they lie.
        instances: all places.
        chosen: for each text, the replacements to try, by index into `instances.numbers` (swaps,).
    """

    dataset: Dataset
    instances: Instances
    chosen: tuple[NDArray[np.int64], ...]

    @property
    def size(self) -> int:
        """Replacements tried in all."""
        return sum(map(len, self.chosen))

    @property
    def tried(self) -> tuple[int, ...]:
        """The texts with something to try: those that are asked about."""
        return tuple(i for i, swaps in enumerate(self.chosen) if len(swaps))

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints mean equal questions, sixteen digits."""
        found = hashlib.sha256(self.dataset.digest.encode())
        for space, swaps in zip(self.instances.spaces, self.chosen, strict=True):
            found.update(repr([space.options[i] for i in space.positions]).encode() + swaps.tobytes())
        return found.hexdigest()[:16]

    def question(self, i: int) -> Variants:
        """A text as it is, then with each of its replacements."""
        space, swaps = self.instances.spaces[i], self.chosen[i]
        sizes = space.sizes[space.positions]
        columns, firsts = np.repeat(space.positions, sizes), np.repeat(np.cumsum(sizes) - sizes, sizes)
        choices = np.zeros((1 + len(swaps), len(space.text)), np.int16)
        choices[np.arange(1, len(choices)), columns[swaps]] = swaps - firsts[swaps] + 1
        return space.variants(choices)

    def questions(self) -> list[Variants]:
        """One for each text of `tried`; ask the same ones of all victims, which may remember how they read."""
        return [self.question(i) for i in self.tried]

    def numbers(self) -> NDArray[np.int64]:
        """The rule of every replacement tried, text by text (size,)."""
        found = [tried[swaps] for tried, swaps in zip(self.instances.numbers, self.chosen, strict=True)]
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def labels(self) -> NDArray[np.int64]:
        """The gold label of every replacement tried (size,)."""
        return np.repeat(np.array([e.label for e in self.dataset], np.int64), [len(swaps) for swaps in self.chosen])


def choose(dataset: Dataset, instances: Instances, min_count: int, most_instances: int, seed: int) -> Trial:
    """The places that count; see `Instances.sample`."""
    return Trial(dataset, instances, instances.sample(min_count, most_instances, seed))


def ask(trial: Trial, victim: Victim, live: int = LIVE, on_text: OnText = lambda done: None) -> list[Probabilities]:
    """What a victim answers to every question.

    Raises:
        VictimError: an answer is no verdict; the message names the example.
    """
    answers: dict[str, Probabilities] = {}
    ids = [trial.dataset[i].id for i in trial.tried]
    tasks = (Task(id, _ask(question)) for id, question in zip(ids, map(trial.question, trial.tried), strict=True))
    for task, answer in run(tasks, responders(victim), live):
        answers[task.name] = answer
        on_text(len(answers))
    return [answers[id] for id in ids]


class Recorded(Victim):
    """A victim that has answered all questions of one trial, and repeats what it said.

    Args:
        answers: probabilities as the victim gave them, one array a question.
    """

    def __init__(self, name: str, fingerprint: str, labels: Sequence[str], answers: Sequence[Probabilities]) -> None:
        self.name, self.fingerprint, self.labels, self.unknown = name, fingerprint, tuple(labels), "[UNK]"
        self.answers = answers

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        """Takes the trial's questions, all of them in order."""
        return list(self.answers)

    def visible(self, text: Text) -> int:
        return len(text)


def pool(trial: Trial, members: Sequence[Recorded]) -> list[Probabilities]:
    """What an `Ensemble` of victims answers, asking none of them again."""
    return predict(Ensemble(members), trial.questions())


async def _ask(question: Variants) -> Probabilities:
    return await Predict(question, fresh=True)  # its texts are distinct: nothing is gained by remembering answers
