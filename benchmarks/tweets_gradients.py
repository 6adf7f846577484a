"""What gradients say of tweets, and what happens. Not a command; `tweets.py` uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.stats import spearmanr

from study import Cell, data_of, number, percent
from turncoat.attacks.weighing import Aggregate, importance
from turncoat.engine.query import Gradient, Labelled, Predict, WordGradients
from turncoat.evaluation.svg import INK, SERIES, draw
from turncoat.intervals import SEED, Interval, mean, percentile
from turncoat.models.transformer import TransformerVictim
from turncoat.models.victim import responders
from turncoat.text import Text

TWEETS, RESAMPLES = 100, 2_000
STEPS = (1.0, 0.01)
Rows = list[dict[str, str]]
Pairs = NDArray[np.float64]  # (words, 2): the rise of the loss predicted, and the real one


@dataclass(frozen=True)
class Weighed:
    """A tweet, the loss's gradient at its words, and what happens when a word is deleted.

    Attributes:
        before: probability of the verdict.
        after: (words,) the same, without each word.
    """

    text: Text
    label: int
    gradients: WordGradients
    before: float
    after: NDArray[np.float64]


def weighed(victim: TransformerVictim, cell: Cell) -> list[Weighed]:
    """Some of the cell's tweets, of more than three words."""
    answers = responders(victim)
    texts = [Text(e.text) for e in data_of(replace(cell, examples=TWEETS)) if len(Text(e.text)) > 3]
    clean = answers[Predict]([texts])[0]
    labels = [int(row.argmax()) for row in clean]
    gradients = answers[Gradient]([[Labelled(t, label) for t, label in zip(texts, labels, strict=True)]])[0]
    deleted = answers[Predict]([[t.delete(i) for i in range(len(t))] for t in texts])
    return [
        Weighed(text, label, gradient, float(before[label]), after[:, label])
        for text, label, gradient, before, after in zip(texts, labels, gradients, clean, deleted, strict=True)
    ]


def proxies(tweets: Sequence[Weighed], victim: str) -> Rows:
    """Row 3-10: how weights by the gradient go with weights by deletion."""
    rows = []
    for name in get_args(Aggregate):
        signed = [_spearman(importance(t.gradients, name)[: len(t.text)], t.before - t.after) for t in tweets]
        size = [_spearman(importance(t.gradients, name)[: len(t.text)], abs(t.before - t.after)) for t in tweets]
        rows.append({
            "weight": name + (" (rounding noise)" if name == "signed_mean" else ""),
            "victim": victim, "with the drop": number(mean(_known(signed)), 3),
            "with its size": number(mean(_known(size)), 3), "tweets": str(len(_known(signed))),
        })  # fmt: skip
    return rows


def first_order(victim: TransformerVictim, tweets: Sequence[Weighed]) -> tuple[Rows, str]:
    """Row 3-11: the loss's rise by the gradient and the real one; a plot of the words' deletion."""
    deleted: list[Pairs] = []
    shrunk: dict[float, list[Pairs]] = {step: [] for step in STEPS}
    for tweet in tweets:
        pieces = _pieces(victim, tweet.text)  # (words, tokens)
        vanish = -pieces.sum(1) * tweet.gradients.times_input  # the sum over pieces, of which the mean is given
        deleted.append(np.stack([vanish, np.log(tweet.before) - np.log(np.maximum(tweet.after, 1e-6))], axis=1))
        scales = np.concatenate([np.ones((1, pieces.shape[1])), *(1 - step * pieces for step in STEPS)])
        losses = _losses(victim, tweet.text, tweet.label, scales)
        for step, real in zip(STEPS, np.split(losses[1:] - losses[0], len(STEPS)), strict=True):
            shrunk[step].append(np.stack([step * vanish, real], axis=1))
    rows = [_row("word deleted; predicted: its embedding set to 0", deleted)]
    rows += [_row(f"its embedding shrunk by {step:.0%}".replace("%", " %"), pairs) for step, pairs in shrunk.items()]
    return rows, _scatter(np.concatenate(deleted))


def _pieces(victim: TransformerVictim, text: Text) -> NDArray[np.float64]:
    """1 where a token is a piece of a word (words, tokens)."""
    encoding = victim.tokenizer(str(text), truncation=True, max_length=victim.max_tokens, return_offsets_mapping=True)
    offsets = np.array(encoding["offset_mapping"])
    starts = np.array([text.offset(i) for i in range(len(text))])
    ends = starts + np.array([len(word) for word in text.words])
    belongs = (offsets[:, 0] < ends[:, None]) & (offsets[:, 1] > starts[:, None])
    return np.asarray(belongs, np.float64)


def _losses(victim: TransformerVictim, text: Text, label: int, scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """-log F_label with the word embeddings of the tokens multiplied by each row of `scales` (rows, tokens)."""
    inputs = victim.tokenizer(str(text), truncation=True, max_length=victim.max_tokens, return_tensors="pt")
    factors = torch.from_numpy(scales).unsqueeze(2)
    table = victim.model.get_input_embeddings()
    hook = table.register_forward_hook(lambda module, given, output: output * factors.to(output.dtype))
    try:
        with torch.no_grad():
            logits = victim.model(**{k: v.expand(len(scales), -1) for k, v in inputs.items()}).logits
    finally:
        hook.remove()
    return np.asarray(-logits.double().log_softmax(1)[:, label].numpy())


def _row(what: str, tweets: Sequence[Pairs]) -> dict[str, str]:
    return {
        "what is done to a word": what,
        "Spearman, all words": number(over_tweets(lambda pairs: _spearman(*pairs.T), tweets), 3),
        "Spearman within a tweet, mean": number(mean(_known([_spearman(*pairs.T) for pairs in tweets])), 3),
        "equal sign, %": percent(over_tweets(lambda pairs: float((np.sign(pairs).prod(1) > 0).mean()), tweets)),
        "words": str(sum(map(len, tweets))),
        "tweets": str(len(tweets)),
    }


def over_tweets(statistic: Callable[[Pairs], float], tweets: Sequence[Pairs]) -> Interval:
    """A statistic of all words, with an interval from resampled tweets: words of one tweet are not independent."""
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(len(tweets), size=(RESAMPLES, len(tweets)))
    draws = np.array([statistic(np.concatenate([tweets[i] for i in row])) for row in drawn])
    return percentile(statistic(np.concatenate(tweets)), draws, "percentile bootstrap over tweets")


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(spearmanr(first, second).statistic) if np.ptp(first) and np.ptp(second) else float("nan")


def _known(values: Sequence[float]) -> list[float]:
    return [value for value in values if np.isfinite(value)]


def _scatter(pairs: Pairs) -> str:
    """What the gradient predicts for each word, and what leaving it out does."""

    def paint(axes: Axes) -> None:
        axes.scatter(pairs[:, 0], pairs[:, 1], s=5, alpha=0.4, color=SERIES[0], linewidths=0)
        axes.axline((0, 0), slope=1, color=INK, linewidth=0.6)
        axes.set_xlabel("rise of the loss predicted: sum over pieces of gradient · (0 - embedding)")
        axes.set_ylabel("rise of the loss when the word is deleted")

    return draw(paint, "One point a word: the loss's predicted rise against its real rise.")
