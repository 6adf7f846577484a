"""How often each word stands in a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from turncoat.data.datasets import read
from turncoat.data.example import Example
from turncoat.text import WORD


def occurrences(examples: Iterable[Example]) -> Mapping[str, int]:
    """Occurrences of each word, in lower case."""
    return Counter(word.lower() for example in examples for word in WORD.findall(example.text))


@lru_cache(maxsize=4)
def training_occurrences(source: str) -> Mapping[str, int]:
    """`occurrences` of the training split of a named data set, or of a file.

    Raises:
        UsageError: neither a name nor a file. MissingResource: the data is not on this machine.
    """
    return occurrences(read(source, "train"))
