"""HowNet's sememes of English words: what each sense means, as a set of smallest units of meaning.

The table is boiled down once to an index, kept as JSON in the cache folder; `sememe_files.py` says what is read.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.data.cache import cached
from turncoat.data.resources import locate
from turncoat.data.sememe_files import read_senses


@dataclass(frozen=True, eq=False)
class SememeDictionary:
    """Single words, in lower case, with the sememes of their senses; parts of speech are n, v, a and r.

    The similarity of two words is the best Jaccard index (shared sememes / all sememes) of a sense of one and a sense
    of the other. Among equally similar words those come first that share more sememes over all their senses, then
    those with more senses (the commoner ones), then by alphabet.

    Attributes:
        sets: the distinct sets of sememes.
        words: part of speech -> word -> indices into `sets`, one a sense. Words with more senses stand first, then by
            alphabet.
    """

    sets: tuple[frozenset[str], ...]
    words: Mapping[str, Mapping[str, Sequence[int]]]

    def senses(self, word: str, pos: str) -> tuple[frozenset[str], ...]:
        """The sememes of each sense of the word; () if it is not here."""
        return tuple(self.sets[i] for i in self.words[pos].get(word.lower(), ()))

    def alike(self, lemmas: Sequence[str], pos: str) -> tuple[str, ...]:
        """Words with a sense that has exactly the sememes of some sense of some lemma, most similar first."""
        members = self._members[pos]
        return tuple(self._ordered({word for i in self._indices(lemmas, pos) for word in members[i]}, lemmas, pos))

    def nearest(self, lemmas: Sequence[str], pos: str, k: int) -> tuple[tuple[str, float], ...]:
        """The `k` words that are most similar to one of the lemmas, most similar first, with their similarities."""
        members, best = self._members[pos], self._best_index(self._indices(lemmas, pos))
        found: dict[str, float] = {}
        for level in np.unique(best[best > 0])[::-1]:
            tied = {word for i in np.flatnonzero(best == level) for word in members.get(int(i), ())}
            found.update((word, float(level)) for word in self._ordered(tied.difference(found), lemmas, pos))
            if len(found) >= k:
                break
        return tuple(found.items())[:k]

    def thinned(self, coverage: float) -> SememeDictionary:
        """The dictionary with this share of its entries (word and part of speech), drawn by a hash of the entry.

        A smaller share keeps a part of what a larger one keeps.
        """
        words = {
            pos: {word: senses for word, senses in entries.items() if _draw(f"{word}/{pos}") < coverage}
            for pos, entries in self.words.items()
        }
        return replace(self, words=words)

    def _indices(self, lemmas: Sequence[str], pos: str) -> list[int]:
        entries = self.words[pos]
        return list(dict.fromkeys(i for lemma in lemmas for i in entries.get(lemma.lower(), ())))

    def _ordered(self, words: set[str], lemmas: Sequence[str], pos: str) -> list[str]:
        """The words, without the lemmas, in the order of proposal among equally similar ones."""
        rank, own = self._ranks[pos], self._all_sememes(lemmas, pos)

        def key(word: str) -> tuple[int, int]:
            return -len(own & self._all_sememes([word], pos)), rank[word]

        return sorted(words.difference(lemmas), key=key)

    def _all_sememes(self, lemmas: Sequence[str], pos: str) -> frozenset[str]:
        return frozenset().union(*(self.sets[i] for i in self._indices(lemmas, pos)))

    def _best_index(self, indices: Sequence[int]) -> NDArray[np.float64]:
        """Best Jaccard index of every set with one of those, (sets,)."""
        best = np.zeros(len(self.sets))
        for i in indices:
            holders = np.concatenate([self._holders[sememe] for sememe in self.sets[i]])
            shared = np.bincount(holders, minlength=len(self.sets))
            np.maximum(best, shared / (self._sizes + self._sizes[i] - shared), out=best)
        return best

    @cached_property
    def _ranks(self) -> dict[str, dict[str, int]]:
        return {pos: {word: rank for rank, word in enumerate(entries)} for pos, entries in self.words.items()}

    @cached_property
    def _members(self) -> dict[str, dict[int, list[str]]]:
        """Part of speech -> index of a set -> the words that have it."""
        members: dict[str, dict[int, list[str]]] = {pos: defaultdict(list) for pos in self.words}
        for pos, entries in self.words.items():
            for word, senses in entries.items():
                for i in senses:
                    members[pos][i].append(word)
        return members

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.array([len(sememes) for sememes in self.sets], np.int64)

    @cached_property
    def _holders(self) -> dict[str, NDArray[np.int64]]:
        """Sememe -> indices of the sets that hold it."""
        holders = defaultdict(list)
        for i, sememes in enumerate(self.sets):
            for sememe in sememes:
                holders[sememe].append(i)
        return {sememe: np.array(indices) for sememe, indices in holders.items()}


@lru_cache(maxsize=8)
def open_sememes(path: str | Path | None = None, coverage: float = 1.0) -> SememeDictionary:
    """The dictionary at `path`, or the one found on this machine; with a share of its entries, see `thinned`.

    Raises:
        MissingResource: there is none. UsageError, BrokenData: it cannot be read, see `sememe_files.read_senses`.
    """
    if coverage < 1:
        return open_sememes(path).thinned(coverage)
    file = locate("hownet", path)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    index = cached(f"sememes-1-{digest}", lambda: _build(file))
    return SememeDictionary(tuple(map(frozenset, index["sets"])), index["words"])


def _build(file: Path) -> dict[str, Any]:
    numbers: dict[tuple[str, ...], int] = {}
    entries: dict[str, dict[str, dict[int, None]]] = {pos: defaultdict(dict) for pos in "nvar"}
    for pos, words, sememes in read_senses(file):
        number = numbers.setdefault(sememes, len(numbers))
        for word in words:
            entries[pos][word][number] = None
    count = Counter[str]()
    for found in entries.values():
        count.update({word: len(senses) for word, senses in found.items()})
    order = sorted(count, key=lambda word: (-count[word], word))
    words_in_order = {
        pos: {word: list(found[word]) for word in order if word in found} for pos, found in entries.items()
    }
    return {"sets": list(numbers), "words": words_in_order}


def _draw(entry: str) -> float:
    """A number in [0, 1) that is the entry's own."""
    return int.from_bytes(hashlib.blake2b(entry.encode(), digest_size=6).digest(), "big") / 2**48
