"""WordNet 3.0 as a thesaurus: the words that share a meaning with a word, commonest meaning first.

The whole of WordNet is boiled down once to a table of synonyms, kept as JSON in the cache folder. Look-up follows
WordNet's own morphology (morphy, as in NLTK): "walked" is found under "walk".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from turncoat.data.cache import cached
from turncoat.data.wordnet_files import (
    POS_FILES,
    fingerprint,
    read_exceptions,
    read_senses,
    read_synsets,
    wordnet_folder,
)

# Endings that morphy takes off, and what it puts there instead.
ENDINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "n": (
        *(("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z")),
        *(("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y")),
    ),
    "v": (("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    "a": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "r": (),
}


@dataclass(frozen=True, eq=False)
class Thesaurus:
    """WordNet's words and their synonyms; parts of speech are n, v, a (satellites too) and r.

    Attributes:
        names: part of speech -> lemma -> the other names in its synsets, in sense order, joined by "|", with
            underscores for blanks.
        exceptions: part of speech -> irregular form -> base forms.
    """

    names: Mapping[str, Mapping[str, str]]
    exceptions: Mapping[str, Mapping[str, list[str]]]

    def base_forms(self, word: str, pos: str) -> tuple[str, ...]:
        """Lemmas that the word may be a form of, itself first; () if WordNet does not have it."""
        form = word.lower().replace(" ", "_")
        bases = self.exceptions[pos].get(form)
        if bases is None:
            bases = [form[: -len(old)] + new for old, new in ENDINGS[pos] if form.endswith(old)]
        lemmas = self.names[pos]
        return tuple(dict.fromkeys(base for base in (form, *bases) if base in lemmas))

    def synonyms(self, word: str, pos: str) -> tuple[str, ...]:
        """Names in all synsets of the word, without the word and its base forms; multi-word names hold blanks."""
        bases = self.base_forms(word, pos)
        own = {word.lower().replace(" ", "_"), *bases}
        names = dict.fromkeys(name for base in bases for name in self.names[pos][base].split("|"))
        return tuple(name.replace("_", " ") for name in names if name and name.lower() not in own)


@lru_cache(maxsize=4)
def open_thesaurus(path: str | Path | None = None) -> Thesaurus:
    """The thesaurus of the WordNet at `path`, or of the one found on this machine.

    Takes some seconds the first time and a fraction of one afterwards.

    Raises:
        MissingResource: there is none. BrokenData: its files are not whole.
    """
    folder = wordnet_folder(path)
    table = cached(f"wordnet-1-{fingerprint(folder)}", lambda: _build(folder))
    return Thesaurus(table["names"], table["exceptions"])


@lru_cache(maxsize=1 << 16)
def synonyms(word: str, pos: str) -> tuple[str, ...]:
    """`Thesaurus.synonyms` of the WordNet found on this machine."""
    return open_thesaurus().synonyms(word, pos)


@lru_cache(maxsize=1 << 16)
def base_forms(word: str, pos: str) -> tuple[str, ...]:
    """`Thesaurus.base_forms` of the WordNet found on this machine."""
    return open_thesaurus().base_forms(word, pos)


def _build(folder: Path) -> dict[str, dict[str, object]]:
    return {
        "names": {pos: dict(_names(folder, pos)) for pos in POS_FILES},
        "exceptions": {pos: read_exceptions(folder, pos) for pos in POS_FILES},
    }


def _names(folder: Path, pos: str) -> Iterator[tuple[str, str]]:
    synsets = read_synsets(folder, pos)
    for lemma, offsets in read_senses(folder, pos):
        names = dict.fromkeys(name for offset in offsets for name in synsets[offset].names)
        yield lemma, "|".join(name for name in names if name.lower() != lemma)
