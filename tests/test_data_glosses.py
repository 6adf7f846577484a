"""The data set of WordNet's definitions."""

from __future__ import annotations

from collections import Counter

import pytest

from turncoat.data import glosses
from turncoat.data.datasets import load
from turncoat.data.example import Dataset
from turncoat.data.wordnet_files import wordnet_folder
from turncoat.errors import MissingResource


@pytest.fixture(scope="module")
def splits() -> dict[str, Dataset]:
    try:
        wordnet_folder()
    except MissingResource:
        pytest.skip("needs WordNet 3.0")
    return {split: load("glosses", split) for split in ("train", "dev", "test")}


def test_sizes_and_topics(splits: dict[str, Dataset]) -> None:
    assert splits["test"].labels == tuple(glosses.TOPICS)
    counts = {split: set(Counter(e.label for e in dataset).values()) for split, dataset in splits.items()}
    assert counts == {"train": {1200}, "dev": {150}, "test": {150}}


def test_no_definition_stands_in_two_splits(splits: dict[str, Dataset]) -> None:
    texts = [e.text for dataset in splits.values() for e in dataset]
    assert len(texts) == len(set(texts))


def test_definitions_are_whole_and_hold_no_examples(splits: dict[str, Dataset]) -> None:
    for dataset in splits.values():
        assert all(len(e.text.split()) >= 6 and '; "' not in e.text for e in dataset)


def test_frozen(splits: dict[str, Dataset]) -> None:
    first = splits["test"][0]
    assert (first.id, first.text) == ("glosses-6e0fbf614ed4", "a symptom caused by an illness or a drug")
    assert splits["test"].labels[first.label] == "state"


def test_draw_leaves_out_definitions_of_two_topics() -> None:
    assert glosses._draw({"a": {1}, "b": {0, 1}, "c": {0}}) == [("c", 0), ("a", 1)]


def test_topics_can_be_learned(splits: dict[str, Dataset]) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB  # logistic regression is better (84 %) and takes 15 s
    from sklearn.pipeline import make_pipeline

    train, test = splits["train"], splits["test"]
    model = make_pipeline(TfidfVectorizer(), MultinomialNB(alpha=0.1))
    model.fit([e.text for e in train], [e.label for e in train])
    assert model.score([e.text for e in test], [e.label for e in test]) > 0.78
