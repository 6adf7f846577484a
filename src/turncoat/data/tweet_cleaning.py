"""Tweets made readable: no URLs, contractions and slang expanded, spelling corrected."""

from __future__ import annotations

from functools import cache, lru_cache
from html import unescape
from itertools import product

import numpy as np
import regex
from numpy.typing import NDArray

from turncoat.data.tweet_words import CONTRACTIONS, ENDINGS, INITIALS, LETTERS, NEGATED, SLANG
from turncoat.text import WORD, Text, match_case

RULES = 1  # raise whenever a tweet may become something else: cleaned data sets are kept under this number

URL = regex.compile(r"https?:\S*|www\.\S+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*", regex.IGNORECASE)
MARK = regex.compile(r"[@#]+(?=\w)")
HANDLE = regex.compile(r"@\w+")
MARKED = regex.compile(r"[@#]\w+")  # a handle or a hashtag; its words are names
SLASHED = regex.compile(r"(?<![\w/])(?:w/o|b/c|w/)(?![/])", regex.IGNORECASE)
ENTITY = regex.compile(r"&(?:\w+|#\d+);")
LETTER = regex.compile(r"(?<!\S)[a-z](?=[.,!?…]*(?:\s|$))")
RUN = regex.compile(r"(\p{L})\1{2,}", regex.IGNORECASE)
VOWELS = frozenset("aeiou")

DOUBLE = 100  # how much likelier "oo" than "o" is behind "ooo", beside the words' counts
MOST_RUNS = 4
SHORTEST_MISSPELLING = 6  # in shorter unknown words a name or an abbreviation is likelier than a slip
SHORTEST_WRONG_VOWEL = 7
COMMON = 500  # occurrences, of 1.6e9 words of film subtitles, that make a word one that people mean


def clean_tweet(text: str, marks: bool = True) -> str:
    """The tweet without URLs, with contractions and slang expanded and the spelling corrected, white space made single.

    Deterministic, and cleaning again changes nothing. Case is kept: "DONT" becomes "DO NOT". The spelling is corrected
    only in unknown words of six and more lower-case ASCII letters, by one small slip that gives a common word; letters
    written three times and more ("soooo") are made one or two in any word. HTML entities are undone.

    Args:
        marks: keep "@" and "#" and leave the words they mark alone; else the marks go and the words are cleaned too.

    Source: arXiv 2504.01345 cleans its tweets in these steps, with the same dictionary; lists and rules are ours.
    """
    while (cleaned := _clean_once(text, marks)) != text:  # what a first pass puts together may need a second
        text = cleaned
    return text


def links_and_handles(text: Text) -> NDArray[np.bool_]:
    """Which words are part of a URL or of an "@handle", (words,). Hashtags are neither."""
    string = str(text)
    inside = np.zeros(len(string) + 1, bool)
    for match in (*URL.finditer(string), *HANDLE.finditer(string)):
        inside[match.start() : match.end()] = True
    return inside[[text.offset(i) for i in range(len(text))]]


def _clean_once(text: str, marks: bool) -> str:
    text = URL.sub(" ", ENTITY.sub(lambda entity: unescape(entity.group()), text))
    if not marks:
        text = MARK.sub("", text)
    parts, end = [], 0
    for marked in MARKED.finditer(text):
        parts += [_expand(text[end : marked.start()]), marked.group()]
        end = marked.end()
    return " ".join("".join([*parts, _expand(text[end:])]).split())


def _expand(text: str) -> str:
    text = SLASHED.sub(lambda match: _like(SLANG[match.group().lower()], match.group()) + " ", text)
    text = LETTER.sub(lambda match: LETTERS.get(match.group(), match.group()), text)
    return WORD.sub(lambda match: _word(match.group()), text)  # type: ignore[no-any-return]


@lru_cache(maxsize=1 << 18)
def _word(word: str) -> str:
    """What stands for one word of the tweet."""
    key = word.lower().replace("’", "'")
    if meaning := CONTRACTIONS.get(key) or _uncontracted(key) or _unslanged(key, capitals=_in_capitals(word)):
        return _like(meaning, word)
    shorter = _without_runs(word)
    return _word(shorter) if shorter != word else _corrected(word) or word


