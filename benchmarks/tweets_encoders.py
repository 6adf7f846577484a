"""What two encoders say of single swaps in tweets, synonyms and antonyms. Not a command; `tweets.py` uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sentence_encoders import choose, cosines, words_against, words_like
from study import percent
from turncoat import load_dataset
from turncoat.data.stopwords import is_stop_word
from turncoat.data.tagger import tag
from turncoat.intervals import proportion
from turncoat.models.encoding import load_encoder
from turncoat.text import Text
from tweets_tables import Rows, quantiles

TWEETS, SEED, PAPERS = 300, 0, 0.9
THRESHOLDS = (0.9, 0.8, 0.7)
KINDS = ("synonym", "antonym")


def swaps(folder: Path) -> Rows:
    """Rows 3-07 and 3-12: cosines of tweets in which one word gives way to a synonym, or to an antonym."""
    drawn = list(_swapped(np.random.default_rng(SEED)))
    ours, other = load_encoder(str(folder)), load_encoder()
    found = {
        (encoder.name, kind): cosines(encoder, [(swap[0], swap[1 + i]) for swap in drawn])
        for encoder in (ours, other) for i, kind in enumerate(KINDS)
    }  # fmt: skip
    share = float((found[other.name, "synonym"] >= PAPERS).mean())
    same = f"threshold that keeps as many synonyms as {Path(other.name).name} at {PAPERS}"
    rows = [
        {"encoder": Path(name).name, "one word gives way to": kind, "tweets": str(len(values)), **quantiles(values),
         **{f"kept at {t}, %": percent(proportion(int((values >= t).sum()), len(values))) for t in THRESHOLDS},
         same: f"{np.quantile(values, 1 - share):.3f}" if kind == "synonym" else "-"}
        for (name, kind), values in found.items()
    ]  # fmt: skip
    return [*rows, {"encoder": "Universal Sentence Encoder", "one word gives way to": "not run: no weights offline"}]


def swaps_note() -> str:
    return (
        "Negative tweets of the test split with a content word that has both a synonym and an antonym in WordNet; one "
        f"word a tweet, drawn with seed {SEED}. 5 % to 95 %: quantiles of the cosine. An encoder that tells them apart "
        "would keep synonyms and drop antonyms."
    )


def _swapped(rng: np.random.Generator) -> Iterator[tuple[str, str, str]]:
    """A tweet, and it with a synonym and with an antonym of one word."""
    data, count = load_dataset("tweets"), 0
    negative = [Text(e.text) for e in data if data.labels[e.label] == "negative"]
    for text in (negative[i] for i in rng.permutation(len(negative))):
        tags = tag(text.words, text.gaps)
        for i in rng.permutation(len(text)):
            word, penn = text.words[i], tags[i]
            options = [choose(words, word, penn, rng) for words in (words_like(word, penn), words_against(word, penn))]
            if not is_stop_word(word) and None not in options:
                synonym, antonym = (str(text.replace(int(i), str(new))) for new in options)
                yield str(text), synonym, antonym
                count += 1
                break
        if count == TWEETS:
            return
