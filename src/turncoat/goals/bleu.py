"""BLEU (Papineni et al., ACL 2002) as a pure function: of two sentences, and of the sums over many.

Sentences: order 4 with smoothing method 1 (B. Chen and C. Cherry. "A Systematic Comparison of Smoothing Techniques for
Sentence-Level BLEU." WMT 2014): a precision of 0 becomes epsilon / n-grams. Differences from the paper: orders that the
hypothesis is too short for are left out ("effective order"), so that every sentence scores 1 against itself.
Corpora: the sums of the sentences' counts, without smoothing but for that of mteval-v13a, as sacreBLEU computes it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ORDER = 4
EPSILON = 0.1  # the paper's, and that of every implementation
COUNTS = 2 * ORDER + 2  # n-grams that match, n-grams of the hypothesis (each by order), words of either side

Tokenise = Callable[[str], Sequence[str]]

# The rules of mteval-v13a, the tokeniser of WMT: symbols stand alone; full stops and commas but inside numbers; a dash
# after a digit. Before them, that every Chinese character and symbol stands alone.
RULES = (
    (re.compile(r"([\u2e80-\u303f\u3100-\u312f\u31a0-\u9fbb\uf900-\ufad9\ufe30-\ufe4f\uff00-\uffef])"), r" \1 "),
    (re.compile(r"([{-~\[-` -&(-+:-@/])"), r" \1 "),
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
)
ENTITIES = {"<skipped>": "", "-\n": "", "\n": " ", "&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}


@lru_cache(maxsize=1 << 16)
def tokens(string: str) -> tuple[str, ...]:
    """Words and symbols, as mteval-v13a cuts them, and Chinese characters; case is kept."""
    for entity, symbol in ENTITIES.items():
        string = string.replace(entity, symbol)
    string = f" {string} "
    for rule, spaced in RULES:
        string = rule.sub(spaced, string)
    return tuple(string.split())


def sentence_bleu(reference: str, hypothesis: str) -> float:
    """BLEU in [0, 1] of one sentence; 1 if both are empty, 0 if one is."""
    return smoothed(tokens(reference), tokens(hypothesis))


def smoothed(reference: Sequence[str], hypothesis: Sequence[str]) -> float:
    """The same of sentences that are cut into words."""
    if not reference or not hypothesis:
        return float(len(reference) == len(hypothesis))
    counted = counts(reference, hypothesis)
    matches, totals = counted[:ORDER], counted[ORDER : 2 * ORDER]
    if not matches[0]:
        return 0.0
    logs = [math.log(max(match, EPSILON) / total) for match, total in zip(matches, totals, strict=True) if total]
    return _brevity(*counted[-2:]) * math.exp(sum(logs) / len(logs))


def counts(reference: Sequence[str], hypothesis: Sequence[str]) -> tuple[int, ...]:
    """The `COUNTS` numbers that BLEU is made of; those of a corpus are the sums over its sentences."""
    matches, totals = [], []
    for order in range(1, ORDER + 1):
        mine, theirs = _grams(hypothesis, order), _grams(reference, order)
        matches.append(sum(min(count, theirs[gram]) for gram, count in mine.items() if gram in theirs))
        totals.append(max(0, len(hypothesis) - order + 1))
    return (*matches, *totals, len(hypothesis), len(reference))


def corpus_counts(
    references: Iterable[str], hypotheses: Iterable[str], tokenise: Tokenise = tokens
) -> NDArray[np.int64]:
    """The counts of each sentence, (sentences, `COUNTS`)."""
    rows = [counts(tokenise(a), tokenise(b)) for a, b in zip(references, hypotheses, strict=True)]
    return np.array(rows, np.int64).reshape(-1, COUNTS)


def corpus_bleu(sums: NDArray[np.integer]) -> NDArray[np.float64]:
    """BLEU in points, 0 to 100, of the sums of counts (..., `COUNTS`), one a row (...); equal to sacreBLEU's.

    The first precision of 0 becomes 1 / (2 n-grams), the next 1 / (4 n-grams), and so on; without any n-gram of an
    order, or any match, BLEU is 0.
    """
    matches, totals = sums[..., :ORDER].astype(np.float64), sums[..., ORDER : 2 * ORDER].astype(np.float64)
    hypothesis, reference = sums[..., -2].astype(np.float64), sums[..., -1].astype(np.float64)
    missed = matches == 0
    smooth = np.where(missed, 0.5 ** np.cumsum(missed, axis=-1), matches)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.exp(np.log(smooth / totals).mean(axis=-1))
        brevity = np.where(hypothesis < reference, np.exp(1 - reference / hypothesis), 1.0)
    fine = (totals > 0).all(axis=-1) & (matches > 0).any(axis=-1)
    return np.where(fine, 100 * brevity * precision, 0.0)


def _grams(words: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + order]) for i in range(len(words) - order + 1))


def _brevity(hypothesis: int, reference: int) -> float:
    return min(1.0, math.exp(1 - reference / hypothesis))
