"""What a source of words offers, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from toys import Table
from turncoat.engine.query import Cloze, Fill
from turncoat.evaluation.candidates import describe, overlap
from turncoat.intervals import Interval
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text

TEXTS = [Text("A really good film."), Text("good plot"), Text("of it")]
FIRST = Table({"good": ["fine", "excellent", "FINE", "quickly"], "film": ["movie"], "plot": ["two words"]})


def estimates(measured: Any) -> dict[str, float | int | None]:
    return {
        name: round(value.estimate, 6) if isinstance(value, Interval) else value
        for name, value in vars(measured).items()
    }


def test_describe_by_hand() -> None:
    # "A really good film.": good has fine, excellent, quickly (FINE is fine again); film has movie
    # "good plot": good has the same three; plot has none, for two words are no candidate; "of it" has none
    # in place of good, quickly is tagged an adverb
    found = describe(FIRST, TEXTS, vocabulary={"fine", "movie", "quickly"})
    assert estimates(found) == {
        "texts": 3,
        "positions": 8,
        "candidates": 7,
        "covered": round((2 / 4 + 1 / 2 + 0 / 2) / 3, 6),
        "mean_size": (2 + 3) / 2,
        "median_size": (2 + 3) / 2,
        "same_pos": round((3 / 4 + 2 / 3) / 2, 6),
        "unknown": round((1 / 4 + 1 / 3) / 2, 6),
    }
    assert found.covered is not None
    assert found.covered.low is not None
    assert found.covered.low <= found.covered.estimate


def test_no_vocabulary_no_candidates_no_texts() -> None:
    assert describe(FIRST, TEXTS).unknown is None
    nothing = describe(Table(), TEXTS, vocabulary=set())
    assert nothing.covered is not None
    assert nothing.covered.estimate == 0
    assert nothing.mean_size is nothing.median_size is nothing.same_pos is nothing.unknown is None
    assert describe(FIRST, []).covered is None


def test_overlap_by_hand() -> None:
    # first text: good 3 and 2, one shared of 4; film 1 and 0. second: good as before; plot 0 and 1
    second = Table({"good": ["Fine", "nice"], "plot": ["story"]})
    assert estimates(overlap(FIRST, second, TEXTS)) == {
        "texts": 3,
        "positions": 4,
        "both": 0.5,
        "jaccard": (1 / 4 + 0) / 2,
        "first_size": ((3 + 1) / 2 + (3 + 0) / 2) / 2,
        "second_size": ((2 + 0) / 2 + (2 + 1) / 2) / 2,
        "shared_size": 0.5,
    }
    same = overlap(FIRST, FIRST, TEXTS)
    assert same.jaccard == Interval(1.0, 1.0, 1.0, "none: all values are equal")
    assert overlap(Table(), Table(), TEXTS).jaccard is None


@dataclass(frozen=True)
class Asking(Substitutions):
    """Asks a masked language model about every word."""

    async def propose(self, text: Text, where: Where = None) -> Options:
        answers = await Fill([Cloze(text, i) for i in range(len(text))])
        return [[word for word in row if word] for row in answers]


def test_sources_may_ask_models() -> None:
    calls = []

    def fill(batches: Sequence[Sequence[Cloze]]) -> list[Any]:
        calls.append(len(batches))
        return [np.array([["this", f"w{c.position}"] for c in clozes]) for clozes in batches]

    found = describe(Asking(), TEXTS, {Fill: fill}, live=2)
    assert estimates(found)["mean_size"] == pytest.approx(2)
    assert calls == [2, 1]
    assert estimates(describe(Asking(), TEXTS, {Fill: fill}, live=1)) == estimates(found)
