"""English stop words: a frozen list that comes with the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def stop_words() -> frozenset[str]:
    """The words of `stopwords.txt`, lower-case, with straight apostrophes."""
    lines = files("turncoat.data").joinpath("stopwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_stop_word(word: str) -> bool:
    """Whether the word, in any case, is in the list."""
    return word.lower().replace("’", "'") in stop_words()
