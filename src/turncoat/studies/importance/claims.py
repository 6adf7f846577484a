"""What the paper says of its heat maps, tested on many texts instead of one.

Source: see `zoo_names`, Appendix C: word and ELMo models hang their verdict on few words, transformers spread their
attention, and character models attend to other words than word models do. There it is read off one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import default_rng

from turncoat.errors import UsageError
from turncoat.intervals import SEED
from turncoat.studies.importance.measures import DRAWS, correlations, entropies
from turncoat.studies.importance.run import Importance, Scores
from turncoat.studies.verdicts import Claim, Finding, judge

NARROW = ("Word", "ELMo")
SPREAD = Claim(
    0, "transformers spread their attention wider than word and ELMo models", "entropy of BERT less that of Word, ELMo"
)
FEW_WORDS = Claim(0, "character models spread their attention wider than word and ELMo models", "the same of Character")
OTHERS = Claim(
    0,
    "character models attend to other words than word models do",
    "Spearman correlation of two word models less that of a word and a character model",
)


def judge_texts(texts: Sequence[Importance], draws: int = DRAWS, seed: int = SEED) -> tuple[Finding, ...]:
    """The three claims, each an effect that is averaged over texts; the resamples are of texts, the models stay.

    Args:
        texts: what the same models were asked about each text.

    Raises:
        UsageError: no text, or other models for one of them.
    """
    if len({(each.models, each.families) for each in texts}) != 1:
        raise UsageError("expected at least one text, and the same models for all of them")
    families = np.array(texts[0].families)
    narrow, word = np.isin(families, NARROW), families == "Word"
    entropy = np.stack([entropies(each.words) for each in texts])
    agreement = np.stack([correlations(each.words) for each in texts])
    pairs = {
        "word": np.triu(np.outer(word, word), 1),
        "character": np.outer(word, families == "Character"),
    }
    kept = {name: _means(agreement[:, cells]) for name, cells in pairs.items()}
    effects = {
        SPREAD: _means(entropy[:, families == "BERT"]) - _means(entropy[:, narrow]),
        FEW_WORDS: _means(entropy[:, families == "Character"]) - _means(entropy[:, narrow]),
        OTHERS: kept["word"] - kept["character"],
    }
    again = default_rng(seed).integers(len(texts), size=(draws, len(texts)))
    return tuple(
        judge(claim, float(_means(values[None])[0]), _means(values[again])) for claim, values in effects.items()
    )


def _means(values: Scores) -> Scores:
    """Over the last axis, of the values that there are; nan if there is none."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=-1) / known.sum(axis=-1))
