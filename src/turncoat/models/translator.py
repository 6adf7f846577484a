"""Translators: what every attacked translation model offers, and the checks that its answers pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Responders, Translate
from turncoat.errors import VictimError
from turncoat.models.batching import split_like
from turncoat.text import Text


class Translator(ABC):
    """A translation model under attack.

    Attributes:
        name: for people, in reports and messages.
        unknown: the token that the model reads as "a word I do not know".
        fingerprint: changes when the model does (sha256 of its weights, or the function's name).
    """

    name: str
    unknown: str
    fingerprint: str

    @abstractmethod
    def translate(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.object_]]:
        """Translations (texts,) str of each batch. Batches come from different examples.

        The translation of a text does not depend on its company, nor on how many blanks stand between its words.
        """

    @abstractmethod
    def visible(self, text: Text) -> int:
        """How many leading words the model can see before its input is cut off."""


class FunctionTranslator(Translator):
    """Any function from a list of strings to as many translations.

    Args:
        function: asked about each distinct string once; blanks are single, and none stand at the ends.
        name: for people; it also stands for the function in stored results.
        unknown: what the function reads as "a word I do not know".
    """

    def __init__(self, function: Callable[[list[str]], Sequence[str]], name: str = "", unknown: str = "[UNK]") -> None:
        self.function, self.unknown = function, unknown
        self.name = name or getattr(function, "__qualname__", type(function).__name__)
        self.fingerprint = f"callable:{self.name}"

    def translate(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.object_]]:
        return split_like(self._answer(single_spaced(batches)), batches)

    def visible(self, text: Text) -> int:
        return len(text)

    def _answer(self, strings: list[str]) -> NDArray[np.object_]:
        distinct = {string: number for number, string in enumerate(dict.fromkeys(strings))}
        answers = list(self.function(list(distinct)))
        if len(answers) != len(distinct):
            raise VictimError(f"{self.name}: expected {len(distinct)} translations, got {len(answers)}")
        return as_objects([answers[distinct[string]] for string in strings])


def translator_responders(translator: Translator) -> Responders:
    """The queries that a translator answers: `Translate`, checked, with single blanks."""
    return {Translate: lambda batches: translate(translator, batches)}


def translate(translator: Translator, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.object_]]:
    """Checked translations (texts,) of each batch, with single blanks and none at the ends.

    Raises:
        VictimError: a translation is missing or no string.
    """
    answers = translator.translate(batches)
    if len(answers) != len(batches):
        raise VictimError(f"{translator.name}: expected {len(batches)} batches of answers, got {len(answers)}")
    return [_checked(translator, texts, answer) for texts, answer in zip(batches, answers, strict=True)]


def single_spaced(batches: Sequence[Sequence[Text]]) -> list[str]:
    """All texts as strings with single blanks and none at the ends."""
    return [" ".join(str(text).split()) for text in chain.from_iterable(batches)]


def as_objects(strings: Sequence[Any]) -> NDArray[np.object_]:
    """Strings as an array (strings,) of objects."""
    array = np.empty(len(strings), object)
    array[:] = strings
    return array


def _checked(translator: Translator, texts: Sequence[Text], answers: NDArray[np.object_]) -> NDArray[np.object_]:
    if len(answers) != len(texts):
        raise VictimError(f"{translator.name}: expected {len(texts)} translations, got {len(answers)}")
    for text, answer in zip(texts, answers, strict=True):
        if not isinstance(answer, str):
            raise VictimError(
                f"{translator.name}: expected a string as the translation of {str(text)!r:.80}, "
                f"got {type(answer).__name__}"
            )
    return as_objects([" ".join(answer.split()) for answer in answers])
