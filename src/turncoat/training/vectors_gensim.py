"""word2vec (Mikolov et al., NIPS 2013) and fastText (Bojanowski et al., TACL 2017), as gensim trains them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import UsageError
from turncoat.training.vectors_corpus import Corpus, Progress
from turncoat.training.vectors_recipe import VectorRecipe, load_library


@dataclass(frozen=True, kw_only=True)
class Word2Vec(VectorRecipe):
    """Skip-gram with negative sampling: tell a word's real neighbours from drawn ones.

    Source: T. Mikolov, I. Sutskever, K. Chen, G. Corrado, J. Dean. "Distributed Representations of Words and Phrases
    and their Compositionality." NIPS 2013.

    Differences from the paper: no phrases; frequent words are thinned out from a share of 1e-3 on (gensim's default),
    not 1e-5, which suits texts a thousand times longer.

    Attributes:
        negative: drawn words for each real neighbour.
        sample: share of the text from which on a word is thinned out.
    """

    negative: int = 5
    sample: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sampling(self.negative, self.sample)

    def fit(self, corpus: Corpus, seed: int, progress: Progress) -> NDArray[np.float32]:
        model = load_library("gensim.models").Word2Vec(
            sg=1, vector_size=self.dimensions, window=self.window, negative=self.negative, sample=self.sample,
            epochs=self.epochs, min_count=1, seed=seed, workers=1,
        )  # fmt: skip
        return _fit(model, corpus, "word2vec", progress)


@dataclass(frozen=True, kw_only=True)
class FastText(VectorRecipe):
    """word2vec with a vector for each word and for each of its groups of letters, summed: CBOW, groups of five.

    Sources: P. Bojanowski, E. Grave, A. Joulin, T. Mikolov. "Enriching Word Vectors with Subword Information." TACL
    2017; the settings are those of the vectors for 157 languages: E. Grave, P. Bojanowski, P. Gupta, A. Joulin,
    T. Mikolov. "Learning Word Vectors for 157 Languages." LREC 2018.

    Differences from the papers: no weights by position in the window; fewer buckets for the groups (2,000,000 there).

    Attributes:
        negative, sample: see `Word2Vec`.
        letters: length of the groups of letters.
        buckets: vectors that the groups share, by their hash.
    """

    negative: int = 10
    sample: float = 1e-3
    letters: int = 5
    buckets: int = 200_000

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sampling(self.negative, self.sample)
        if min(self.letters, self.buckets) < 1:
            raise UsageError(f"expected letters and buckets >= 1, got {self.letters} and {self.buckets}")

    def fit(self, corpus: Corpus, seed: int, progress: Progress) -> NDArray[np.float32]:
        model = load_library("gensim.models").FastText(
            sg=0, vector_size=self.dimensions, window=self.window, negative=self.negative, sample=self.sample,
            epochs=self.epochs, min_n=self.letters, max_n=self.letters, bucket=self.buckets, min_count=1, seed=seed,
            workers=1,
        )  # fmt: skip
        return _fit(model, corpus, "fastText", progress)


@dataclass(frozen=True, eq=False)
class _Told:
    """The passages as words, again and again, with progress told."""

    corpus: Corpus
    name: str
    progress: Progress

    def __iter__(self) -> Iterator[list[str]]:
        words = np.array(self.corpus.words, object)
        for i, passage in enumerate(self.corpus.passages):
            self.progress(self.name, i, len(self.corpus.passages))
            yield words[passage].tolist()


def _fit(model: Any, corpus: Corpus, name: str, progress: Progress) -> NDArray[np.float32]:
    model.build_vocab(_Told(corpus, f"{name}: words", progress))
    model.train(
        _Told(corpus, f"{name}: {model.epochs} epochs", progress),
        total_examples=len(corpus.passages),
        epochs=model.epochs,
    )
    return np.stack([model.wv[word] for word in corpus.words]).astype(np.float32)


def _check_sampling(negative: int, sample: float) -> None:
    if negative < 1 or not 0 < sample <= 1:
        raise UsageError(f"expected negative >= 1 and sample in (0, 1], got {negative} and {sample}")
