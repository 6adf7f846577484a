"""A tiny world for attacks: victims that are one-line functions, answered by the real engine."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from turncoat.attacks.attack import Attack, Found
from turncoat.data.example import Dataset, Example
from turncoat.engine.query import Decide, Embed, Predict, Spending, Spent, WordGradients
from turncoat.engine.run import Task, run
from turncoat.goals.classification import Turn
from turncoat.models.victim import WhiteBox
from turncoat.space import Space
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class Table(Substitutions):
    """Replacements by word, written out."""

    words: dict[str, list[str]] = field(default_factory=dict)

    async def propose(self, text: Text, where: Where = None) -> Options:
        return [self.words.get(word.lower(), []) for word in text.words]


@dataclass
class World:
    """Answers for one toy problem, and a record of what was asked.

    `probability` maps a string to the probability of class 0 of two; `vector` maps it to a sentence vector; `more` has
    responders for other kinds of query.
    """

    probability: Callable[[str], float]
    vector: Callable[[str], Sequence[float]] = lambda string: (1.0, 0.0)
    more: dict[Any, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)

    def responders(self, hard: bool = False) -> dict[Any, Any]:
        answers = {Embed: self._embed, Decide: self._decide, **self.more}
        return answers if hard else {**answers, Predict: self._predict}

    def _predict(self, batches: Any) -> list[Any]:
        self.asked += [str(text) for texts in batches for text in texts]
        return [np.array([[p := self.probability(str(t)), 1 - p] for t in texts]) for texts in batches]

    def _decide(self, batches: Any) -> list[Any]:
        return [answer.argmax(axis=1) for answer in self._predict(batches)]

    def _embed(self, batches: Any) -> list[Any]:
        self.embedded += [str(text) for texts in batches for text in texts]
        return [np.array([self.vector(str(text)) for text in texts], np.float32) for texts in batches]


def search(
    attack: Attack,
    world: World,
    string: str,
    options: dict[str, list[str]],
    *,
    seed: int = 0,
    hard: bool = False,
    budget: int | None = None,
    target: int | None = None,
) -> tuple[Found, Spending]:
    """Run one search on `string`, whose gold class is 0, through the engine."""
    text = Text(string)
    space = Space(text, [options.get(word.lower(), []) for word in text.words])

    async def work() -> tuple[Found, Spending]:
        clean = (await (Decide([text]) if hard else Predict([text])))[0]
        goal = Turn(text, 0, 2, clean, target, hard, attack.constraints)
        found = await attack.search(space, goal, np.random.default_rng(seed))
        return found, await Spent()

    ((_, result),) = run([Task("toy", work(), budget)], world.responders(hard))
    return result


class ToyVictim(WhiteBox):
    """A victim of two classes whose verdict hangs on a fixed pseudo-random weight of every word."""

    name, labels, unknown, fingerprint = "toy", ("dull", "lively"), "[UNK]", "toy"

    def __init__(self, most_words: int = 1000, delay: float = 0.0) -> None:
        self.most_words, self.delay = most_words, delay
        self.calls: list[int] = []

    def predict(self, batches: Any) -> list[Any]:
        self.calls.append(sum(map(len, batches)))
        time.sleep(self.delay)
        return [np.array([self._answer(text) for text in texts]) for texts in batches]

    def gradients(self, batches: Any) -> list[Any]:
        """As if each word's embedding were one switch that stands at 1."""
        self.calls.append(sum(map(len, batches)))
        answers = [np.empty(len(asked), object) for asked in batches]
        for asked, answer in zip(batches, answers, strict=True):
            for i, each in enumerate(asked):
                slope = 4 * (self._answer(each.text)[1] - each.label)
                seen = [weight(w) * (j < self.most_words) for j, w in enumerate(each.text.words)]
                slopes = np.round(slope * np.array(seen), 6).astype(np.float32)
                answer[i] = WordGradients(slopes[:, None], slopes)
        return answers

    def visible(self, text: Text) -> int:
        return min(len(text), self.most_words)

    def _answer(self, text: Text) -> list[float]:
        score = sum(weight(word) for word in text.words[: self.most_words]) - 0.05
        lively = 1 / (1 + np.exp(-4 * score))
        return [1 - lively, lively]


def weight(word: str) -> float:
    """Between -0.5 and 0.5, fixed for ever; unknown words weigh nothing."""
    return 0.0 if word == "UNK" else zlib.crc32(word.lower().encode()) / 2**32 - 0.5


def toy_dataset(size: int) -> Dataset:
    """Sentences of the words that `TOY_WORDS` can replace, labelled as `ToyVictim` sees most of them."""
    rng = np.random.default_rng(5)
    words = sorted(TOY_WORDS)
    texts = [" ".join(rng.choice(words, size=rng.integers(1, 9))) + "." for _ in range(size)]
    victim = ToyVictim()
    verdicts = [int(np.argmax(victim._answer(Text(text)))) for text in texts]
    flips = [i % 10 == 9 for i in range(size)]
    return Dataset(
        "toys",
        tuple(
            Example(f"toy-{i:03d}", t, v ^ f) for i, (t, v, f) in enumerate(zip(texts, verdicts, flips, strict=True))
        ),
        victim.labels,
    )


TOY_WORDS = {
    f"{stem}{i}": [f"{stem}{i}{tail}" for tail in "abc"[: i % 4]] for stem in ("rain", "sun") for i in range(6)
}
