"""Cleaning tweets: golden examples, and laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.data import tweets
from turncoat.data.datasets import load
from turncoat.data.example import Dataset, Example
from turncoat.data.tweet_cleaning import _clean_once, clean_tweet, links_and_handles
from turncoat.data.tweet_words import CONTRACTIONS, INITIALS, LETTERS, SLANG
from turncoat.data.tweets import SENTIMENT
from turncoat.text import Text

GOLDEN = {
    # URLs
    "gas prices http://t.co/TZZzrrKa via www.news.com": "gas prices via",
    "see pic.twitter.com/a1b2 and bit.ly/xyz, and/or p.m./a.m.": "see and and/or p.m./a.m.",
    # contractions; a possessive is none, "cant" and curly apostrophes are
    "I'm sure it's John's, don’t u think he'd win": "I am sure it is John's, do not you think he would win",
    "cant WONT Didn't I'd've y'all": "cannot WILL NOT Did not I would have you all",
    # slang
    "idk, gonna b4 2nite w/ my bf w/o u": "i do not know, going to before tonight with my boyfriend without you",
    "OMG r u ok? Lol": "OH MY GOD are you ok? Laughing out loud",
    # spelling: only unknown words in lower case, never names in capitals or known words
    "recieve the embarassing definately tomorow": "receive the embarrassing definitely tomorrow",
    "Messi and ronaldo colour iphone Beyonce": "Messi and ronaldo colour iphone Beyonce",
    "somethin amazin watchin": "something amazing watching",
    # letters drawn out
    "Soooo goooood tooooo whaaaat LOOOOVE": "So good too what LOVE",
    "lmaooo Ooooh NOOOO": "laughing Ooh NO",
    # what must stay
    "U.S. R&B r&b ISIS III xxx 1000 BC": "U.S. R&B r&b ISIS III xxx 1000 BC",
    "@u_lol #idk #loool: lol": "@u_lol #idk #loool: laughing out loud",
    # white space and entities
    "  fish &amp; chips \n &lt;3 ": "fish & chips <3",
    "http://t.co/abc": "",
}  # fmt: skip


@pytest.mark.parametrize("raw", GOLDEN)
def test_golden_examples(raw: str) -> None:
    assert clean_tweet(raw) == GOLDEN[raw]


def test_without_marks_their_words_are_cleaned_too() -> None:
    assert clean_tweet("@lol ##idk rock #u") == "@lol ##idk rock #u"
    assert clean_tweet("@lol ##idk rock #u", marks=False) == "laughing out loud i do not know rock you"


WORDS = st.sampled_from(
    [*CONTRACTIONS, *SLANG, *INITIALS, *LETTERS, "http://t.co/a", "soooo", "recieve", "comm/x", "a."]
)
PIECES = st.one_of(WORDS, WORDS.map(str.upper), st.text("aeorstnulw'’@#&./:;! \n1", max_size=8), st.text(max_size=3))


@given(st.lists(st.tuples(PIECES, st.sampled_from([" ", "", "/", "."]))), st.booleans())
def test_cleaning_again_changes_nothing(pieces: list[tuple[str, str]], marks: bool) -> None:
    cleaned = clean_tweet("".join(piece + gap for piece, gap in pieces), marks)
    assert clean_tweet(cleaned, marks) == cleaned
    assert cleaned.split() == cleaned.split(" ") or not cleaned


def test_nothing_stands_for_what_must_be_cleaned_itself() -> None:
    """So that cleaning comes to an end."""
    for table in (CONTRACTIONS, SLANG, INITIALS, LETTERS):
        assert [meaning for meaning in table.values() if _clean_once(meaning, True) != meaning] == []


def test_links_and_handles_are_told_from_hashtags() -> None:
    text = Text("bad @bob_x: see http://t.co/ab #sad a@b")
    protected = [word for word, inside in zip(text.words, links_and_handles(text), strict=True) if inside]
    assert protected == ["bob_x", "http", "t", "co", "ab", "b"]


@pytest.fixture
def cleanings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Four tweets in place of SemEval-2017, and an empty cache; grows by every tweet that is cleaned."""
    texts = {"lol bad": 0, "http://t.co/a": 1, "so so": 1, "gr8": 2}
    examples = tuple(Example(f"semeval-{i}", text, label) for i, (text, label) in enumerate(texts.items()))
    raw = Dataset("twitter_semeval2017/dev", examples, SENTIMENT, source="here")
    cleaned: list[str] = []

    def clean(text: str) -> str:
        cleaned.append(text)
        return clean_tweet(text)

    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path))
    monkeypatch.setattr(tweets, "load_semeval2017", lambda split: raw)
    monkeypatch.setattr(tweets, "clean_tweet", clean)
    return cleaned


def test_the_data_sets_leave_out_what_is_empty_and_the_neutral(cleanings: list[str]) -> None:
    three, two = load("tweets_3way", "dev"), load("tweets", "dev")
    assert [(e.id, e.text, e.label) for e in three] == [
        ("semeval-0", "laughing out loud bad", 0), ("semeval-2", "so so", 1), ("semeval-3", "great", 2)
    ]  # fmt: skip
    assert [(e.id, e.text, e.label) for e in two] == [
        ("semeval-0", "laughing out loud bad", 0), ("semeval-3", "great", 1)
    ]  # fmt: skip
    assert (two.name, two.labels, three.name) == ("tweets/dev", ("negative", "positive"), "tweets_3way/dev")
    assert [str(fault) for fault in three.faults] == ["twitter_semeval2017/dev:2: is empty when cleaned"]
    assert len(cleanings) == 4  # once: the cache answered the second time


@pytest.mark.shared
def test_the_data_sets_are_those_of_semeval_cleaned() -> None:
    two, three, raw = load("tweets", "dev"), load("tweets_3way", "dev"), load("twitter_semeval2017", "dev")
    assert (two.labels, three.labels) == (("negative", "positive"), ("negative", "neutral", "positive"))
    assert (two.name, three.name) == ("tweets/dev", "tweets_3way/dev")
    for cleaned, original in zip(three.examples[:200], raw.examples[:200], strict=True):
        assert cleaned == replace(original, text=clean_tweet(original.text))
    assert [e.text for e in two] == [e.text for e in three if e.label != 1]
