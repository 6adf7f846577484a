"""Training word vectors on plain text, and keeping them as a file of word2vec's binary format with a card."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w

from turncoat.data.resources import locate
from turncoat.data.vectors import encode_binary
from turncoat.disk import write_file
from turncoat.errors import MissingResource, UnknownName, UsageError
from turncoat.models.card import versions
from turncoat.training.vectors_corpus import Progress, read_corpus
from turncoat.training.vectors_gensim import FastText, Word2Vec
from turncoat.training.vectors_glove import GloVe
from turncoat.training.vectors_recipe import VectorRecipe

RECIPES: Mapping[str, Callable[[], VectorRecipe]] = {"glove": GloVe, "word2vec": Word2Vec, "fasttext": FastText}
PACKAGES = {"glove": ("numba", "scipy"), "word2vec": ("gensim",), "fasttext": ("gensim",)}
UNLABELLED = "imdb_unsup.txt.xz"


def vector_recipe(name: str) -> VectorRecipe:
    """The recipe of that name as it stands.

    Raises:
        UnknownName: there is none.
    """
    if name not in RECIPES:
        raise UnknownName(f"no word vectors are trained by {name!r} (known: {', '.join(RECIPES)})")
    return RECIPES[name]()


def unlabelled_reviews() -> str:
    """Path of the 50,000 reviews without labels that come with the Large Movie Review Dataset, one a line.

    Raises:
        MissingResource: they are not on this machine.
    """
    path = locate("imdb") / UNLABELLED
    if not path.is_file():
        raise MissingResource(f"expected the unlabelled reviews at {path}; name other text to learn from")
    return str(path)


def train_vectors(
    name: str,
    sources: Sequence[str],
    path: Path,
    recipe: VectorRecipe,
    seed: int = 0,
    progress: Progress = lambda doing, done, total: None,
    command: str = "",
) -> Mapping[str, Any]:
    """Train word vectors and keep them as `path`, with a card beside it (.toml), which is returned.

    The same sources, recipe, seed and machine give the same vectors.

    Args:
        name: of the recipe, for the card.
        sources: text files, one passage a line (may be .xz or .gz), or named data sets, of which the train split is
            read.
        path: ends in .bin; must not exist yet.

    Raises:
        UsageError: the file is there already, or no word occurs often enough.
        MissingResource, UnknownName, BrokenData: see `turncoat.data.passages.passages`.
    """
    if path.suffix != ".bin":
        raise UsageError(f"{path}: expected a name that ends in .bin (word2vec's binary format)")
    if path.exists():
        raise UsageError(f"{path}: expected a file that does not exist yet; remove it or choose another")
    corpus = read_corpus(sources, recipe.least, progress)
    content = encode_binary(corpus.words, recipe.fit(corpus, seed, progress))
    card = {
        "kind": name,
        "words": len(corpus.words),
        "running_words": int(corpus.counts.sum()),
        "seed": seed,
        "command": command,
        "sha256": hashlib.sha256(content).hexdigest(),
        "recipe": asdict(recipe),
        "data": {source: dict(about) for source, about in corpus.sources.items()},
        "versions": versions("numpy", *PACKAGES.get(name, ())),
    }
    write_file(tomli_w.dumps(card), path.with_suffix(".toml"))
    write_file(content, path)
    return card
