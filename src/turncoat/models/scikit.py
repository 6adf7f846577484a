"""Victims from scikit-learn: any pipeline over strings with `predict_proba`, stored without pickle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar
from zipfile import BadZipFile

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from turncoat.data.example import Dataset
from turncoat.errors import BrokenData, UsageError
from turncoat.models.storable import Storable
from turncoat.models.strings import answer_in_chunks
from turncoat.text import Text


class ScikitVictim(Storable):
    """A fitted pipeline that takes strings.

    Args:
        pipeline: with `predict_proba`.
        labels: class names, in the order of its probabilities.
        name: for people.
        stored: the pipeline as skops writes it, if it was read; skops never writes the same bytes twice.
    """

    unknown = "[UNK]"
    weights: ClassVar[str] = "model.skops"

    def __init__(self, pipeline: Any, labels: Sequence[str], name: str, stored: bytes | None = None) -> None:
        self.pipeline, self.labels, self.name = pipeline, tuple(labels), name
        self.stored: bytes = skops.io.dumps(pipeline) if stored is None else stored
        self.fingerprint = hashlib.sha256(self.stored).hexdigest()

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        return answer_in_chunks(self.pipeline.predict_proba, batches, self.name)

    def visible(self, text: Text) -> int:
        return len(text)

    def write(self, folder: Path) -> None:
        (folder / self.weights).write_bytes(self.stored)


def load_sklearn(path: Path, labels: Sequence[str] | None = None) -> ScikitVictim:
    """A pipeline from a .skops file; labels default to its own classes.

    Raises:
        UsageError: the file holds types that skops does not trust, or no classifier.
        BrokenData: the file is no skops file.
    """
    try:
        stored = path.read_bytes()
        untrusted = skops.io.get_untrusted_types(data=stored)
        if untrusted:
            raise UsageError(
                f"{path}: expected only types that skops trusts, got {', '.join(sorted(untrusted))}; loading "
                "them could run foreign code: load the file yourself and hand the function over (module:function)"
            )
        pipeline = skops.io.loads(stored)
    except (BadZipFile, KeyError, OSError, ValueError) as error:
        raise BrokenData(f"{path}: expected a file written by skops.io.dump: {error}") from error
    if not hasattr(pipeline, "predict_proba"):
        raise UsageError(f"{path}: expected a classifier with predict_proba, got {type(pipeline).__name__}")
    return ScikitVictim(pipeline, labels or [str(name) for name in pipeline.classes_], path.stem, stored)


def train_sklearn(
    dataset: Dataset, longest: int = 2, least: int = 2, strength: float = 4.0, seed: int = 0
) -> ScikitVictim:
    """Logistic regression on tf-idf of the words of `Text` and their runs.

    Args:
        longest: words in a run, at most.
        least: texts that a run must occur in to count.
        strength: inverse of the penalty on large weights.

    Raises:
        UsageError: a label has no example.
    """
    golds = [example.label for example in dataset]
    if set(golds) != set(range(len(dataset.labels))):
        raise UsageError(
            f"{dataset.name}: expected examples of every label of {dataset.labels}, got {sorted(set(golds))}"
        )
    counts = TfidfVectorizer(ngram_range=(1, longest), min_df=least, sublinear_tf=True, token_pattern=_PATTERN)
    pipeline: Pipeline = make_pipeline(counts, LogisticRegression(C=strength, max_iter=1000, random_state=seed))
    pipeline.fit([example.text for example in dataset], golds)
    return ScikitVictim(pipeline, dataset.labels, dataset.name)


# scikit-learn's own `re` knows no \p{L}: the nearest to `WORD`, with inner apostrophes and hyphens.
_PATTERN = r"[^\W_]\w*(?:['’\-][^\W_]\w*)*"
