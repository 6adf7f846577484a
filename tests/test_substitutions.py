"""Sources of words: WordNet, vectors, and what narrows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from turncoat.data.vectors import Vectors, open_vectors
from turncoat.errors import BrokenData, MissingResource, UsageError
from turncoat.substitutions.inflection import inflect
from turncoat.substitutions.narrowing import SamePartOfSpeech, WithoutNumbers, WithoutStopWords
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.substitutions.vectors import Neighbours
from turncoat.substitutions.wordnet import WordNet
from turncoat.text import Text


@dataclass(frozen=True)
class Table(Substitutions):
    """Proposes what a table says."""

    words: tuple[tuple[str, tuple[str, ...]], ...]

    async def propose(self, text: Text, where: Where = None) -> Options:
        table = dict(self.words)
        return [table.get(word, ()) for word in text.words]


def propose(source: Substitutions, string: str) -> dict[str, list[str]]:
    """Options by word of a source that asks no model."""
    text = Text(string)
    proposing = source.propose(text)
    try:
        proposing.send(None)
    except StopIteration as end:
        options: Sequence[Sequence[str]] = end.value
        assert len(options) == len(text)
        return {word: list(words) for word, words in zip(text.words, options, strict=True)}
    raise AssertionError("asked a model")


# --- WordNet ---


@pytest.mark.usefixtures("wordnet")
class TestWordNet:
    def test_candidates_have_the_part_of_speech_of_the_context(self) -> None:
        options = propose(WordNet(), "The movie quickly became a big hit with the critics")
        assert options["movie"] == ["film", "picture", "pic", "flick"]
        assert options["quickly"] == ["rapidly", "speedily", "chop-chop", "apace", "promptly", "quick", "cursorily"]
        assert "large" in options["big"]
        assert options["The"] == options["with"] == []

    def test_seed_figure(self) -> None:
        found = propose(WordNet(), "the storage")["storage"]
        wanted = ["entrepot", "storehouse", "reposition", "warehousing", "store", "depot", "memory", "repositing"]
        assert sorted(found) == sorted(wanted)

    def test_forms_of_be_and_of_the_word_are_left_out(self) -> None:
        options = propose(WordNet(inflect=True), "the films were walked and is being watched")
        assert options["were"] == options["is"] == options["being"] == []
        for word, words in options.items():
            assert word not in words
            assert not {"film", "walk", "watch"} & set(words)

    def test_inflection_follows_the_word(self) -> None:
        options = propose(WordNet(inflect=True), "the movies quickly destroyed the biggest trees")
        assert options["movies"] == ["films", "pictures", "pics", "flicks"]
        assert options["destroyed"] == ["destructed", "ruined", "demolished"]
        assert "largest" in options["biggest"]
        assert propose(WordNet(), "the movies")["movies"] == ["film", "picture", "pic", "flick"]

    def test_a_possessive_keeps_its_ending(self) -> None:
        assert propose(WordNet(), "the movie's plot")["movie's"] == ["film's", "picture's", "pic's", "flick's"]
        assert propose(WordNet(), "it's fine")["it's"] == []

    def test_multiword_names(self) -> None:
        assert "computer" in propose(WordNet(multiword="first_token"), "the storage")["storage"]
        assert all(" " not in word for word in propose(WordNet(), "the storage")["storage"])

    def test_settings_narrow(self) -> None:
        text = "the movie can just be big"
        assert propose(WordNet(pos=("a",)), text)["movie"] == []
        assert propose(WordNet(pos=("a",)), text)["big"]
        assert propose(WordNet(), text)["just"]
        assert propose(WordNet(skip_stop_words=True), text)["just"] == []

    def test_no_candidate_twice(self) -> None:
        for source in (WordNet(), WordNet(inflect=True), WordNet(multiword="first_token")):
            for words in propose(
                source, "A fine old film that moved slowly and won the best prize of his life"
            ).values():
                assert len(words) == len(set(words))


def test_wrong_settings() -> None:
    with pytest.raises(UsageError, match="expected parts of speech among n, v, a, r, got s"):
        WordNet(pos=("n", "s"))
    with pytest.raises(UsageError, match="expected multiword to be one of drop, first_token"):
        WordNet(multiword="last")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lemma", "penn", "form"),
    [
        ("stroll", "VBD", "strolled"),
        ("run", "VBG", "running"),
        ("child", "NNPS", "children"),
        ("good", "JJS", "best"),
        ("film", "NN", "film"),
        ("move", "VBP", "move"),
        ("blorb", "NNS", "blorbs"),
        ("beautiful", "JJR", None),
    ],
)
def test_inflect(lemma: str, penn: str, form: str | None) -> None:
    assert inflect(lemma, penn) == form


# --- vectors ---

LINES = "good 1 0\nfine 0.9 0.1\nGood 1 0\nbad -1 0\ngreat 0.8 0.2\n"


@pytest.fixture
def vectors(tmp_path: Path) -> str:
    path = tmp_path / "vectors.txt"
    path.write_text("5 2\n" + LINES)
    return str(path)


def test_nearest_words_come_first_and_spellings_of_the_word_do_not_count(vectors: str) -> None:
    assert propose(Neighbours(vectors), "good unheard") == {"good": ["fine", "great"], "unheard": []}
    assert propose(Neighbours(vectors, k=1), "GOOD")["GOOD"] == ["fine"]
    assert propose(Neighbours(vectors, min_cosine=0.99), "good")["good"] == ["fine"]
    assert propose(Neighbours(vectors, min_cosine=-1), "good")["good"] == ["fine", "great", "bad"]


def test_company_does_not_change_neighbours() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(500)]
    matrix = rng.standard_normal((500, 20)).astype(np.float32)
    together = Vectors(words, matrix).nearest(words, 10)
    alone = Vectors(words, matrix)
    assert [alone.nearest([word], 10)[0] for word in words] == together
    cosines = alone.matrix @ alone.matrix.T
    for row, near in enumerate(together):
        best = np.sort(np.delete(cosines[row], row))[::-1][:10]
        assert [cosine for _, cosine in near] == pytest.approx(best.tolist(), abs=1e-5)


def test_files_without_a_first_line_and_broken_ones(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text(LINES)
    assert len(open_vectors(str(path)).words) == 5
    for content, why in [("a 1 2\nb 1\n", ":2: expected 2 numbers after 'b', got 1"), ("a x\n", ":1: expected a word")]:
        broken = tmp_path / f"{len(content)}.txt"
        broken.write_text(content)
        with pytest.raises(BrokenData, match=why):
            open_vectors(str(broken))
    with pytest.raises(MissingResource, match="word vectors"):
        open_vectors(str(tmp_path / "absent.txt"))


def test_wrong_numbers() -> None:
    with pytest.raises(UsageError, match="k >= 1"):
        Neighbours(k=0)
    with pytest.raises(UsageError, match="min_cosine"):
        Neighbours(min_cosine=2)


@pytest.mark.shared
def test_the_vectors_found_on_this_machine() -> None:
    assert "films" in propose(Neighbours(), "the movie")["movie"][:3]


# --- narrowing ---


def test_stop_words_stay() -> None:
    table = Table((("the", ("a",)), ("Don't", ("do",)), ("film", ("movie", "the"))))
    assert propose(WithoutStopWords(table), "Don't like the film") == {
        "Don't": [],
        "like": [],
        "the": [],
        "film": ["movie", "the"],
    }


def test_numbers_stay_and_are_not_proposed() -> None:
    table = Table((("1990s", ("nineties",)), ("two", ("2", "couple"))))
    assert propose(WithoutNumbers(table), "the 1990s had two") == {"the": [], "1990s": [], "had": [], "two": ["couple"]}


def test_part_of_speech_is_judged_in_the_sentence() -> None:
    table = Table((("good", ("fine", "quickly", "excellent", "cinema")), ("of", ("in", "tree"))))
    options = propose(SamePartOfSpeech(table), "A really good film of theirs.")
    assert options["good"] == ["fine", "excellent"]
    assert options["of"] == ["in"]


def test_narrowing_is_a_value() -> None:
    assert WithoutStopWords(WordNet(inflect=True)) == WithoutStopWords(WordNet(inflect=True))
    assert hash(SamePartOfSpeech(WithoutNumbers(WordNet()))) == hash(SamePartOfSpeech(WithoutNumbers(WordNet())))
