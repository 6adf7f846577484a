"""Parts of speech, one tag a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.data.stopwords import is_stop_word, stop_words
from turncoat.data.tagger import split_clitic, tag, wordnet_pos
from turncoat.text import Text


def tags(string: str) -> dict[str, str]:
    text = Text(string)
    return dict(zip(text.words, tag(text.words, text.gaps), strict=True))


def test_a_plain_sentence() -> None:
    assert tags("The movie walked slowly , and was good !") == {
        "The": "DT",
        "movie": "NN",
        "walked": "VBD",
        "slowly": "RB",
        "and": "CC",
        "was": "VBD",
        "good": "JJ",
    }


@given(st.text(max_size=80))
def test_one_tag_a_word(string: str) -> None:
    text = Text(string)
    found = tag(text.words, text.gaps)
    assert len(found) == len(text)
    assert all(found)


def test_contractions_and_hyphens_are_one_word() -> None:
    found = tags("I don't think the film's so-called plot can't fail, it’s fine")
    assert found["don't"] == "VBP"
    assert found["film's"] == "NN"
    assert found["can't"] == "MD"
    assert found["it’s"] == "PRP"
    assert found["so-called"] == "JJ"


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("film's", ("film", "'s")),
        ("Don't", ("Do", "n't")),
        ("they’ll", ("they", "’ll")),
        ("o'clock", ("o'clock", "")),
        ("well", ("well", "")),
        ("n't", ("n't", "")),
    ],
)
def test_split_clitic(word: str, parts: tuple[str, str]) -> None:
    assert split_clitic(word) == parts


def test_each_sentence_starts_anew() -> None:
    assert tags("It rained. Yesterday was fine.")["Yesterday"] == tags("Yesterday was fine.")["Yesterday"] == "NN"


def test_capitals_are_read_as_lower_case() -> None:
    assert tags("THE MOVIE WAS GOOD")["GOOD"] == "JJ"


def test_coarse_tags() -> None:
    found = {penn: wordnet_pos(penn) for penn in ("NN", "NNPS", "VBZ", "JJR", "RBS", "MD", "WRB", "RP", ",")}
    assert found == {
        "NN": "n", "NNPS": "n", "VBZ": "v", "JJR": "a", "RBS": "r", "MD": None, "WRB": None, "RP": None, ",": None
    }  # fmt: skip


def test_stop_words() -> None:
    assert len(stop_words()) == 212
    assert all(word == word.lower() and "’" not in word for word in stop_words())
    assert is_stop_word("The")
    assert is_stop_word("don’t")
    assert is_stop_word("can't")
    assert not is_stop_word("never")
    assert not is_stop_word("film")
