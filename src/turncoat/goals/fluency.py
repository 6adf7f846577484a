"""How natural a text reads: pseudo-perplexity under a masked language model.

Source: J. Salazar, D. Liang, T. Nguyen, K. Kirchhoff. "Masked Language Model Scoring." ACL 2020. Here word by word: all
pieces of a word are masked at once, so that a rare word of many pieces is not betrayed by its own beginning.
Punctuation is read, but not scored.
"""

from __future__ import annotations

import math

from turncoat.engine.query import Cloze, Weigh
from turncoat.text import Text


async def pseudo_log_likelihood(text: Text) -> float:
    """Sum over the words of the log-probability (nats) of each, given all others. Awaits one `Weigh`."""
    if not len(text):
        return 0.0
    weights = await Weigh([Cloze(text, i, word) for i, word in enumerate(text.words)])
    return float(weights.sum())


async def pseudo_perplexity(text: Text) -> float:
    """exp(-mean log-probability of a word); lower reads better, nan for a text without words."""
    return math.exp(-await pseudo_log_likelihood(text) / len(text)) if len(text) else math.nan
