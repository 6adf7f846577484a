"""How widely models spread their attention over a text, and how far they agree: entropy and rank correlations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from turncoat.intervals import NUMBERS_AT_ONCE, SEED, Interval, mean, percentile
from turncoat.studies.importance.run import Importance, Scores

DRAWS = 2000
FEW = 3  # "concentrate on three words": the share of the weightiest is measured
FEWEST_WORDS = 4  # of which ranks are compared


@dataclass(frozen=True)
class Spread:
    """A family's row.

    Attributes:
        family, models: its name, and how many models of it there are.
        entropy: of the shares of max(I, 0), 1 when all words weigh the same; mean over models.
        few: share of the three weightiest words; mean over models.
        agreement: mean Spearman correlation of the words' I between two of its models.
        unknown: share of substitutes worth exactly as much as the unknown word; mean over models.
    """

    family: str
    models: int
    entropy: Interval | None
    few: Interval | None
    agreement: Interval | None
    unknown: Interval | None


@dataclass(frozen=True)
class Comparison:
    """Families against each other.

    Attributes:
        families: a row each, in the order of the models.
        words: how many words all models see; correlations are over these, and their intervals bootstrapped over them.
        within, across: mean Spearman correlation of two models of one family, and of two families.
        difference: within less across.
    """

    families: tuple[Spread, ...]
    words: int
    within: Interval | None
    across: Interval | None
    difference: Interval | None


def entropies(words: Scores) -> Scores:
    """Entropy of each model's shares of max(I, 0) by that of equal shares, (models,); nan if none is."""
    shares, seen = _shares(words)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(shares > 0, shares * np.log(shares), 0)
        return np.asarray(np.where(np.isnan(shares).all(axis=1), np.nan, -terms.sum(axis=1)) / np.log(seen))


def weightiest(words: Scores, few: int = FEW) -> Scores:
    """Share of max(I, 0) that lies on the `few` weightiest words of each model, (models,)."""
    shares, _ = _shares(words)
    return np.asarray(np.sort(shares, axis=1)[:, -few:].sum(axis=1))


def unknown_substitutes(importance: Importance) -> NDArray[np.int64]:
    """Number of substitutes that are to each model what the unknown word is, (models,): those that it does not know."""
    if importance.position is None:
        return np.zeros(len(importance.models), np.int64)
    same = np.isclose(importance.swaps, importance.words[:, [importance.position]], rtol=0, atol=1e-9)
    return np.asarray(same.sum(axis=1), np.int64)


def correlations(words: Scores) -> Scores:
    """Spearman's correlation between models, (models, models), over the words that all see; nan beside a constant."""
    return cast("Scores", _correlations(words[None, :, _seen_by_all(words)])[0])


def compare(importance: Importance, draws: int = DRAWS) -> Comparison:
    """What the families have in common and what tells them apart."""
    found = _resampled(importance.words, draws)
    names = np.array(importance.families)
    same = names[:, None] == names
    within, across = _pair_means(found, same), _pair_means(found, ~same)
    return Comparison(
        families=tuple(_spread(importance, family, found) for family in dict.fromkeys(importance.families)),
        words=int(_seen_by_all(importance.words).sum()),
        within=_over_words(within),
        across=_over_words(across),
        difference=_over_words(within - across),
    )


def _spread(importance: Importance, family: str, found: Scores) -> Spread:
    members = np.array([each == family for each in importance.families])
    tried = np.isfinite(importance.swaps).sum(axis=1)
    with np.errstate(invalid="ignore"):
        unknown = unknown_substitutes(importance) / tried
    return Spread(
        family=family,
        models=int(members.sum()),
        entropy=_over_models(entropies(importance.words)[members]),
        few=_over_models(weightiest(importance.words)[members]),
        agreement=_over_words(_pair_means(found, np.outer(members, members))),
        unknown=_over_models(unknown[members]),
    )


def _shares(words: Scores) -> tuple[Scores, NDArray[np.int64]]:
    """Shares of max(I, 0), nan where none is above 0; and how many words are seen."""
    weights = np.maximum(np.nan_to_num(words), 0)
    with np.errstate(invalid="ignore"):
        return weights / weights.sum(axis=1, keepdims=True), np.isfinite(words).sum(axis=1)


def _seen_by_all(words: Scores) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(words).all(axis=0))


def _resampled(words: Scores, draws: int) -> Scores:
    """Correlations over all words, then over words drawn again, (1 + draws, models, models)."""
    seen = words[:, _seen_by_all(words)]
    if seen.shape[1] < FEWEST_WORDS:
        return np.full((1 + draws, len(words), len(words)), np.nan)
    again = default_rng(SEED).integers(seen.shape[1], size=(draws, seen.shape[1]))
    parts = np.array_split(again, -(-draws * seen.size // NUMBERS_AT_ONCE))
    return np.concatenate([_correlations(seen[None]), *(_correlations(seen[:, p].swapaxes(0, 1)) for p in parts)])


def _correlations(words: Scores) -> Scores:
    from scipy.stats import rankdata

    ranks = rankdata(words, axis=-1)
    ranks -= ranks.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        ranks /= np.sqrt((ranks**2).sum(axis=-1, keepdims=True))
    return np.asarray(ranks @ ranks.swapaxes(-1, -2))


def _pair_means(found: Scores, pairs: NDArray[np.bool_]) -> Scores:
    """Mean over the pairs of two models that have a correlation, of each draw; nan if none has."""
    chosen = found[:, np.triu(pairs, 1)]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(chosen, axis=1) / np.isfinite(chosen).sum(axis=1))


def _over_words(means: Scores) -> Interval | None:
    """The first value, with the middle 95 % of the others; None if it is none."""
    if np.isnan(means[0]):
        return None
    return percentile(float(means[0]), means[1:], "percentile bootstrap over words")


def _over_models(values: Scores) -> Interval | None:
    return mean(values[np.isfinite(values)])
