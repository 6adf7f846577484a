"""A translator that looks every word up, and searches against it through the real engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from turncoat.attacks.attack import Attack, Found
from turncoat.engine.query import Embed, Spending, Spent, Translate
from turncoat.engine.run import Task, run
from turncoat.goals.likeness import Likeness, SentenceVectors
from turncoat.goals.translation import Distort
from turncoat.models.translator import FunctionTranslator, translator_responders
from turncoat.space import Space
from turncoat.text import Text

GERMAN = {
    "the": "der", "old": "alte", "man": "Mann", "sees": "sieht", "a": "einen", "dog": "Hund",
    "aged": "betagte", "ancient": "uralte", "hound": "Hund", "puppy": "Welpen", "this": "dieser",
    "seen": "gesehen", "see": "sehen", "saw": "sah", "men": "Männer", "dogs": "Hunde", "older": "ältere",
}  # fmt: skip
SENTENCE = "The old man sees a dog"  # der alte Mann sieht einen Hund


def german(strings: list[str]) -> list[str]:
    """Word by word; words that are not in the dictionary stay."""
    return [" ".join(GERMAN.get(word.lower(), word) for word in string.split()) for string in strings]


@dataclass
class Dictionary:
    """Answers of the dictionary, and a record of what was asked; `vector` gives sentence vectors."""

    vector: Callable[[str], Sequence[float]] = lambda string: (1.0, 0.0)
    asked: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)

    def responders(self) -> dict[Any, Any]:
        return {**translator_responders(FunctionTranslator(self._translate)), Embed: self._embed}

    def _translate(self, strings: list[str]) -> list[str]:
        self.asked += strings
        return german(strings)

    def _embed(self, batches: Any) -> list[Any]:
        self.embedded += [str(text) for texts in batches for text in texts]
        return [np.array([self.vector(str(text)) for text in texts], np.float32) for texts in batches]


def distort(
    attack: Attack,
    options: dict[str, list[str]],
    dictionary: Dictionary | None = None,
    *,
    string: str = SENTENCE,
    eta: float = 0.5,
    likeness: Likeness | None = None,
    seed: int = 0,
    budget: int | None = None,
) -> tuple[Found, Spending]:
    """Run one search against the dictionary."""
    text = Text(string)
    space = Space(text, [options.get(word.lower(), []) for word in text.words])

    async def work() -> tuple[Found, Spending]:
        clean = (await Translate([text]))[0]
        goal = Distort(
            original=text, clean=clean, eta=eta, likeness=likeness or SentenceVectors(), constraints=attack.constraints
        )
        found = await attack.search(space, goal, np.random.default_rng(seed))
        return found, await Spent()

    answers = (dictionary or Dictionary()).responders()
    ((_, result),) = run([Task("sentence", work(), budget)], answers)
    return result
