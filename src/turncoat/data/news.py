"""AG's News: four topics of short news."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from turncoat.data.example import Dataset, Example
from turncoat.data.originals import numbered_lines, original
from turncoat.data.splitting import check_split

TOPICS = ("World", "Sports", "Business", "Sci/Tech")


def load_ag_news(split: str) -> Dataset:
    """AG's News (Zhang et al. 2015), title and description; splits train 57,347 (of 120,000), test 7,600 (official).

    As published: remnants of HTML ("#39;") and back-slashes for line breaks are left in. No article of train is in
    test, but 248 share their description with one under another title, as in the full training set.
    """
    check_split("ag_news", split, ("train", "test"))
    file = "ag_news_test.csv" if split == "test" else "ag_news_train_subset.jsonl.xz"
    path = original("ag_news", file)
    rows = _test(path) if split == "test" else _train(path)
    examples = tuple(Example(f"ag_news-{split}-{i:05d}", text, int(label) - 1) for i, (label, text) in enumerate(rows))
    return Dataset(f"ag_news/{split}", examples, TOPICS, source=str(path))


def _test(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for label, title, description in csv.reader(file):
            yield label, f"{title} {description}"


def _train(path: Path) -> Iterator[tuple[str, str]]:
    for _, line in numbered_lines(path):
        row = json.loads(line)
        yield row["label"], row["text"]