def _uncontracted(key: str) -> str:
    """A word with "n't", "'re" and the like taken apart; "" for others."""
    if key.endswith("n't") and key[:-3] in NEGATED:
        return f"{key[:-3]} not"
    head, apostrophe, ending = key.rpartition("'")
    meaning = ENDINGS.get(apostrophe + ending)
    return f"{head} {meaning}" if head and meaning else ""


def _unslanged(key: str, capitals: bool = False) -> str:
    """What the slang stands for; "" for other words, and for slang that means something else in capitals."""
    return INITIALS.get(key) or ("" if capitals else SLANG.get(key, ""))


def _in_capitals(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _like(meaning: str, word: str) -> str:
    """The meaning in capitals or with a capital as the word has them."""
    if _in_capitals(word):
        return meaning.upper()
    return meaning[:1].upper() + meaning[1:] if word[:1].isupper() else meaning


def _without_runs(word: str) -> str:
    """Runs of three and more letters made two or one, whichever gives the commoner word ("tooo", "soooo"); else two.

    Two are more likely meant than the counts say. A word of one letter alone ("III", "xxx") stays.
    """
    pieces = RUN.split(word)  # text, letter, text, letter, ..., text
    if len(pieces) == 1 or len(set(word.lower())) == 1 or len(pieces) > 2 * MOST_RUNS:
        return word

    def written(counts: tuple[int, ...]) -> str:
        runs = [letter * count for letter, count in zip(pieces[1::2], counts, strict=True)]
        return "".join(text + run for text, run in zip(pieces[::2], [*runs, ""], strict=True))

    def likelihood(counts: tuple[int, ...]) -> int:
        word = written(counts).lower()
        count = _counts().get(word, 0) or int(bool(_unslanged(word)))
        return count * int(DOUBLE ** counts.count(2))

    return match_case(written(max(product((2, 1), repeat=len(pieces) // 2), key=likelihood)), word)


def _corrected(word: str) -> str:
    """The word that a misspelled one was meant to be; "" if it may be right, or nothing is near."""
    if len(word) < SHORTEST_MISSPELLING or not (word.isascii() and word.isalpha() and word.islower()) or _known(word):
        return ""
    near = [other for other in _one_slip_away(word) if other[0] == word[0] and _counts().get(other, 0) >= COMMON]
    return min(near, key=lambda other: _distance(word, other), default="")


def _distance(word: str, other: str) -> tuple[bool, bool, int, str]:
    """Orders corrections: swapped letters, then doubled or halved ones, then the commoner word."""
    return sorted(word) != sorted(other), set(word) != set(other), -_counts()[other], other


def _one_slip_away(word: str) -> set[str]:
    """Words from which this one comes by one slip of those that rarely turn one word or name into another.

    These are two letters swapped, a letter doubled, one left out before the end, the "g" of "-ing" dropped, and in
    longer words one vowel for another before the end.
    """
    cuts = [(word[:i], word[i:]) for i in range(len(word))]
    letters = "abcdefghijklmnopqrstuvwxyz"
    found = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    found |= {a + b[1:] for a, b in cuts if len(b) > 1 and b[0] == b[1]}
    found |= {a + c + b for a, b in cuts for c in letters}
    if word.endswith("in"):
        found.add(word + "g")
    if len(word) >= SHORTEST_WRONG_VOWEL:
        found |= {a + c + b[1:] for a, b in cuts if len(b) > 1 and b[0] in VOWELS for c in VOWELS}
    return found - {word}


def _known(word: str) -> bool:
    from textblob.en import lexicon

    return word in _counts() or word in lexicon or word.capitalize() in lexicon


@cache
def _counts() -> dict[str, int]:
    """How often each word occurs in film subtitles (pyspellchecker's list)."""
    from spellchecker import SpellChecker

    return dict(SpellChecker(language="en").word_frequency.dictionary)
