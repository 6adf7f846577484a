"""Synonyms from WordNet 3.0, with the part of speech that the word has in its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from turncoat.data.stopwords import is_stop_word
from turncoat.data.tagger import split_clitic, tag, wordnet_pos
from turncoat.data.wordnet import base_forms, synonyms
from turncoat.errors import UsageError
from turncoat.substitutions.inflection import inflect
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text

ALL_POS = ("n", "v", "a", "r")
MULTIWORD = ("drop", "first_token")


@dataclass(frozen=True)
class WordNet(Substitutions):
    """Names in all WordNet synsets of the word that have its part of speech, commonest sense first.

    Forms of "be" and of the word itself are left out. A possessive noun keeps its ending: film's -> movie's.

    Attributes:
        pos: parts of speech that may be replaced: n, v, a (satellite adjectives too), r.
        inflect: give each candidate the inflection of the word (movies -> films); else candidates are base forms.
        multiword: "drop" leaves multi-word names out; "first_token" keeps their first word, as the PWWS code does.
        skip_stop_words: propose nothing for stop words.
    """

    pos: tuple[str, ...] = ALL_POS
    inflect: bool = False
    multiword: Literal["drop", "first_token"] = "drop"
    skip_stop_words: bool = False

    def __post_init__(self) -> None:
        if unknown := set(self.pos) - set(ALL_POS):
            raise UsageError(f"expected parts of speech among {', '.join(ALL_POS)}, got {', '.join(sorted(unknown))}")
        if self.multiword not in MULTIWORD:
            raise UsageError(f"expected multiword to be one of {', '.join(MULTIWORD)}, got {self.multiword!r}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        tags = tag(text.words, text.gaps)
        return [_options(self, word.lower(), penn) for word, penn in zip(text.words, tags, strict=True)]


def inflected() -> WordNet:
    """Synonyms that take the inflection of the word they replace."""
    return WordNet(inflect=True)


@lru_cache(maxsize=1 << 16)
def _options(source: WordNet, word: str, penn: str) -> tuple[str, ...]:
    pos = wordnet_pos(penn)
    if pos is None or pos not in source.pos or (source.skip_stop_words and is_stop_word(word)):
        return ()
    head, clitic = split_clitic(word) if pos == "n" else (word, "")
    bases = base_forms(head, pos)
    if pos == "v" and "be" in bases:
        return ()
    forms = (inflect(name, penn) if source.inflect else name for name in _single_words(source, synonyms(head, pos)))
    own = {head, *bases}
    return tuple(dict.fromkeys(form + clitic for form in forms if form and form.lower() not in own))


def _single_words(source: WordNet, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        first, _, rest = name.partition(" ")
        if not rest or source.multiword == "first_token":
            yield first
