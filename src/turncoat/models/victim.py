"""Victims: what every attacked model offers, and the checks that its answers pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Decide, Gradient, Labelled, Predict, Responders
from turncoat.errors import HardLabelOnly, UsageError, VictimError
from turncoat.text import Text

# Batches of other shapes move the last bits of a probability; rounding keeps them from deciding anything.
DIGITS = 6
TOLERANCE = 1e-3


class Victim(ABC):
    """A text classifier under attack.

    Attributes:
        name: for people, in reports and messages.
        labels: class names, in the order of the probabilities.
        unknown: the token that the model reads as "a word I do not know", or, for a model that reads characters, the
            one character that it reads as "a character I do not know" (see `text.unknown_word`).
        fingerprint: changes when the model does (sha256 of its weights, or the callable's name).
    """

    name: str
    labels: tuple[str, ...]
    unknown: str
    fingerprint: str

    @abstractmethod
    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        """Class probabilities (texts, classes) of each batch. Batches come from different examples."""

    @abstractmethod
    def visible(self, text: Text) -> int:
        """How many leading words the model can see before its input is cut off."""


class WhiteBox(Victim):
    """A victim that also shows the gradients of its loss."""

    @abstractmethod
    def gradients(self, batches: Sequence[Sequence[Labelled]]) -> list[NDArray[np.object_]]:
        """`WordGradients` of -log F_label, (texts,), of each batch, the same in any company."""


@dataclass(frozen=True)
class HardLabel:
    """A victim that tells its label and nothing else."""

    victim: Victim


def responders(victim: Victim | HardLabel) -> Responders:
    """The queries that a victim answers, with its answers checked and rounded."""
    if isinstance(victim, HardLabel):
        inner = victim.victim
        return {
            Predict: lambda batches: _refuse(inner, "probabilities"),
            Decide: lambda batches: decide(inner, batches),
            Gradient: lambda batches: _refuse(inner, "gradients"),
        }
    return {
        Predict: lambda batches: predict(victim, batches),
        Decide: lambda batches: decide(victim, batches),
        Gradient: lambda batches: gradients(victim, batches),
    }


def predict(victim: Victim, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.float64]]:
    """Checked probabilities, rounded to six digits.

    Raises:
        VictimError: see `checked`.
    """
    return [np.round(answer, DIGITS) for answer in checked(victim, batches)]


def checked(victim: Victim, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.float64]]:
    """Checked probabilities as the victim gives them, for victims that are made of others.

    Raises:
        VictimError: an answer is missing, misshapen, not finite or no probability distribution.
    """
    answers = victim.predict(batches)
    if len(answers) != len(batches):
        raise VictimError(f"{victim.name}: expected {len(batches)} batches of answers, got {len(answers)}")
    return [_checked(victim, texts, answer) for texts, answer in zip(batches, answers, strict=True)]


def decide(victim: Victim, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.int64]]:
    """Labels only; the lowest class wins a tie."""
    return [answer.argmax(axis=1) for answer in predict(victim, batches)]


def gradients(victim: Victim, batches: Sequence[Sequence[Labelled]]) -> list[NDArray[np.object_]]:
    """Checked gradients.

    Raises:
        UsageError: the victim is no white box.
        VictimError: a gradient is misshapen or not finite.
    """
    if not isinstance(victim, WhiteBox):
        raise UsageError(
            f"{victim.name} shows no gradients; attack a transformer, or rank words by what the victim says "
            "(--set ranking=deletion)"
        )
    answers = victim.gradients(batches)
    for asked, answer in zip(batches, answers, strict=True):
        for each, found in zip(asked, answer, strict=True):
            if len(found.mean) != len(each.text) or not np.isfinite(found.mean).all():
                raise VictimError(
                    f"{victim.name}: expected finite gradients of shape (words, dimensions) with "
                    f"{len(each.text)} words, got {found.mean.shape} for {_quote(each.text)}"
                )
    return answers


def _refuse(victim: Victim, asked: str) -> list[NDArray[np.float64]]:
    raise HardLabelOnly(
        f"{victim.name} gives labels only, but the attack asked for {asked}; "
        "choose an attack that works with hard labels (cea-paper, cea-min, random) or drop --hard-label"
    )


def _checked(victim: Victim, texts: Sequence[Text], answer: NDArray[np.floating]) -> NDArray[np.float64]:
    expected = (len(texts), len(victim.labels))
    try:
        probabilities = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise VictimError(
            f"{victim.name}: expected numbers of shape {expected}, got {type(answer).__name__}"
        ) from error
    if probabilities.shape != expected:
        raise VictimError(
            f"{victim.name}: expected probabilities of shape (texts, classes) = {expected}, got {probabilities.shape}"
        )
    finite = np.isfinite(probabilities).all(axis=1)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise VictimError(
            f"{victim.name}: expected finite probabilities, got {probabilities[row]} for {_quote(texts[row])}"
        )
    sums = probabilities.sum(axis=1)
    wrong = (np.abs(sums - 1) > TOLERANCE) | (probabilities.min(axis=1) < -TOLERANCE)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise VictimError(
            f"{victim.name}: expected non-negative probabilities that sum to one, got {probabilities[row]} "
            f"(sum {sums[row]:.4g}) for {_quote(texts[row])}; apply a softmax to logits"
        )
    return probabilities


def _quote(text: Text) -> str:
    string = str(text)
    return repr(string if len(string) <= 80 else string[:77] + "...")
