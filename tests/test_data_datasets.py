"""The named data sets: sizes, splits, labels, stable ids, damaged and missing files."""

from __future__ import annotations

import shutil
import sys
import types
from collections import Counter
from pathlib import Path

import pytest

from turncoat.data import tweets
from turncoat.data.datasets import load
from turncoat.data.example import Example
from turncoat.data.hub import HUB
from turncoat.data.splitting import cut, shuffled
from turncoat.errors import BrokenData, MissingResource, UnknownName, UsageError
from turncoat.registry import DATASETS


def test_unknown_name_suggests() -> None:
    with pytest.raises(UnknownName, match="did you mean 'ag_news'"):
        load("agnews")


def test_every_loader_is_described() -> None:
    for name in DATASETS.names():
        assert "splits train" in (DATASETS.get(name).__doc__ or "").partition("\n")[0]


@pytest.mark.parametrize("name", DATASETS.names())
def test_unknown_split_is_refused_before_anything_is_looked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TURNCOAT_DATA", raising=False)
    with pytest.raises(UsageError, match="no split 'validation'"):
        load(name, "validation")


def test_missing_data_set_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path))
    with pytest.raises(MissingResource, match=r"pip install 'turncoat\[datasets\]'"):
        load("imdb")


# --- splitting ---


def test_cut_keeps_proportions_and_never_overlaps() -> None:
    examples = [Example(str(i), f"text {i}", int(i % 4 == 0)) for i in range(200)]
    shares = {"test": 0.1, "dev": 0.1, "train": 0.8}
    parts = {split: cut(examples, shares, split) for split in shares}
    assert {split: Counter(e.label for e in part) for split, part in parts.items()} == {
        "test": {0: 15, 1: 5},
        "dev": {0: 15, 1: 5},
        "train": {0: 120, 1: 40},
    }
    assert sorted(e.id for part in parts.values() for e in part) == sorted(e.id for e in examples)
    assert cut(examples[::-1], shares, "dev") == parts["dev"]


def test_shuffled_is_frozen() -> None:
    assert shuffled("abcdef") == ["f", "d", "a", "c", "b", "e"]


# --- tweets ---


def test_readable_undoes_quotes_and_escapes() -> None:
    assert tweets._readable(r"Plus\u002c it\u2019s") == "Plus, it’s"
    assert tweets._readable(r'"He said \""Yeah\""!"') == 'He said "Yeah"!'
    assert tweets._readable('"What do you want?""Words." - Kim') == '"What do you want?""Words." - Kim'


def test_conflicts_and_repeats_are_told() -> None:
    rows = [("1", "positive", "a"), ("2", "negative", "b"), ("1", "positive", "c"), ("3", "neutral", "b")]
    kept, faults = tweets._without_repeats(
        [tweets._Tweet("f", line, key, label, text) for line, (key, label, text) in enumerate(rows, 1)]
    )
    assert [tweet.line for tweet in kept] == [1]
    assert [str(fault) for fault in faults] == [
        "f:2: stands elsewhere with another label",
        "f:3: repeats an earlier row",
        "f:4: stands elsewhere with another label",
    ]


# --- the files themselves ---

SIZES = {
    ("mr", "train"): (9596, 2),
    ("mr", "test"): (1066, 2),
    ("sst2", "train"): (6920, 2),
    ("sst2", "dev"): (872, 2),
    ("sst2", "test"): (1821, 2),
    ("ag_news", "train"): (57347, 4),
    ("ag_news", "test"): (7600, 4),
    ("imdb", "test"): (25000, 2),
    ("twitter_airline", "train"): (11520, 3),
    ("twitter_airline", "test"): (1441, 3),
    ("twitter_semeval2017", "train"): (47479, 3),
    ("twitter_semeval2017", "dev"): (1988, 3),
    ("twitter_semeval2017", "test"): (12284, 3),
    ("twitter_semeval2017_binary", "test"): (6347, 2),
}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "split"), list(SIZES))
def test_published_sizes(name: str, split: str) -> None:
    dataset = load(name, split)
    assert (len(dataset), len(dataset.labels)) == SIZES[name, split]
    assert len({e.id for e in dataset}) == len(dataset)
    assert {e.label for e in dataset} == set(range(len(dataset.labels)))
    assert all(e.text.strip() for e in dataset)
    assert dataset.name == f"{name}/{split}"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["mr", "twitter_airline", "twitter_semeval2017"])
def test_splits_never_overlap(name: str) -> None:
    splits = ["train", "test"] if name == "mr" else ["train", "dev", "test"]
    texts = [{e.text for e in load(name, split)} for split in splits]
    assert sum(map(len, texts)) == len(set.union(*texts))


@pytest.mark.shared
def test_rows_are_read_as_published() -> None:
    mr = {e.id: e for e in load("mr", "train")} | {e.id: e for e in load("mr", "test")}
    assert mr["mr-neg-00001"] == Example("mr-neg-00001", "simplistic , silly and tedious .", 0)
    assert load("mr")[0].id == "mr-neg-05058"
    news = load("ag_news")
    assert news.labels[news[0].label] == "Business"
    assert news[0].text.startswith("Fears for T N pension after talks Unions representing")
    assert "<br" not in " ".join(e.text for e in load("imdb").examples[:500])
    semeval = load("twitter_semeval2017", "train")
    assert not any(r"\u2019" in e.text for e in semeval)
    assert semeval.faults
    assert not {fault.file for fault in semeval.faults} & {tweets.SEMEVAL_DEV}


@pytest.mark.shared
def test_another_edition_is_refused(shared: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "sst2"
    folder.mkdir(parents=True)
    shutil.copy(shared / "data/sst2/dev.tsv", folder)
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path))
    assert len(load("sst2", "dev")) == 872
    with (folder / "dev.tsv").open("a") as file:
        file.write("one more\t1\n")
    with pytest.raises(BrokenData, match=r"dev.tsv: expected sha256 eddea6b39e.*damaged or another edition"):
        load("sst2", "dev")
    with pytest.raises(MissingResource, match=r"expected test\.tsv"):
        load("sst2", "test")


# --- the hub ---


def test_the_hub_is_asked_only_when_online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def load_dataset(repository: str, configuration: str | None, split: str) -> list[dict[str, object]]:
        asked.append((repository, configuration, split))
        return [{"sentence": "fine", "label": 1}]

    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path))
    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=load_dataset))
    with pytest.raises(MissingResource):
        load("sst2", "dev")
    dataset = load("sst2", "dev", online=True)
    assert asked == [("stanfordnlp/sst2", None, "validation")]
    assert dataset.name == "hub:stanfordnlp/sst2/dev"
    assert list(dataset) == [Example("sst2-hub-dev-000000", "fine", 1)]


def test_the_hub_without_its_package_or_without_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path))
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingResource, match="needs a package"):
        load("imdb", online=True)

    def load_dataset(*_: object, **__: object) -> None:
        raise ConnectionError("no network")

    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=load_dataset))
    with pytest.raises(MissingResource, match="stanfordnlp/imdb could not be loaded from the hub: no network"):
        load("imdb", online=True)


def test_hub_entries_are_data_sets() -> None:
    assert set(HUB) < set(DATASETS.names())
