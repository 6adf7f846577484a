"""The best answer spans of a paragraph, from the start and end scores that a reader gives to its pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from turncoat.engine.query import Reading

DIGITS = 4  # kept of a score: other machines and numbers of threads move the last bits


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of a paragraph as a reader saw it.

    Attributes:
        places: first and past-the-end character of each piece (pieces, 2).
        starts: score of an answer beginning at each piece (pieces,).
        ends: score of an answer ending with each piece (pieces,).
    """

    places: NDArray[np.int64]
    starts: NDArray[np.floating]
    ends: NDArray[np.floating]


def best_reading(string: str, windows: Sequence[Window], most_pieces: int, likely: int) -> Reading:
    """The span with the highest start + end score of all windows; ties to the one that begins, then ends first.

    Args:
        string: the paragraph.
        most_pieces: longer spans are no answers.
        likely: so many of the best spans share the probability, by a softmax over their scores.
    """
    scores: dict[tuple[int, int], float] = {}
    for window in windows:
        for place, score in _best(window, most_pieces, likely):
            scores[place] = max(score, scores.get(place, -np.inf))
    if not scores:
        return Reading("", 0, 0)
    ranked = sorted(scores, key=lambda place: (-scores[place], place))[:likely]
    exponents = np.exp(np.array([scores[place] - scores[ranked[0]] for place in ranked]))
    shares = (exponents / exponents.sum()).tolist()
    spans = [_trimmed(string, *place) for place in ranked]
    answers = [string[start:end] for start, end in spans]
    return Reading(answers[0], *spans[0], tuple(zip(answers, shares, strict=True)))


def _best(window: Window, most_pieces: int, number: int) -> list[tuple[tuple[int, int], float]]:
    """The window's `number` best spans, as characters, with their scores; ties to the earlier, then the shorter one."""
    if not len(window.places):
        return []
    starts, ends = (np.round(scores.astype(np.float64), DIGITS) for scores in (window.starts, window.ends))
    padded = np.concatenate([ends, np.full(most_pieces - 1, -np.inf)])
    sums = (starts[:, None] + sliding_window_view(padded, most_pieces)).ravel()  # (pieces x lengths,)
    number = min(number, len(sums))
    above = np.flatnonzero(sums >= np.partition(sums, -number)[-number])
    best = above[np.argsort(-sums[above], kind="stable")][:number]
    best = best[np.isfinite(sums[best])]
    firsts, lengths = np.divmod(best, most_pieces)
    places = zip(window.places[firsts, 0].tolist(), window.places[firsts + lengths, 1].tolist(), strict=True)
    return list(zip(places, sums[best].tolist(), strict=True))


def _trimmed(string: str, start: int, end: int) -> tuple[int, int]:
    """The span without the blanks at its ends, which some tokenizers count to a piece."""
    answer = string[start:end]
    kept = answer.strip()
    start += len(answer) - len(answer.lstrip()) if kept else 0
    return start, start + len(kept)
