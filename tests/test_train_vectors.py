"""Word vectors: training them on text, their file and card, and where they are looked for."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import tomllib
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from turncoat.cli.app import app
from turncoat.data.vectors import encode_binary, find_vectors, read_vectors, trained_vectors
from turncoat.errors import BrokenData, MissingResource, UnknownName, UsageError
from turncoat.training import vectors_glove
from turncoat.training.vectors import RECIPES, train_vectors, vector_recipe
from turncoat.training.vectors_corpus import Corpus, read_corpus
from turncoat.training.vectors_gensim import FastText, Word2Vec
from turncoat.training.vectors_glove import GloVe, count_neighbours, descend
from turncoat.training.vectors_recipe import VectorRecipe, load_library

LIBRARIES = find_spec("gensim") and find_spec("numba")
trains = pytest.mark.skipif(not LIBRARIES, reason="needs the libraries of turncoat[vectors]")

TINY: dict[str, VectorRecipe] = {
    "glove": GloVe(dimensions=10, window=2, epochs=20, least=1, rate=0.1, x_max=10),
    "word2vec": Word2Vec(dimensions=10, window=2, epochs=20, least=1, sample=1),
    "fasttext": FastText(dimensions=10, window=2, epochs=100, least=1, sample=1, letters=3, buckets=100),
}


def quiet(doing: str, done: int, total: int) -> None:
    """No progress."""


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def topics(tmp_path: Path) -> str:
    """Two topics that share no word."""
    rng = np.random.default_rng(0)
    words = (("bank", "stock", "profit", "market"), ("goal", "team", "coach", "league"))
    lines = [" ".join(rng.permutation(words[i % 2])) for i in range(400)]
    return written(tmp_path, "\n".join(lines))


# --- the text ---


def test_words_as_word_models_read_them(tmp_path: Path) -> None:
    text = "The don't-care film.<br /><br />THE film, Don't-Care! [UNK] unk br\nfilm rare\n"
    corpus = read_corpus([written(tmp_path, text)], 2, quiet)
    assert corpus.words == ("film", "don't-care", "the")  # 3, 2, 2; rare and reserved words are left out
    assert corpus.counts.tolist() == [3, 2, 2]
    assert [passage.tolist() for passage in corpus.passages] == [[2, 1, 0, 2, 0, 1], [0]]
    ((_, about),) = corpus.sources.items()
    assert (about["passages"], about["words"]) == (2, 11)
    assert about["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_text_without_common_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="occur 5 times"):
        read_corpus([written(tmp_path, "a b c a")], 5, quiet)
    with pytest.raises(UsageError, match="got 0 words"):
        read_corpus([written(tmp_path, "")], 1, quiet)


# --- GloVe ---


def test_neighbours_count_by_nearness_and_within_their_passage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """a b c a | b b:  a-b 1 (1-0) + 1/2 (3-1), a-c 1/2 + 1, a-a is three apart, b-c 1, b-b 1 in both directions."""
    corpus = read_corpus([written(tmp_path, "a b c a\nb b\n")], 1, quiet)
    assert corpus.words == ("b", "a", "c")
    expected = [[2, 1.5, 1], [1.5, 0, 1.5], [1, 1.5, 0]]
    np.testing.assert_array_equal(count_neighbours(corpus, 2, quiet).toarray(), expected)
    monkeypatch.setattr(vectors_glove, "AT_ONCE", 1)  # each passage on its own
    np.testing.assert_array_equal(count_neighbours(corpus, 2, quiet).toarray(), expected)


def test_one_step_of_glove_by_hand() -> None:
    """Word (2, 1) with bias 0, neighbour (1, 3) with bias 1, log X = 4, f = 0.5, rate 0.1, squares 1 and 4.

    error = 2 + 3 + 0 + 1 - 4 = 2, times f = 1: slopes of the word (1, 3) and of its bias 1, of the neighbour (2, 1)
    and of its bias 1. The word's squares are 4 (root 2), the neighbour's 1.
    """
    vectors = np.array([[[2, 1, 0]], [[1, 3, 1]]], np.float64)
    squares = np.array([[[4, 4, 4]], [[1, 1, 1]]], np.float64)
    cell = np.array([0]), np.array([0, 1]), np.array([0]), np.array([4.0]), np.array([0.5])
    descend(*cell, vectors, squares, 0.1)
    np.testing.assert_allclose(vectors[0, 0], [2 - 0.05, 1 - 0.15, -0.05])
    np.testing.assert_allclose(vectors[1, 0], [1 - 0.2, 3 - 0.1, 1 - 0.1])
    np.testing.assert_allclose(squares[0, 0], [5, 13, 5])
    np.testing.assert_allclose(squares[1, 0], [5, 2, 2])


def test_glove_comes_to_give_the_logarithms_of_the_counts() -> None:
    """Two words, two dimensions: all four cells can be met exactly, w_i . c_j + b_i + b_j = log X_ij."""
    logs = np.log([[4.0, 1.0], [1.0, 9.0]])
    vectors = np.random.default_rng(0).random((2, 2, 3)) - 0.5
    squares = np.ones_like(vectors)
    cells = np.array([0, 2, 4]), np.array([0, 1, 0, 1]), logs.ravel(), np.ones(4)
    for _ in range(2000):
        descend(np.array([1, 0]), *cells, vectors, squares, 0.1)
    (words, near), last = vectors, np.newaxis
    found = words[:, :2] @ near[:, :2].T + words[:, 2, last] + near[:, 2]
    np.testing.assert_allclose(found, logs, atol=1e-3)


# --- all three ---


@trains
@pytest.mark.parametrize("name", RECIPES)
def test_words_of_one_topic_come_to_lie_together(name: str, topics: str, tmp_path: Path) -> None:
    path, told = tmp_path / f"{name}.bin", []
    card = train_vectors(name, [topics], path, TINY[name], 3, lambda *each: told.append(each), "turncoat ...")
    words, matrix = read_vectors(path)
    assert matrix.shape == (8, 10)
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    finance = np.isin(words, ["bank", "stock", "profit", "market"])
    near = unit @ unit.T
    within = near[np.ix_(finance, finance)].mean() + near[np.ix_(~finance, ~finance)].mean()
    assert within / 2 > near[np.ix_(finance, ~finance)].mean() + 0.2
    assert card == tomllib.loads((tmp_path / f"{name}.toml").read_text())
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (card["words"], card["running_words"], card["seed"], card["command"]) == (8, 1600, 3, "turncoat ...")
    assert card["recipe"]["dimensions"] == 10
    assert told
    again = train_vectors(name, [topics], tmp_path / "again.bin", TINY[name], 3)
    assert again["sha256"] == card["sha256"]
    other = train_vectors(name, [topics], tmp_path / "other.bin", TINY[name], 4)
    assert other["sha256"] != card["sha256"]


def test_a_library_that_is_not_installed() -> None:
    with pytest.raises(MissingResource, match=r"needs no_such_library; pip install 'turncoat\[vectors\]'"):
        load_library("no_such_library")


def test_wrong_parameters_and_places(tmp_path: Path, topics: str) -> None:
    with pytest.raises(UnknownName, match="known: glove, word2vec, fasttext"):
        vector_recipe("elmo")
    for recipe, field, value in [
        (GloVe(), "window", 0), (GloVe(), "rate", 0.0), (GloVe(), "x_max", -1.0), (Word2Vec(), "negative", 0),
        (Word2Vec(), "sample", 2.0), (FastText(), "buckets", 0), (FastText(), "dimensions", 0),
    ]:  # fmt: skip
        with pytest.raises(UsageError, match=field):
            replace(recipe, **{field: value})
    with pytest.raises(UsageError, match=r"ends in \.bin"):
        train_vectors("glove", [topics], tmp_path / "glove.txt", GloVe())
    there = tmp_path / "there.bin"
    there.touch()
    with pytest.raises(UsageError, match="does not exist yet"):
        train_vectors("glove", [topics], there, GloVe())


@trains
def test_command(tmp_path: Path, topics: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TURNCOAT_DATA", raising=False)
    settings = ["--set", "dimensions=4", "--set", "epochs=1"]
    done = CliRunner().invoke(app, ["train-vectors", "word2vec", topics, *settings])
    assert done.exit_code == 0, done.output
    assert "8 words, learned from 1,600 running words" in done.output
    assert find_vectors("word2vec") == trained_vectors("word2vec")
    assert CliRunner().invoke(app, ["train-vectors", "word2vec", topics, *settings]).exit_code == 2  # there already
    assert CliRunner().invoke(app, ["train-vectors", "glove"]).exit_code == 3  # no unlabelled reviews
    assert CliRunner().invoke(app, ["train-vectors", "elmo", topics]).exit_code == 2


# --- files ---

WORDS = ("the", "é", "film")
MATRIX = np.array([[1, -2, 0.5], [0, 0, 0], [3, 4, 5]], np.float32)
LINES = "the 1 -2 0.5\né 0 0 0\nfilm 3 4 5\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("glove.txt", LINES.encode()),
        ("crawl.vec", f"3 3\n{LINES}".encode()),
        ("crawl.vec.gz", gzip.compress(f"3 3\n{LINES}".encode(), mtime=0)),
        ("glove.txt.xz", lzma.compress(LINES.encode())),
        ("news.bin", encode_binary(WORDS, MATRIX)),
        ("news.bin.gz", gzip.compress(encode_binary(WORDS, MATRIX), mtime=0)),
    ],
)
def test_published_formats(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    words, matrix = read_vectors(path)
    assert words == WORDS
    np.testing.assert_array_equal(matrix, MATRIX)  # as they stand there: not brought to unit length
    words, matrix = read_vectors(path, {"film", "absent"})
    assert words == ("film",)
    np.testing.assert_array_equal(matrix, MATRIX[2:])
    with pytest.raises(BrokenData, match="for any of the words"):
        read_vectors(path, {"absent"})


def test_published_words_may_hold_blanks(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("a 1 2\n. . . 3 4\n")
    assert read_vectors(path)[0] == ("a", ". . .")
    path.write_text("a 1 2\nb 3 4 5\n")
    with pytest.raises(BrokenData, match="expected 2 numbers after 'b', got 3"):
        read_vectors(path)


def test_where_vectors_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TURNCOAT_DATA", str(tmp_path / "data"))
    with pytest.raises(MissingResource, match="turncoat train-vectors glove"):
        find_vectors("glove")
    with pytest.raises(UsageError, match="'elmo'"):
        find_vectors("elmo")

    def put(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path

    trained = put(trained_vectors("glove"))
    assert find_vectors("glove") == trained
    published = put(tmp_path / "data/vectors/glove.840B.300d.txt.gz")
    assert find_vectors("glove") == published
    own = put(tmp_path / "mine/glove-300.bin")
    assert find_vectors("glove", own) == own
    assert find_vectors("glove", own.parent) == own
    with pytest.raises(MissingResource, match="word2vec-300"):
        find_vectors("word2vec", own.parent)


def test_corpus_is_empty_where_a_passage_has_no_common_word() -> None:
    corpus = Corpus(("a",), np.array([1]), [np.zeros(0, np.int32), np.array([0], np.int32)], {})
    assert count_neighbours(corpus, 3, quiet).nnz == 0
