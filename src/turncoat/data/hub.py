"""Data sets from the Hugging Face hub, for those who asked to go online."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from turncoat.data.example import Dataset, Example
from turncoat.data.splitting import check_split
from turncoat.errors import MissingResource


@dataclass(frozen=True)
class HubEntry:
    """A labelled data set on the hub.

    Attributes:
        repository: its hub name.
        splits: our split names and the hub's.
        labels: class names in the hub's order.
        text: column with the text.
        configuration: hub configuration, if there are several.
    """

    repository: str
    splits: Mapping[str, str]
    labels: tuple[str, ...]
    text: str = "text"
    configuration: str | None = field(default=None)


HUB: Mapping[str, HubEntry] = {
    "mr": HubEntry(
        "cornell-movie-review-data/rotten_tomatoes",
        {"train": "train", "dev": "validation", "test": "test"},
        ("negative", "positive"),
    ),
    "sst2": HubEntry(  # the labels of the hub's test split are hidden
        "stanfordnlp/sst2", {"train": "train", "dev": "validation"}, ("negative", "positive"), text="sentence"
    ),
    "ag_news": HubEntry(
        "fancyzhx/ag_news", {"train": "train", "test": "test"}, ("World", "Sports", "Business", "Sci/Tech")
    ),
    "imdb": HubEntry("stanfordnlp/imdb", {"train": "train", "test": "test"}, ("negative", "positive")),
    "twitter_semeval2017": HubEntry(
        "cardiffnlp/tweet_eval",
        {"train": "train", "dev": "validation", "test": "test"},
        ("negative", "neutral", "positive"),
        configuration="sentiment",
    ),
}


def load_from_hub(name: str, split: str) -> Dataset:
    """Download one split, or take it from the hub's own cache.

    The hub's copies differ from the files read elsewhere in this package (other splits of MR, phrases in SST-2), so
    the data set is named after its repository.

    Raises:
        MissingResource: the package `datasets` is not installed, or the hub cannot be reached.
    """
    entry = HUB[name]
    check_split(entry.repository, split, entry.splits)
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise MissingResource("loading from the hub needs a package: pip install 'turncoat[datasets]'") from error
    try:
        rows = load_dataset(entry.repository, entry.configuration, split=entry.splits[split])
    except (OSError, ValueError) as error:
        raise MissingResource(f"{entry.repository} could not be loaded from the hub: {error}") from error
    examples = tuple(
        Example(f"{name}-hub-{split}-{i:06d}", row[entry.text], int(row["label"])) for i, row in enumerate(rows)
    )
    return Dataset(f"hub:{entry.repository}/{split}", examples, entry.labels, source=f"hub:{entry.repository}")
