"""What the steps know of words and of the world; given to them, so that it can be exchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

Near = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Look-ups by word; all take and give lower case.

    Attributes:
        near: the nearest words by vectors, nearest first; () for a word without vector.
        opposites: the antonyms that the first sense has, by word and part of speech (n, a).
        named: what a name may stand for in WordNet: "person", "location", "group", other topics; () if unknown.
        verb: whether a word is the base form of a verb.
        given_names: first names of people.
        vectors: which vectors `near` goes by.
    """

    near: Near
    opposites: Callable[[str, str], tuple[str, ...]]
    named: Callable[[str], tuple[str, ...]]
    verb: Callable[[str], bool]
    given_names: frozenset[str]
    vectors: str


@cache
def open_knowledge() -> Knowledge:
    """WordNet, the name lists of NLTK and the best GloVe vectors on this machine.

    Raises:
        MissingResource: one of them is not there. BrokenData: a file is damaged.
    """
    from turncoat.data.first_senses import open_first_senses
    from turncoat.data.given_names import given_names
    from turncoat.data.near_words import open_near_words
    from turncoat.data.wordnet import base_forms

    senses, near = open_first_senses(), open_near_words()
    return Knowledge(
        near.near, senses.opposites, senses.named, lambda word: word in base_forms(word, "v"), given_names(), near.name
    )
