"""WordNet's definitions of nouns, labelled with their topic: a data set that needs no download."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path

from turncoat.data.cache import cached
from turncoat.data.example import Dataset, Example
from turncoat.data.splitting import check_split, cut, shuffled
from turncoat.data.wordnet_files import fingerprint, read_synsets, wordnet_folder

# Lexicographer files, numbered as in WordNet's lexnames(5WN), which Debian leaves out.
TOPICS = {
    "person": 18,
    "animal": 5,
    "plant": 20,
    "artifact": 6,
    "food": 13,
    "location": 15,
    "act": 4,
    "communication": 10,
    "state": 26,
}
LEAST_WORDS = 6
MOST_EXAMPLES = 1500  # a class
SHARES = {"test": 0.1, "dev": 0.1, "train": 0.8}


def load_glosses(split: str) -> Dataset:
    """WordNet 3.0 definitions of nouns, nine topics (person, animal, ...); splits train 80 %, dev 10 %, test 10 %.

    A definition ends where its example sentences begin; it has at least six words; one that belongs to several topics
    is left out, and each stands in one split only. At most 1,500 a topic, drawn by a hash of the definition, so that
    every copy of WordNet 3.0 gives the same data set.
    """
    check_split("glosses", split, SHARES)
    folder = wordnet_folder()
    rows = cached(f"glosses-1-{fingerprint(folder)}", lambda: _draw(_definitions(folder)))
    examples = [Example(_id(text), text, label) for text, label in rows]
    return Dataset(f"glosses/{split}", cut(examples, SHARES, split), tuple(TOPICS), source=str(folder))


def _definitions(folder: Path) -> dict[str, set[int]]:
    """Each definition with the classes it belongs to."""
    labels = {number: label for label, number in enumerate(TOPICS.values())}
    found: dict[str, set[int]] = defaultdict(set)
    for synset in read_synsets(folder, "n").values():
        definition = synset.gloss.partition('; "')[0].strip()
        if synset.topic in labels and len(definition.split()) >= LEAST_WORDS:
            found[definition].add(labels[synset.topic])
    return found


def _draw(definitions: dict[str, set[int]]) -> list[tuple[str, int]]:
    by_label: dict[int, list[str]] = defaultdict(list)
    for definition, labels in definitions.items():
        if len(labels) == 1:
            by_label[min(labels)].append(definition)
    return [(text, label) for label, texts in sorted(by_label.items()) for text in shuffled(texts)[:MOST_EXAMPLES]]


def _id(text: str) -> str:
    return f"glosses-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
