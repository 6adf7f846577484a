"""Validity: substitutions that put a word's opposite in its place, or turn its feeling.

Such a text may well have changed its true class, so that the victim's new verdict is no error: a warning, not a proof.
Neither looks at the sentence: "not bad" for "not good" is counted like "bad" for "good".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from turncoat.data.antonyms import open_antonyms
from turncoat.data.tagger import split_clitic
from turncoat.data.valences import open_valences
from turncoat.evaluation.judging.judge import (
    Judge,
    Substitution,
    share_of_substitutions,
    share_of_texts,
    substitutions,
    texts_of,
)
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import Metric, Source

VALIDITY = "the true class of such a text may have changed with its verdict"


@dataclass(frozen=True)
class Opposites(Judge):
    """How often a word gives way to an antonym of WordNet's, in whatever sense and part of speech."""

    name: ClassVar[str] = "antonyms"
    path: str | Path | None = None

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        antonyms, made = open_antonyms(self.path), substitutions(turned)
        kinds = [antonyms.opposition(_head(swap.old), _head(swap.new)) for swap in made]
        opposed = [swap for swap, kind in zip(made, kinds, strict=True) if kind]
        source = Source("WordNet 3.0 antonyms", warning=VALIDITY if opposed else "")
        direct = Source("WordNet 3.0 antonyms", warning=VALIDITY if "direct" in kinds else "")
        return [
            share_of_substitutions("antonyms, direct", kinds.count("direct"), len(made), direct),
            share_of_substitutions("antonyms, direct or of a similar adjective", len(opposed), len(made), source),
            share_of_texts("texts with an antonym", texts_of(opposed), len(turned), source),
        ]


@dataclass(frozen=True)
class Flips(Judge):
    """How often a good word gives way to a bad one, or a bad one to a good one."""

    name: ClassVar[str] = "polarity flips"
    path: str | Path | None = None

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        made = substitutions(turned)
        flipped = flips(made, open_valences(self.path))
        source = Source("VADER lexicon, single words", warning=VALIDITY if flipped else "")
        return [
            share_of_substitutions("polarity flips", len(flipped), len(made), source),
            share_of_texts("texts with a polarity flip", texts_of(flipped), len(turned), source),
        ]


def flips(made: Iterable[Substitution], valences: Mapping[str, float]) -> list[Substitution]:
    """The substitutions whose words have valences of opposite sign; words without one flip nothing."""
    return [s for s in made if valences.get(s.old.lower(), 0.0) * valences.get(s.new.lower(), 0.0) < 0]


def _head(word: str) -> str:
    return split_clitic(word)[0]
