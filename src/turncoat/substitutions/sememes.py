"""Words with the same meaning according to HowNet, with the part of speech that the word has in its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from turncoat.data.sememes import open_sememes
from turncoat.data.tagger import split_clitic, tag, wordnet_pos
from turncoat.data.wordnet import base_forms
from turncoat.errors import UsageError
from turncoat.substitutions.inflection import INFLECTED, inflect
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text

MATCHES = ("sense", "nearest")


@dataclass(frozen=True)
class Sememes(Substitutions):
    """Words of which a sense has the sememes of a sense of the word (Zang et al., ACL 2020), or similar ones.

    Both senses have the part of speech of the word in its sentence. Among equally similar words those come first that
    share more sememes over all their senses, then those with more senses, then the alphabet. Forms of "be" and of the
    word itself are left out; a possessive noun keeps its ending.

    Attributes:
        match: "sense" wants identical sets of sememes; "nearest" takes the most similar words, a word's senses merged:
            the best Jaccard index of any two senses. (OpenHowNet's `get_nearest_words` compares sememe trees instead,
            after Liu, Xu and Zhang, IJCNLP 2013.)
        k: most candidates a word, for "nearest".
        inflect: give each candidate the inflection of the word (movies -> films); else candidates are base forms.
        coverage: share of the dictionary's entries that is used, to see what a poorer dictionary costs.
        path: dictionary file (see `turncoat.data.sememes`); None for the one found on this machine.
    """

    match: Literal["sense", "nearest"] = "sense"
    k: int = 10
    inflect: bool = True
    coverage: float = 1.0
    path: str | None = None

    def __post_init__(self) -> None:
        if self.match not in MATCHES:
            raise UsageError(f"expected match to be one of {', '.join(MATCHES)}, got {self.match!r}")
        if self.k < 1:
            raise UsageError(f"expected k >= 1, got {self.k}")
        if not 0 <= self.coverage <= 1:
            raise UsageError(f"expected coverage in [0, 1], got {self.coverage}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        open_sememes(self.path, self.coverage)  # says what is missing, whatever the text
        tags = tag(text.words, text.gaps)
        return [_options(self, word.lower(), penn) for word, penn in zip(text.words, tags, strict=True)]


@lru_cache(maxsize=1 << 16)
def _options(source: Sememes, word: str, penn: str) -> tuple[str, ...]:
    pos = wordnet_pos(penn)
    if pos is None:
        return ()
    head, clitic = split_clitic(word) if pos == "n" else (word, "")
    lemmas = _lemmas(head, pos, penn)
    if pos == "v" and "be" in lemmas:
        return ()
    dictionary = open_sememes(source.path, source.coverage)
    if source.match == "sense":
        found = dictionary.alike(lemmas, pos)
    else:
        found = tuple(near for near, _ in dictionary.nearest(lemmas, pos, source.k))
    forms = (inflect(lemma, penn) if source.inflect else lemma for lemma in found)
    return tuple(dict.fromkeys(form + clitic for form in forms if form and form.lower() not in {head, *lemmas}))


def _lemmas(word: str, pos: str, penn: str) -> tuple[str, ...]:
    """Dictionary forms of a word: "saw" is "see" in the past tense, and itself where the tag asks for a base form."""
    bases = base_forms(word, pos) or (word,)
    if penn in INFLECTED:
        return tuple(base for base in bases if base != word) or bases
    return (word,) if word in bases else bases
