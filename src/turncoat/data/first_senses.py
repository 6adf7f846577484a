"""The commonest sense of a word in WordNet 3.0: its antonyms, and what kind of thing it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from turncoat.data.cache import cached
from turncoat.data.wordnet import Thesaurus, open_thesaurus
from turncoat.data.wordnet_files import fingerprint, read_pointers, read_senses, read_synsets, wordnet_folder

# Numbers of WordNet's lexicographer files for nouns (manual page lexnames(5WN)).
TOPICS = dict(zip((14, 15, 17, 18), ("group", "location", "object", "person"), strict=True))


@dataclass(frozen=True, eq=False)
class FirstSenses:
    """Look-ups by the first sense alone.

    Attributes:
        antonyms: part of speech (n, a) -> lemma -> antonyms of any name of its first sense.
        topics: noun -> topics of its senses that are single things ("paris"), in sense order; "thing" for a common
            noun, "group" for one that is a group of people first of all.
    """

    thesaurus: Thesaurus
    antonyms: Mapping[str, Mapping[str, list[str]]]
    topics: Mapping[str, list[str]]

    def opposites(self, word: str, pos: str) -> tuple[str, ...]:
        """Antonyms of the word's first sense, one word each; () if it has none."""
        bases = self.thesaurus.base_forms(word, pos)
        return tuple(self.antonyms[pos].get(bases[0], ())) if bases else ()

    def named(self, name: str) -> tuple[str, ...]:
        """What a name of one or more words may stand for; () if WordNet does not know it."""
        return tuple(self.topics.get(name.lower().replace(" ", "_"), ()))


@lru_cache(maxsize=2)
def open_first_senses(path: str | Path | None = None) -> FirstSenses:
    """Those of the WordNet at `path`, or of the one on this machine.

    Raises:
        MissingResource: there is none. BrokenData: its files are not whole.
    """
    folder = wordnet_folder(path)
    table = cached(f"first-senses-2-{fingerprint(folder)}", lambda: _build(folder))
    return FirstSenses(open_thesaurus(path), table["antonyms"], table["topics"])


def _build(folder: Path) -> dict[str, object]:
    return {"antonyms": {pos: _antonyms(folder, pos) for pos in ("n", "a")}, "topics": _topics(folder)}


def _antonyms(folder: Path, pos: str) -> dict[str, list[str]]:
    synsets = read_synsets(folder, pos)
    opposed: dict[str, dict[str, None]] = {}
    for pointer in read_pointers(folder, pos, "!"):
        name = synsets[pointer.target].names[pointer.target_word - 1].lower()
        if "_" not in name:
            opposed.setdefault(pointer.source, {})[name] = None
    return {lemma: list(opposed[offsets[0]]) for lemma, offsets in read_senses(folder, pos) if offsets[0] in opposed}


def _topics(folder: Path) -> dict[str, list[str]]:
    synsets = read_synsets(folder, "n")
    single = {pointer.source for pointer in read_pointers(folder, "n", "@i")}
    topics = {}
    for lemma, offsets in read_senses(folder, "n"):
        kinds = [TOPICS.get(synsets[offset].topic, "thing") for offset in offsets]
        named = [kind for kind, offset in zip(kinds, offsets, strict=True) if offset in single]
        topics[lemma] = list(dict.fromkeys(named)) or (["group"] if kinds[0] == "group" else ["thing"])
    return topics
