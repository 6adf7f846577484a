"""Where resources are looked for, and what is said when they are missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from turncoat.data import resources
from turncoat.data.cache import cache_folder, cached
from turncoat.errors import MissingResource, UsageError


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TURNCOAT_DATA", raising=False)
    monkeypatch.delenv("NLTK_DATA", raising=False)


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_missing_says_how_to_get_it_and_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(MissingResource) as raised:
        resources.locate("mr")
    message = str(raised.value)
    assert "python -m nltk.downloader sentence_polarity" in message
    assert str(tmp_path / "home/nltk_data/corpora/sentence_polarity.zip") in message
    assert "TURNCOAT_DATA is not set" in message


def test_order_is_path_then_shared_then_cache_then_nltk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inside = "corpora/sentence_polarity.zip"
    nltk = touch(tmp_path / "nltk" / inside)
    monkeypatch.setenv("NLTK_DATA", str(tmp_path / "nltk"))
    assert resources.locate("mr") == nltk
    own_cache = touch(tmp_path / "cache/nltk_data" / inside)
    assert resources.locate("mr") == own_cache
    shared = touch(tmp_path / "shared/data/mr/sentence_polarity.zip")
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path / "shared"))
    assert resources.locate("mr") == shared
    given = touch(tmp_path / "mine.zip")
    assert resources.locate("mr", given) == given


def test_an_explicit_path_is_never_replaced_by_another(tmp_path: Path) -> None:
    touch(tmp_path / "home/nltk_data/corpora/sentence_polarity.zip")
    with pytest.raises(MissingResource, match=r"absent\.zip"):
        resources.locate("mr", tmp_path / "absent.zip")


def test_unknown_resource() -> None:
    with pytest.raises(UsageError, match="'worldnet'"):
        resources.locate("worldnet")


def test_survey_covers_packages_and_places_and_every_miss_has_a_remedy() -> None:
    lines = {line.name: line for line in resources.survey()}
    assert set(lines) == {*resources.PACKAGES, *resources.PLACES}
    assert lines["torch"].found
    assert lines["torch"].where.endswith(".py")
    assert not lines["imdb"].found
    assert lines["imdb"].where == ""
    assert all(line.remedy for line in lines.values())


def test_cached_builds_once_and_builds_damaged_files_anew() -> None:
    built = []

    def build() -> list[int]:
        built.append(1)
        return [len(built)]

    assert cached("numbers", build) == [1]
    assert cached("numbers", build) == [1]
    file = cache_folder() / "numbers.json"
    file.write_text("[1")
    assert cached("numbers", build) == [2]
    assert json.loads(file.read_text()) == [2]
    assert list(cache_folder().iterdir()) == [file]


def test_a_cache_that_cannot_be_written_only_costs_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TURNCOAT_CACHE", str(touch(tmp_path / "a_file")))
    assert cached("value", lambda: {"a": 1}) == {"a": 1}
