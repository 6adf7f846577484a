"""A reader without weights: the answer is the run of words that has the most of the question's words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from turncoat.data.stopwords import is_stop_word
from turncoat.engine.query import Asked, Reading
from turncoat.models.reader import WORD_OVERLAP, Reader
from turncoat.text import Text

SENTENCE_END = re.compile(r"[.!?…]|\n")
PUNCTUATION = re.compile(r"[^\w\s'’-]")
MOST_WORDS = 6  # longer runs are cut off
LIKELY = 20  # so many of the best runs share the probability ...
SHARPNESS = 8.0  # ... by a softmax over SHARPNESS x gain

Run = tuple[int, int]  # its first word and the one past its last


class WordOverlapReader(Reader):
    """Baseline, and stand-in where there is no model, in the spirit of the distance baseline of M. Richardson,
    C. Burges, E. Renshaw ("MCTest", EMNLP 2013).

    Runs of words between punctuation and the question's words compete, without stop words at their ends. A run gains
    1 / distance (in words) for each content word of the question in its sentence, by the nearest occurrence; ties go to
    the earlier run.
    """

    name = WORD_OVERLAP
    unknown = "[UNK]"
    fingerprint = f"{WORD_OVERLAP} {MOST_WORDS} {LIKELY} {SHARPNESS}"

    def read(self, batches: Sequence[Sequence[Asked]]) -> list[NDArray[np.object_]]:
        answers = [np.empty(len(batch), object) for batch in batches]
        for batch, answer in zip(batches, answers, strict=True):
            answer[:] = [_answer(asked.text, asked.question) for asked in batch]
        return answers

    def visible(self, text: Text) -> int:
        return len(text)


def _answer(text: Text, question: str) -> Reading:
    words = [word.lower() for word in text.words]
    wanted = {word.lower() for word in Text(question).words if not is_stop_word(word)}
    gains: dict[Run, float] = {}
    for sentence in _pieces(text, (0, len(text)), SENTENCE_END):
        places = [i for i in range(*sentence) if words[i] in wanted]
        for piece in _pieces(text, sentence, PUNCTUATION):
            gains |= {run: _gain(run, words, places) for run in _runs(piece, words, wanted)}
    if not gains:
        return Reading("", 0, 0)
    best = sorted(gains, key=lambda run: (-gains[run], run))[:LIKELY]
    weights = np.exp(SHARPNESS * (np.array([gains[run] for run in best]) - gains[best[0]]))
    starts = np.cumsum([len(gap) + len(word) for gap, word in zip(text.gaps, ("", *text.words), strict=True)])
    spans = [(int(starts[first]), int(starts[last - 1]) + len(text.words[last - 1])) for first, last in best]
    answers = [text.string[start:end] for start, end in spans]
    return Reading(answers[0], *spans[0], tuple(zip(answers, (weights / weights.sum()).tolist(), strict=True)))


def _pieces(text: Text, stretch: Run, cut: re.Pattern[str]) -> Iterator[Run]:
    """The stretch of words, cut where the gap between two words matches."""
    first, last = stretch
    for i in range(first + 1, last):
        if cut.search(text.gaps[i]):
            yield first, i
            first = i
    if first < last:
        yield first, last


def _runs(piece: Run, words: Sequence[str], wanted: set[str]) -> Iterator[Run]:
    """What lies between the question's words, stop words at the ends taken off."""
    first = piece[0]
    for i in range(piece[0], piece[1] + 1):
        if i < piece[1] and words[i] not in wanted:
            continue
        kept = [k for k in range(first, i) if not is_stop_word(words[k])]
        if kept:
            yield kept[0], min(kept[-1] + 1, kept[0] + MOST_WORDS)
        first = i + 1


def _gain(run: Run, words: Sequence[str], places: Sequence[int]) -> float:
    nearest: dict[str, int] = {}
    for place in places:
        distance = max(run[0] - place, place - run[1] + 1)
        nearest[words[place]] = min(distance, nearest.get(words[place], distance))
    return sum(1 / distance for distance in nearest.values())
