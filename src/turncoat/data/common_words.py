"""The commonest English words: a frozen list that comes with the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def common_words() -> tuple[str, ...]:
    """The 1,000 most frequent words of the Brown corpus (Francis and Kucera 1979), in lower case, in that order.

    Tokens as NLTK's copy of the corpus cuts them ("don't", "mr."), without those that are punctuation; ties go by
    alphabet.
    """
    return tuple(files("turncoat.data").joinpath("common_words.txt").read_text(encoding="utf-8").split())
