"""Antonyms from WordNet 3.0: those it names, and for adjectives those it names for a similar one.

WordNet joins words to antonyms one by one ("fast" and "slow"). Other adjectives hang on such a pair by similarity:
"sluggish" is similar to "slow", and so an indirect antonym of "fast" and of "swift" (K. Miller 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

from turncoat.data.cache import cached
from turncoat.data.wordnet import Thesaurus, open_thesaurus
from turncoat.data.wordnet_files import POS_FILES, fingerprint, read_pointers, read_synsets, wordnet_folder

Opposition = Literal["direct", "indirect"]


@dataclass(frozen=True, eq=False)
class Antonyms:
    """Which words are opposed in some sense of theirs, whatever their inflection.

    Attributes:
        direct: part of speech -> lemma -> the antonyms that WordNet names for it.
        senses: adjective -> numbers of its senses and of those they are similar to.
        opposites: number of a sense -> numbers of the senses opposed to it, as strings.
    """

    thesaurus: Thesaurus
    direct: Mapping[str, Mapping[str, list[str]]]
    senses: Mapping[str, list[int]]
    opposites: Mapping[str, list[int]]

    def opposition(self, old: str, new: str) -> Opposition | None:
        """How two words are opposed; None if WordNet does not oppose them in any sense or part of speech."""
        for pos, lemmas in self.direct.items():
            pairs = product(self.thesaurus.base_forms(old, pos), self.thesaurus.base_forms(new, pos))
            if any(b in lemmas.get(a, ()) for a, b in pairs):
                return "direct"
        opposed = {str(sense) for sense in self._senses(new)}
        reached = {str(other) for sense in self._senses(old) for other in self.opposites.get(str(sense), ())}
        return "indirect" if opposed & reached else None

    def named(self, word: str, pos: str) -> tuple[str, ...]:
        """The antonyms that WordNet names for a word as this part of speech, as lemmas."""
        bases = self.thesaurus.base_forms(word, pos)
        return tuple(dict.fromkeys(antonym for base in bases for antonym in self.direct[pos].get(base, ())))

    def _senses(self, word: str) -> Iterator[int]:
        for base in self.thesaurus.base_forms(word, "a"):
            yield from self.senses.get(base, ())


@lru_cache(maxsize=4)
def open_antonyms(path: str | Path | None = None) -> Antonyms:
    """The antonyms of the WordNet at `path`, or of the one found on this machine.

    Raises:
        MissingResource: there is none. BrokenData: its files are not whole.
    """
    folder = wordnet_folder(path)
    table = cached(f"antonyms-1-{fingerprint(folder)}", lambda: _build(folder))
    return Antonyms(open_thesaurus(path), table["direct"], table["senses"], table["opposites"])


def _build(folder: Path) -> dict[str, Any]:
    direct: dict[str, dict[str, list[str]]] = {pos: {} for pos in POS_FILES}
    for pos in POS_FILES:
        synsets = read_synsets(folder, pos)
        for pointer in read_pointers(folder, pos, "!"):
            old = synsets[pointer.source].names[pointer.word - 1].lower()
            new = synsets[pointer.target].names[pointer.target_word - 1].lower()
            direct[pos].setdefault(old, []).append(new)
    synsets = read_synsets(folder, "a")
    number = {offset: i for i, offset in enumerate(synsets)}
    opposites: dict[str, list[int]] = {}
    for pointer in read_pointers(folder, "a", "!"):
        opposites.setdefault(str(number[pointer.source]), []).append(number[pointer.target])
    around: dict[str, list[int]] = {offset: [number[offset]] for offset in synsets}
    for pointer in read_pointers(folder, "a", "&"):
        around[pointer.source].append(number[pointer.target])
    senses: dict[str, list[int]] = {}
    for offset, synset in synsets.items():
        for name in synset.names:
            senses.setdefault(name.lower(), []).extend(around[offset])
    return {"direct": direct, "senses": senses, "opposites": opposites}
