"""Parts of speech: one Penn Treebank tag for each word of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

PUNCTUATION = re.compile(r"\.{2,}|[^\w\s]")
SENTENCE_END = frozenset(".?!…")
CLITIC = re.compile(r"(?<=.)(?:n['’]t|['’](?:s|re|ve|ll|d|m))$", re.IGNORECASE)
IRREGULAR_HEADS = {"ca": "can", "wo": "will", "sha": "shall"}  # of can't, won't, shan't

WordNetPos = Literal["n", "v", "a", "r"]
COARSE: dict[str, WordNetPos] = {"NN": "n", "VB": "v", "JJ": "a", "RB": "r"}


def tag(words: Sequence[str], gaps: Sequence[str]) -> tuple[str, ...]:
    """Penn tags of a text's words, one a word; the punctuation in the gaps is seen but not answered for.

    A contraction gets the tag of what stands before its apostrophe: "don't" that of "do", "film's" that of "film".
    """
    return _tag(tuple(words), tuple(gaps))


def wordnet_pos(penn: str) -> WordNetPos | None:
    """WordNet's part of speech for a Penn tag: n, v, a, r, or None for words that WordNet does not have."""
    return COARSE.get(penn[:2])


def split_clitic(word: str) -> tuple[str, str]:
    """A word and the clitic at its end, which may be "": ("film", "'s"), ("do", "n't"), ("so-called", "")."""
    match = CLITIC.search(word)
    return (word[: match.start()], match.group()) if match else (word, "")


@lru_cache(maxsize=1 << 14)
def _tag(words: tuple[str, ...], gaps: tuple[str, ...]) -> tuple[str, ...]:
    from textblob.en import parser

    tags: list[str] = []
    sentence: list[str] = []
    heads: list[int] = []  # where in the sentence the text's words stand

    def finish() -> None:
        tagged = parser.find_tags(sentence)
        tags.extend(tagged[i][1] for i in heads)
        sentence.clear()
        heads.clear()

    for gap, word in zip(gaps, (*words, ""), strict=True):
        marks = PUNCTUATION.findall(gap)
        sentence += marks
        if any(mark[0] in SENTENCE_END for mark in marks):
            finish()
        if word:
            head, clitic = split_clitic(word)
            heads.append(len(sentence))
            sentence += [_known(IRREGULAR_HEADS.get(head.lower(), head)), clitic] if clitic else [_known(head)]
    finish()
    return tuple(tags)


def _known(word: str) -> str:
    """The word as the tagger's lexicon may have it: text in capitals is read as lower case."""
    return word.lower() if len(word) > 1 and word.isupper() else word
