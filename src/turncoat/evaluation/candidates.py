"""What a source of words offers on given texts, before any attack: how much, how fitting, and how it overlaps another.

Each measure is taken text by text and then averaged, for the words of one text are not independent; the intervals are
bootstrapped over texts. Candidates are counted as an attack sees them: cleaned by `Space`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from turncoat.engine.query import Query, Responders
from turncoat.engine.run import Task, run
from turncoat.intervals import Interval, mean, median
from turncoat.space import Space
from turncoat.substitutions.narrowing import SamePartOfSpeech
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text

Result = TypeVar("Result")
Work = Coroutine[Query[Any], Any, Result]
Cleaned = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Candidates:
    """What one source offers. Intervals are None where no text has what they measure.

    Attributes:
        texts, positions, candidates: how many texts, words in them, and candidates for these words.
        covered: share of a text's words that have a candidate.
        mean_size: mean number of candidates of the words that have one.
        median_size: the same with the median of each text, and the median over texts.
        same_pos: share of candidates that keep the word's part of speech in its sentence.
        unknown: share of candidates that are not in the vocabulary; None without a vocabulary.
    """

    texts: int
    positions: int
    candidates: int
    covered: Interval | None
    mean_size: Interval | None
    median_size: Interval | None
    same_pos: Interval | None
    unknown: Interval | None


@dataclass(frozen=True)
class Overlap:
    """How the candidates of two sources meet, at the words for which one of them has any.

    Attributes:
        texts, positions: how many texts, and words for which one of the sources has a candidate.
        both: share of those words for which both have candidates.
        jaccard: shared candidates / all candidates of a word, mean over those words.
        first_size, second_size, shared_size: mean number of candidates of a word, of each source and of both at once.
    """

    texts: int
    positions: int
    both: Interval | None
    jaccard: Interval | None
    first_size: Interval | None
    second_size: Interval | None
    shared_size: Interval | None


def describe(
    source: Substitutions,
    texts: Sequence[Text],
    responders: Responders | None = None,
    vocabulary: Collection[str] | None = None,
    live: int = 128,
) -> Candidates:
    """Measure a source.

    Args:
        responders: who answers the questions that the source asks (a masked language model, ...).
        vocabulary: the words, in lower case, that a model knows.
    """

    async def work(text: Text) -> tuple[Cleaned, Cleaned]:
        options = await _clean(source, text)
        return options, tuple(map(tuple, await SamePartOfSpeech(_Given(options)).propose(text)))

    found = list(_each(work, texts, responders, live))
    sizes = [[len(words) for words in options if words] for options, _ in found]
    offered = [sum(counts) for counts in sizes]
    kept = [sum(map(len, fitting)) for _, fitting in found]
    unknown = None
    if vocabulary is not None:
        missing = [sum(new.lower() not in vocabulary for words in o for new in words) for o, _ in found]
        unknown = _mean_share(missing, offered)
    return Candidates(
        texts=len(texts),
        positions=sum(map(len, texts)),
        candidates=sum(offered),
        covered=_mean_share([len(counts) for counts in sizes], [len(text) for text in texts]),
        mean_size=mean([float(np.mean(counts)) for counts in sizes if counts]),
        median_size=median([float(np.median(counts)) for counts in sizes if counts]),
        same_pos=_mean_share(kept, offered),
        unknown=unknown,
    )


def overlap(
    first: Substitutions,
    second: Substitutions,
    texts: Sequence[Text],
    responders: Responders | None = None,
    live: int = 128,
) -> Overlap:
    """Compare two sources word by word, whatever the case of their candidates."""

    async def work(text: Text) -> list[tuple[set[str], set[str]]]:
        pairs = zip(await _clean(first, text), await _clean(second, text), strict=True)
        return [({w.lower() for w in a}, {w.lower() for w in b}) for a, b in pairs if a or b]

    found = [pairs for pairs in _each(work, texts, responders, live) if pairs]

    def averaged(measure: Callable[[set[str], set[str]], float]) -> Interval | None:
        return mean([float(np.mean([measure(a, b) for a, b in pairs])) for pairs in found])

    return Overlap(
        texts=len(texts),
        positions=sum(map(len, found)),
        both=averaged(lambda a, b: bool(a and b)),
        jaccard=averaged(lambda a, b: len(a & b) / len(a | b)),
        first_size=averaged(lambda a, b: len(a)),
        second_size=averaged(lambda a, b: len(b)),
        shared_size=averaged(lambda a, b: len(a & b)),
    )


@dataclass(frozen=True)
class _Given(Substitutions):
    """Proposals that are known already."""

    options: Cleaned

    async def propose(self, text: Text, where: Where = None) -> Options:
        return self.options


async def _clean(source: Substitutions, text: Text) -> Cleaned:
    return Space(text, await source.propose(text)).options


def _each(
    work: Callable[[Text], Work[Result]], texts: Sequence[Text], responders: Responders | None, live: int
) -> Iterator[Result]:
    """Results in the order of the texts."""
    tasks = (Task(str(i), work(text)) for i, text in enumerate(texts))
    results = {task.name: result for task, result in run(tasks, responders or {}, live)}
    return (results[str(i)] for i in range(len(texts)))


def _mean_share(parts: Sequence[int], wholes: Sequence[int]) -> Interval | None:
    return mean([part / whole for part, whole in zip(parts, wholes, strict=True) if whole])
