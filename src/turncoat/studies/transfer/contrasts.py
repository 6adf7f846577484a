"""Who is the harder target, whose texts transfer worse: two kinds of model, compared partner by partner.

The findings of the transfer study say so of transformers (2), character models (5) and pre-trained models (6). A mean
over all cells of a table would count it as robust to be unlike the many word models that most texts were made for. So
here the two kinds are compared on one partner after the other, and only on partners that differ from both in `aspect`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import TransferMatrix
from turncoat.studies.transfer.resampling import Array, Cells
from turncoat.studies.verdicts import Claim

Kind = Callable[[Model], bool]
Role = Literal["source", "target"]


@dataclass(frozen=True)
class Contrast:
    """The claim that one kind of model has higher rates than another.

    Attributes:
        claim: in words.
        role: whether the two kinds are compared as sources or as targets; partners have the other role.
        more, less: the two kinds.
        aspect: what partners must differ in from both, "architecture" or "form".
    """

    claim: Claim
    role: Role
    more: Kind
    less: Kind
    aspect: Literal["architecture", "form"]

    def effect(self, matrix: TransferMatrix, rates: Array, weights: Array) -> NDArray[np.float64]:
        """Mean over the partners of the difference of the two kinds' mean rates; NaN without partners (...).

        Args:
            matrix: says which model stands where.
            rates, weights: of the matrix or of resamples of it (..., sources, targets).
        """
        axis = -2 if self.role == "source" else -1
        (high, _), (low, weight) = (
            _means(rates, weights, self._cells(matrix, kind), axis) for kind in (self.more, self.less)
        )
        known = np.isfinite(high) & np.isfinite(low)
        weight = np.where(known, weight, 0)
        total = weight.sum(axis=-1)
        mean = (weight * np.where(known, high - low, 0)).sum(axis=-1) / np.where(total > 0, total, 1)
        return np.asarray(np.where(total > 0, mean, np.nan))

    def _cells(self, matrix: TransferMatrix, kind: Kind) -> Cells:
        rows, columns = ([getattr(model, self.aspect) for model in side] for side in (matrix.sources, matrix.targets))
        partners_differ = np.array(rows)[:, None] != np.array(columns)
        if self.role == "source":
            return np.asarray(partners_differ & np.array([[kind(model)] for model in matrix.sources]))
        return np.asarray(partners_differ & np.array([kind(model) for model in matrix.targets]))


def _means(rates: Array, weights: Array, cells: Cells, axis: int) -> tuple[Array, Array]:
    """Mean over the chosen known cells along an axis, NaN without any; and their weight in all."""
    weight = np.where(cells & np.isfinite(rates), weights, 0)
    total = weight.sum(axis=axis)
    sums = (weight * np.nan_to_num(rates)).sum(axis=axis)
    return np.where(total > 0, sums / np.where(total > 0, total, 1), np.nan), total


def _among(**wanted: str) -> Kind:
    return lambda model: all(getattr(model, aspect) == value for aspect, value in wanted.items())


def _contrast(number: int, text: str, role: Role, more: Kind, less: Kind) -> Contrast:
    aspect: Literal["architecture", "form"] = "architecture" if number == 2 else "form"
    return Contrast(Claim(number, text, "difference of mean rates, partner by partner"), role, more, less, aspect)


WORDS, CHARACTERS, SUBWORDS = _among(form="W"), _among(form="C"), _among(form="sub-word")
RANDOM, ELMO = _among(family="Random"), _among(family="ELMo")


def _others(kind: Kind) -> Kind:
    return lambda model: not kind(model)


def _pretrained(model: Model) -> bool:
    return WORDS(model) and not RANDOM(model)


CONTRASTS = (
    _contrast(2, "texts made for transformers transfer worse", "source", _others(SUBWORDS), SUBWORDS),
    _contrast(2, "transformers are harder targets", "target", _others(SUBWORDS), SUBWORDS),
    _contrast(5, "texts made for character models transfer worse", "source", _others(CHARACTERS), CHARACTERS),
    _contrast(5, "character models are harder targets than word models", "target", WORDS, CHARACTERS),
    _contrast(5, "character models are harder targets than sub-word models", "target", SUBWORDS, CHARACTERS),
    _contrast(6, "pre-trained word vectors make harder targets than random ones", "target", RANDOM, _pretrained),
    _contrast(6, "ELMo makes harder targets than random word vectors", "target", RANDOM, ELMO),
    _contrast(6, "transformers are harder targets than random word vectors", "target", RANDOM, SUBWORDS),
)
