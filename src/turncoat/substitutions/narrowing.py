"""Fewer words: sources that pass on only some proposals of another. See `constraints.py` for rules on whole texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from turncoat.data.stopwords import is_stop_word
from turncoat.data.tagger import tag, wordnet_pos
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text, match_case

WINDOW = 3  # words on either side that the tagger is shown


@dataclass(frozen=True)
class WithoutStopWords(Substitutions):
    """Leaves stop words of the text as they are."""

    inner: Substitutions

    async def propose(self, text: Text, where: Where = None) -> Options:
        options = await self.inner.propose(text, left_by(lambda word: not is_stop_word(word), text, where))
        return [() if is_stop_word(word) else words for word, words in zip(text.words, options, strict=True)]


@dataclass(frozen=True)
class WithoutNumbers(Substitutions):
    """Leaves words of the text that hold a digit as they are, and proposes none."""

    inner: Substitutions

    async def propose(self, text: Text, where: Where = None) -> Options:
        options = await self.inner.propose(text, left_by(lambda word: not _holds_digit(word), text, where))
        return [
            () if _holds_digit(word) else [new for new in words if not _holds_digit(new)]
            for word, words in zip(text.words, options, strict=True)
        ]


@dataclass(frozen=True)
class WithoutShortWords(Substitutions):
    """Leaves words of the text with fewer than `letters` characters as they are."""

    inner: Substitutions
    letters: int = 3

    async def propose(self, text: Text, where: Where = None) -> Options:
        options = await self.inner.propose(text, left_by(lambda word: len(word) >= self.letters, text, where))
        return [words if len(word) >= self.letters else () for word, words in zip(text.words, options, strict=True)]


@dataclass(frozen=True)
class SamePartOfSpeech(Substitutions):
    """Proposals that, put into the sentence, are still tagged noun, verb, adjective or adverb as the word was.

    Words of other kinds (prepositions, pronouns, ...) must keep their exact Penn tag. The tagger is shown the candidate
    with three words on either side.

    Attributes:
        noun_for_verb: let nouns replace verbs, and verbs nouns.
    """

    inner: Substitutions
    noun_for_verb: bool = False

    async def propose(self, text: Text, where: Where = None) -> Options:
        options = await self.inner.propose(text, where)
        return [
            [new for new in words if self._agree(part_of_speech(text, i, new), part_of_speech(text, i, text.words[i]))]
            for i, words in enumerate(options)
        ]

    def _agree(self, new: str, old: str) -> bool:
        return new == old or (self.noun_for_verb and {new, old} == {"n", "v"})


def left_by(keeps: Callable[[str], bool], text: Text, where: Where) -> list[int]:
    """The positions among `where` whose word is kept."""
    among = range(len(text)) if where is None else where
    return [i for i in among if keeps(text.words[i])]


def part_of_speech(text: Text, position: int, word: str) -> str:
    """What the word is when it stands at that position: n, v, a, r, or the Penn tag of other kinds."""
    start, end = max(0, position - WINDOW), position + WINDOW + 1
    here = match_case(word, text.words[position])
    words = (*text.words[start:position], here, *text.words[position + 1 : end])
    gaps = text.gaps[start : end + 1]
    penn = tag(words, gaps)[position - start]
    return wordnet_pos(penn) or penn


def _holds_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
