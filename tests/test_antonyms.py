"""Antonyms of a very small WordNet, and of the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from judged import mini_wordnet
from turncoat.data.antonyms import Antonyms, open_antonyms
from turncoat.data.resources import is_here
from turncoat.data.valences import open_valences
from turncoat.data.wordnet_files import Pointer, read_pointers
from turncoat.errors import BrokenData, MissingResource


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    return mini_wordnet(tmp_path)


@pytest.fixture
def antonyms(folder: Path) -> Antonyms:
    return open_antonyms(folder)


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        ("fast", "slow", "direct"),
        ("slow", "FAST", "direct"),
        ("fast", "sluggish", "indirect"),
        ("swift", "slow", "indirect"),
        ("swift", "sluggish", "indirect"),
        ("swift", "fast", None),  # similar, not opposed
        ("fast", "dry", None),  # another pair
        ("wet", "dry", "direct"),
        ("watery", "dry", "indirect"),  # WordNet's pointer is from "wet", which shares its sense
        ("increases", "decreasing", "direct"),  # whatever the inflection
        ("faster", "slowest", "direct"),
        ("thing", "entity", None),
        ("unheard-of", "slow", None),
    ],
)
def test_opposition(antonyms: Antonyms, old: str, new: str, how: str | None) -> None:
    assert antonyms.opposition(old, new) == how


def test_named_antonyms(antonyms: Antonyms) -> None:
    assert antonyms.named("fast", "a") == ("slow",)
    assert antonyms.named("swift", "a") == ()
    assert antonyms.named("decreased", "v") == ("increase",)


def test_pointers_are_read_by_kind_and_part_of_speech(folder: Path) -> None:
    assert list(read_pointers(folder, "v", "!")) == [
        Pointer("00000001", 1, "00000002", 1),
        Pointer("00000002", 1, "00000001", 1),
    ]
    assert [p.source for p in read_pointers(folder, "a", "&")] == [f"0000000{i}" for i in (1, 2, 3, 4, 7, 8, 9)] + [
        "00000010"
    ]
    assert list(read_pointers(folder, "n", "!")) == []


@pytest.mark.skipif(not is_here("wordnet"), reason="needs WordNet: apt-get install wordnet-base")
def test_the_real_wordnet() -> None:
    antonyms = open_antonyms()
    assert antonyms.opposition("good", "bad") == "direct"
    assert antonyms.opposition("loved", "hates") == "direct"
    assert antonyms.opposition("great", "terrible") == "indirect"
    assert antonyms.opposition("movie", "film") is None
    assert antonyms.opposition("good", "fine") is None


def test_valences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lexicon = tmp_path / "vader_lexicon.txt"
    lexicon.write_text("Good\t1.9\t0.9\t[2]\nbad\t-2.5\t0.6\t[-2]\n\n")
    assert open_valences(lexicon) == {"good": 1.9, "bad": -2.5}
    lexicon.with_name("broken.txt").write_text("good\n")
    with pytest.raises(BrokenData, match="word, tab, valence"):
        open_valences(lexicon.with_name("broken.txt"))
    for name in ("TURNCOAT_DATA", "NLTK_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path))
    open_valences.cache_clear()
    with pytest.raises(MissingResource, match=r"nltk\.downloader vader_lexicon"):
        open_valences()
