"""A question or paragraph as tagged tokens, with what stood before each, so that any stretch can be written back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from turncoat.data.tagger import split_clitic, tag
from turncoat.text import WORD

# Acronyms ("U.S.", "V&A"), numbers with their points and commas, words, and any other mark.
TOKEN = regex.compile(
    rf"(?:\p{{L}}\.){{2,}}|\p{{L}}(?:&\p{{L}})+|\p{{N}}+(?:[.,]\p{{N}}+)+(?![\p{{L}}\p{{N}}])|{WORD.pattern}|\S"
)
WH_WORDS = frozenset(("what", "which", "who", "whom", "whose", "when", "where", "why", "how"))
BE_AFTER = WH_WORDS | {"that", "there", "it", "he", "she"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, clitic ('s) or mark.

    Attributes:
        text: as written.
        before: the blanks before it; "" for what is joined to its neighbour.
        start: where it begins in the string.
        tag: Penn Treebank tag; a mark is its own.
    """

    text: str
    before: str
    start: int
    tag: str

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper()


@lru_cache(maxsize=1 << 12)
def tokens(string: str) -> tuple[Token, ...]:
    """The string's tokens; "film's" is two, "didn't" is one."""
    found = list(TOKEN.finditer(string))
    words = [each for each in found if each.group()[0].isalnum()]
    ends = [0, *(each.end() for each in words)]
    starts = [*(each.start() for each in words), len(string)]
    gaps = [string[end:start] for end, start in zip(ends, starts, strict=True)]
    tags = iter(tag([each.group() for each in words], gaps))
    result, end = [], 0
    for each in found:
        before, end = string[end : each.start()], each.end()
        penn = next(tags) if each.group()[0].isalnum() else each.group()
        result += _split(each.group(), before, each.start(), penn)
    return tuple(result)


def written(stretch: Sequence[Token]) -> str:
    """The tokens as they stood, without the blanks before the first."""
    return "".join(token.before + token.text for token in stretch).strip()


def _split(word: str, before: str, start: int, penn: str) -> list[Token]:
    head, clitic = split_clitic(word)
    if clitic[1:].lower() != "s":
        return [Token(word, before, start, "NNP" if word == "US" else penn)]
    after = "VBZ" if head.lower() in BE_AFTER else "POS"
    return [Token(head, before, start, penn), Token(clitic, "", start + len(head), after)]
