"""Which words a classifier keeps close together: nearest neighbours by cosine distance, and where antonyms stand.

Source: T. Miyato, A. M. Dai, I. Goodfellow. ICLR 2017, arXiv 1605.07725, Table 3: the ten nearest neighbours of "good"
and "bad" under each training; language models keep opposites close, for they stand in the same places.

Differences from the paper: neighbours are looked for among the commonest words (those of a small training set that are
rarer have hardly moved from where chance put them); the rank of the antonym is not read off two words alone but
measured over all pairs that WordNet opposes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.data.antonyms import Antonyms
from turncoat.errors import UsageError
from turncoat.models.networks import word_victim
from turncoat.models.victim import Victim
from turncoat.models.vocabulary import RESERVED

Pair = tuple[str, str]


@dataclass(frozen=True)
class Neighbour:
    """A word, its cosine distance in [0, 2], and its valence (-4 to 4; 0: no feeling)."""

    word: str
    distance: float
    valence: float

    def __str__(self) -> str:
        mark = "+" if self.valence > 0 else "−" if self.valence < 0 else ""
        return f"{self.word}{' ' if mark else ''}{mark} ({self.distance:.3f})"


class WordSpace:
    """Words and their vectors, as directions.

    Args:
        words: distinct, the commonest first.
        vectors: (words, dimensions).

    Raises:
        UsageError: other numbers of words and vectors.
    """

    def __init__(self, words: Sequence[str], vectors: NDArray[np.floating]) -> None:
        if len(words) != len(vectors) or len(set(words)) != len(words):
            raise UsageError(f"expected a vector a distinct word, got {len(words)} words and {len(vectors)} vectors")
        self.words = tuple(words)
        self._places = {word: i for i, word in enumerate(words)}
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
        self._directions = vectors / np.where(lengths > 0, lengths, 1)

    @classmethod
    def of(cls, victim: Victim, commonest: int | None = None) -> WordSpace:
        """The vectors of a victim's words, as it reads them; of the commonest only, if so many are asked for.

        Raises:
            UsageError: see `word_victim`.
        """
        reader = word_victim(victim)
        words, vectors = reader.form.vocabulary.words, reader.network.embedding.weight.detach().numpy()
        start, end = len(RESERVED), len(words)
        end = end if commonest is None else min(end, start + commonest)
        return cls(words[start:end], vectors[start:end])

    def __contains__(self, word: str) -> bool:
        return word in self._places

    def distances(self, word: str) -> NDArray[np.float64]:
        """Cosine distance to every word (words,), in [0, 2].

        Raises:
            UsageError: the word is not known.
        """
        if word not in self._places:
            raise UsageError(f"expected one of {len(self.words)} words, got {word!r}")
        return np.asarray(1 - self._directions @ self._directions[self._places[word]])

    def nearest(self, word: str, valences: Mapping[str, float], size: int = 10) -> tuple[Neighbour, ...]:
        """The nearest other words; of equally near ones the commoner first."""
        distances = self.distances(word)
        order = [i for i in np.argsort(distances, kind="stable") if self.words[i] != word][:size]
        return tuple(Neighbour(self.words[i], float(distances[i]), valences.get(self.words[i], 0.0)) for i in order)

    def rank(self, word: str, other: str) -> int:
        """How many words are at least as near to `word` as `other` is, `other` counted: 1 for the nearest neighbour."""
        distances = np.delete(self.distances(word), self._places[word])
        return int((distances <= self.distances(word)[self._places[other]]).sum())


def antonym_pairs(words: Sequence[str], antonyms: Antonyms) -> tuple[Pair, ...]:
    """Pairs of words that WordNet opposes directly in some part of speech, each once, in alphabetical order."""
    known = set(words)
    named = (
        (word, other)
        for lemmas in antonyms.direct.values()
        for word, others in lemmas.items()
        for other in others
        if word in known and other in known and word != other
    )
    return tuple(sorted({(min(pair), max(pair)) for pair in named}))


def opposed_in_feeling(pairs: Sequence[Pair], valences: Mapping[str, float]) -> tuple[Pair, ...]:
    """The pairs of which one word is good and the other bad."""
    return tuple(pair for pair in pairs if valences.get(pair[0], 0.0) * valences.get(pair[1], 0.0) < 0)


def neighbour_rows(
    spaces: Mapping[str, WordSpace],
    valences: Mapping[str, float],
    pair: Pair = ("good", "bad"),
    size: int = 10,
) -> list[dict[str, str]]:
    """A table as in the paper: two columns a training, one a word of the pair, and below them the other word's rank."""
    columns = {}
    for name, space in spaces.items():
        for word, other in (pair, pair[::-1]):
            found = [str(each) for each in space.nearest(word, valences, size)]
            columns[f"{word}, {name}"] = [*found, f"{other}: {space.rank(word, other)}"]
    labels = [*map(str, range(1, size + 1)), "rank of the antonym"]
    return [{"": label} | {name: cells[i] for name, cells in columns.items()} for i, label in enumerate(labels)]
