"""Published tables of neighbours, antonyms, and word vectors in word2vec's binary format."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from turncoat.config import from_table, to_table
from turncoat.data.lexicons import antonyms, open_neighbours
from turncoat.data.vectors import open_vectors
from turncoat.errors import BrokenData, MissingResource, UsageError
from turncoat.registry import SUBSTITUTIONS
from turncoat.substitutions.lexicon import CounterFitted
from turncoat.text import Text

NEIGHBOURS = {"film": ["movie", "films", "kino"], "gag": [], "fawn": ["grovel"]}


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "neighbours.json"
    path.write_text(json.dumps(NEIGHBOURS))
    return str(path)


def propose(source: CounterFitted, string: str) -> list[list[str]]:
    try:
        source.propose(Text(string)).send(None)
    except StopIteration as end:
        options: Sequence[Sequence[str]] = end.value
        return [list(words) for words in options]
    raise AssertionError("asked a model")


def test_nearest_neighbours_first(table: str) -> None:
    assert propose(CounterFitted(table), "Film, gag and fawn") == [["movie", "films", "kino"], [], [], ["grovel"]]
    assert propose(CounterFitted(table, k=2), "film") == [["movie", "films"]]


def test_tables_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected a table \(dne, certified\) or a JSON file, got 'dme'"):
        open_neighbours("dme")
    for name, content in [("list.json", "[1]"), ("words.json", '{"a": "b"}'), ("torn.json", '{"a": [')]:
        (tmp_path / name).write_text(content)
        with pytest.raises(BrokenData, match=name):
            open_neighbours(str(tmp_path / name))
    with pytest.raises(UsageError, match="expected k >= 1, got 0"):
        CounterFitted(k=0)


def test_a_missing_table_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path))
    open_neighbours.cache_clear()
    with pytest.raises(MissingResource, match=r"euc-top8-d0\.7\.json of github\.com/dugu9sword/dne"):
        propose(CounterFitted(), "film")


def test_it_has_a_name_and_survives_a_config_file() -> None:
    assert SUBSTITUTIONS.get("counter-fitted")() == CounterFitted()
    assert from_table(to_table(CounterFitted("certified", k=3))) == CounterFitted("certified", k=3)


@pytest.mark.shared
def test_the_published_tables() -> None:
    assert propose(CounterFitted("dne", k=3), "film") == [["movie", "filmmaking", "movies"]]
    assert propose(CounterFitted("certified", k=3), "film") == [["movie", "filmmaking", "movies"]]
    assert sum(map(bool, open_neighbours("dne").values())) == 40129
    assert sum(map(bool, open_neighbours("certified").values())) == 25591


# --- antonyms ---


@pytest.mark.usefixtures("wordnet")
def test_antonyms_of_wordnet() -> None:
    assert {"bad", "evil"} <= antonyms("Good")
    assert "hate" in antonyms("loved")
    assert antonyms("zebra") == frozenset()


@pytest.mark.shared
@pytest.mark.usefixtures("wordnet")
def test_antonyms_of_the_paraphrase_database() -> None:
    assert "exported" in antonyms("Imported")
    assert "males" in antonyms("females")


# --- word2vec's binary format ---


def binary(path: Path, words: dict[str, list[float]], line_end: bytes = b"\n") -> str:
    rows = [word.encode() + b" " + np.array(v, "<f4").tobytes() + line_end for word, v in words.items()]
    content = f"{len(words)} 2\n".encode() + b"".join(rows)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


@pytest.mark.parametrize(("name", "line_end"), [("a.bin", b"\n"), ("b.bin", b""), ("c.bin.gz", b"\n")])
def test_binary_vectors_are_the_same_as_text(tmp_path: Path, name: str, line_end: bytes) -> None:
    words = {"good": [1.0, 0.0], "fine": [0.9, 0.1], "naïve": [10.0, 32.0]}  # 10 and 32 are a line end and a blank
    (tmp_path / "text.txt").write_text("".join(f"{word} {v[0]} {v[1]}\n" for word, v in words.items()))
    expected, got = open_vectors(str(tmp_path / "text.txt")), open_vectors(binary(tmp_path / name, words, line_end))
    assert got.words == expected.words == tuple(words)
    np.testing.assert_allclose(got.matrix, expected.matrix)


def test_binary_vectors_cut_short(tmp_path: Path) -> None:
    whole = Path(binary(tmp_path / "whole.bin", {"good": [1.0, 0.0], "fine": [0.9, 0.1]})).read_bytes()
    (tmp_path / "torn.bin").write_bytes(whole[:-4])
    with pytest.raises(BrokenData, match=r"torn\.bin: cut short: expected 2 words, got 1"):
        open_vectors(str(tmp_path / "torn.bin"))
    (tmp_path / "headless.bin").write_bytes(b"good 1 0\n")
    with pytest.raises(BrokenData, match='expected "words dimensions" in its first line'):
        open_vectors(str(tmp_path / "headless.bin"))
