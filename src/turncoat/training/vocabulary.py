"""Choosing the words that a word model will know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from turncoat.data.example import Dataset
from turncoat.models.vocabulary import Vocabulary
from turncoat.text import WORD


def count_words(dataset: Dataset, least: int = 2) -> Vocabulary:
    """Words of a data set, in lower case, that occur at least `least` times: most frequent first, then by alphabet."""
    counts = Counter(word.lower() for example in dataset for word in WORD.findall(example.text))
    kept = [(-count, word) for word, count in counts.items() if count >= least]
    return Vocabulary(word for _, word in sorted(kept))


def common_words(strings: Iterable[str], least: int = 2) -> Vocabulary:
    """Words, in lower case, that occur in at least `least` texts: most frequent first, then by alphabet."""
    counts: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for string in strings:
        words = [word.lower() for word in WORD.findall(string)]
        counts.update(words)
        texts.update(set(words))
    kept = [(-count, word) for word, count in counts.items() if texts[word] >= least]
    return Vocabulary(word for _, word in sorted(kept))
