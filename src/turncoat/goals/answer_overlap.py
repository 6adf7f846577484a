"""How well an answer agrees with the gold answers: F1 and exact match of SQuAD v1.1.

Source: P. Rajpurkar, J. Zhang, K. Lopyrev, P. Liang. "SQuAD: 100,000+ Questions for Machine Comprehension of Text."
EMNLP 2016, and its official scorer, with its quirks: only ASCII punctuation is dropped, and it is dropped before the
articles (so "a-b" is one word); an answer of which nothing is left has F1 = 0, even against a gold answer of which
nothing is left, though the two match exactly.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


@lru_cache(maxsize=1 << 16)
def normalised(answer: str) -> str:
    """The answer in lower case, without ASCII punctuation and articles, with single blanks."""
    return " ".join(ARTICLES.sub(" ", answer.lower().translate(PUNCTUATION)).split())


def f1(answer: str, golds: Sequence[str]) -> float:
    """Harmonic mean of precision and recall over words, repeated ones counted, 0 to 1; by the nearest gold answer."""
    words = Counter(normalised(answer).split())
    return max((_f1(words, Counter(normalised(gold).split())) for gold in golds), default=0.0)


def exact(answer: str, golds: Sequence[str]) -> bool:
    """Whether the answer is one of the gold answers, both normalised."""
    return normalised(answer) in map(normalised, golds)


def expected_f1(likely: Sequence[tuple[str, float]], golds: Sequence[str]) -> float:
    """Sum over the likely answers of probability x F1, 0 to 1; what the probabilities lack counts as wrong answers."""
    return sum(probability * f1(answer, golds) for answer, probability in likely)


def _f1(words: Counter[str], gold: Counter[str]) -> float:
    shared = (words & gold).total()
    return 2 * shared / (words.total() + gold.total()) if shared else 0.0
