"""Readers: what every attacked question answerer offers, the checks that its answers pass, and finding one by name."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Answer, Asked, Reading, Responders
from turncoat.errors import VictimError
from turncoat.text import Text

DIGITS = 6  # kept of a probability
TOLERANCE = 1e-3
WORD_OVERLAP = "word-overlap"


class Reader(ABC):
    """A model under attack that answers questions with words of their paragraph.

    Attributes:
        name: for people, in reports and messages.
        unknown: the token that the model reads as "a word I do not know".
        fingerprint: changes when the model, or anything else that decides its answers, does.
    """

    name: str
    unknown: str
    fingerprint: str

    @abstractmethod
    def read(self, batches: Sequence[Sequence[Asked]]) -> list[NDArray[np.object_]]:
        """A `Reading` for each question (questions,) of each batch, the same in any company."""

    @abstractmethod
    def visible(self, text: Text) -> int:
        """How many leading words the model can see before its input is cut off."""


def reader_responders(reader: Reader) -> Responders:
    """The queries that a reader answers, with its answers checked and rounded."""
    return {Answer: lambda batches: read(reader, batches)}


def read(reader: Reader, batches: Sequence[Sequence[Asked]]) -> list[NDArray[np.object_]]:
    """Checked readings, probabilities rounded to six digits.

    Raises:
        VictimError: an answer is missing, does not stand where it is said to, or its probabilities are none.
    """
    answers = reader.read(batches)
    if [len(answer) for answer in answers] != [len(batch) for batch in batches]:
        raise VictimError(f"{reader.name}: expected an answer for each question of {len(batches)} batches")
    checked = []
    for batch, answer in zip(batches, answers, strict=True):
        rows = np.empty(len(batch), object)
        rows[:] = [_checked(reader.name, asked, found) for asked, found in zip(batch, answer, strict=True)]
        checked.append(rows)
    return checked


def load_reader(spec: str, online: bool = False) -> Reader:
    """The reader that `spec` names.

    Args:
        spec: a folder that turncoat trained, an extractive question answerer of Hugging Face (folder or hub name),
            "module:function" (see `FunctionReader`), or "word-overlap", which needs no model.
        online: whether the hub may be asked; otherwise only its cache on this machine is.

    Raises:
        UsageError: `spec` is none of these, or what it names is no trained reader.
        MissingResource: a hub model that is not on this machine. BrokenData: a stored reader that was damaged.
    """
    if spec == WORD_OVERLAP:
        from turncoat.models.word_overlap_reader import WordOverlapReader

        return WordOverlapReader()
    if ":" in spec and not Path(spec).exists():
        from turncoat.models.function_reader import FunctionReader
        from turncoat.models.importing import import_function

        return FunctionReader(import_function(spec), spec)
    from turncoat.models.card import FILE
    from turncoat.models.transformer_reader import load_trained_reader, load_transformer_reader

    if (Path(spec) / FILE).is_file():
        return load_trained_reader(Path(spec))
    return load_transformer_reader(spec, online)


def _checked(name: str, asked: Asked, found: Reading) -> Reading:
    string = str(asked.text)
    if not isinstance(found, Reading) or string[found.start : found.end] != found.answer:
        raise VictimError(f"{name}: expected a Reading whose answer stands in the text, got {found!r:.200}")
    shares = [share for _, share in found.likely]
    if not all(math.isfinite(share) and share >= -TOLERANCE for share in shares) or sum(shares) > 1 + TOLERANCE:
        raise VictimError(
            f"{name}: expected probabilities of likely answers that sum to 1 at most, got {shares} for "
            f"{asked.question!r:.80}"
        )
    return replace(found, likely=tuple((answer, round(float(share), DIGITS)) for answer, share in found.likely))
