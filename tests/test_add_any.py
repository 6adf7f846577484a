"""AddAny and AddCommon against transcripts computed by hand, and on the word-overlap reader."""

from __future__ import annotations

import re
import string
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import pytest

from readers import ToyReader, mislead
from toys import World, search
from turncoat.attacks.add_any import AddAny, add_common
from turncoat.config import from_table, to_table
from turncoat.data.common_words import common_words
from turncoat.engine.query import Asked
from turncoat.errors import HardLabelOnly, UsageError
from turncoat.goals.answer_overlap import expected_f1
from turncoat.models.word_overlap_reader import WordOverlapReader
from turncoat.registry import READING_ATTACKS
from turncoat.text import Text

# The reader's doubt grows with the words of the added sentence; above 1/2 it answers with its first word.
WEIGHTS = {"the": 0.0, "of": 0.10, "and": 0.05, "to": 0.15, "who": 0.30, "won": 0.20}
PARAGRAPH, QUESTION, GOLDS = "Ann won.", "Who won?", ("Ann", "Ann Lee")
SMALL = {"words": 2, "sampled": 2, "common": 4, "epochs": 1}  # common words: the, of, and, to


def doubtful(string: str) -> dict[str, float]:
    added = Text(string.removeprefix(PARAGRAPH)).words
    doubt = round(sum(WEIGHTS[word] for word in added), 6)
    likely = {"Ann": 1 - doubt, **({added[0]: doubt} if added else {})}
    return dict(sorted(likely.items(), key=lambda entry: -entry[1]))


def test_transcript_by_hand() -> None:
    reader = ToyReader(doubtful)
    found, spending = mislead(AddAny(**SMALL), reader, PARAGRAPH, QUESTION, GOLDS, seed=3)
    assert reader.asked == [
        "Ann won.",
        "Ann won. the and.",  # seed 3 draws words 0 and 2: expected F1 = 1 - 0.05
        # positions in the order 0, 1; at 0 it draws the, to; "the and." is known
        "Ann won. to and.", "Ann won. who and.", "Ann won. won and.",  # 0.80, 0.65 (kept), 0.75
        # at 1 it draws the, of; 0.70, 0.60, 0.40: the answer is "who", F1 = 0, 0.50
        "Ann won. who the.", "Ann won. who of.", "Ann won. who who.", "Ann won. who won.",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("Ann won. who who.", "misled")
    assert found.trace == {"sentence": "who who.", "expected_f1": 0.4}
    assert (spending.unique, spending.logical) == (9, 10)


def test_transcript_of_a_second_stage_by_hand() -> None:
    reader = ToyReader(doubtful)
    attack = AddAny(**SMALL, question_words=False, particles=(1, 2))
    found, _ = mislead(attack, reader, PARAGRAPH, QUESTION, GOLDS, seed=3)
    assert reader.asked == [
        "Ann won.",
        "Ann won. the and.",
        "Ann won. to and.",  # 0.80, kept
        "Ann won. to the.", "Ann won. to of.",  # 0.85, 0.75 (kept)
        # the second stage draws a second sentence, 0.90, and the order 1, 0
        "Ann won. the of.",
        # at 1 the first draws the (known), to: 0.70, kept; the second the: 1.00, and (known, 0.95): neither is lower
        "Ann won. to to.", "Ann won. the the.",
        # at 0 the first draws of: 0.75, to (known); the second to (known, 0.75, kept), of: 0.80
        "Ann won. of to.", "Ann won. of of.",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("Ann won. to to.", "exhausted")
    assert found.trace == {"sentence": "to to.", "expected_f1": 0.7}


@pytest.mark.parametrize(
    ("budget", "text", "reason"),
    [
        (1, "Ann won.", "budget"),
        (2, "Ann won. the and.", "budget"),
        (4, "Ann won. who and.", "budget"),
        (7, "Ann won. who of.", "budget"),
        (8, "Ann won. who who.", "misled"),
    ],
)
def test_the_budget_is_used_to_its_last_question(budget: int, text: str, reason: str) -> None:
    found, spending = mislead(AddAny(**SMALL), ToyReader(doubtful), PARAGRAPH, QUESTION, GOLDS, seed=3, budget=budget)
    assert (str(found.text), found.reason) == (text, reason)
    assert spending.unique <= budget


def test_a_first_sentence_that_misleads_ends_the_search() -> None:
    reader = ToyReader(lambda string: {"won": 1.0} if string != PARAGRAPH else {"Ann": 1.0})
    found, spending = mislead(AddAny(), reader, PARAGRAPH, QUESTION, GOLDS)
    assert (found.reason, spending.unique) == ("misled", 2)
    assert len(found.trace["sentence"].split()) == 10


def test_expected_f1_falls_on_the_word_overlap_reader() -> None:
    paragraph = (
        "The tower was opened in 1889. It was built by Gustave Eiffel for the world fair in Paris, and many painters "
        "hated it at first. Today seven million people visit the tower every year."
    )
    question, golds = "Who built the tower for the world fair?", ("Gustave Eiffel",)
    reader = WordOverlapReader()
    clean = reader.read([[Asked(Text(paragraph), question)]])[0][0]
    found, spending = mislead(AddAny(), reader, paragraph, question, golds)
    assert found.reason == "misled"
    assert found.trace["expected_f1"] < 0.2 < 0.5 < expected_f1(clean.likely, golds)
    assert str(found.text) == f"{paragraph} {found.trace['sentence']}"
    assert spending.unique < 5400
    common, _ = mislead(add_common(), reader, paragraph, question, golds)
    assert not {"built", "tower", "fair"} & set(Text(common.trace["sentence"]).words)


def test_every_sentence_ends_in_one_full_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.attacks.add_any.common_words", lambda: ("mr.",))
    reader = ToyReader(lambda string: {"Ann": 1.0})
    mislead(AddAny(words=1, common=1, question_words=False), reader, PARAGRAPH, QUESTION, GOLDS)
    assert reader.asked == ["Ann won.", "Ann won. mr."]


def test_a_reader_that_keeps_its_doubts_to_itself_cannot_be_searched() -> None:
    with pytest.raises(HardLabelOnly, match="AddOneSent"):
        mislead(AddAny(**SMALL), ToyReader(doubtful, tells=False), PARAGRAPH, QUESTION, GOLDS)


def test_a_classifier_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a reader to be misled, got the goal Turn"):
        search(AddAny(), World(lambda string: 0.9), "a text", {})


@pytest.mark.parametrize("wrong", [{"words": 0}, {"words": 5, "common": 4}, {"common": 1001}, {"particles": ()}])
def test_impossible_parameters_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        AddAny(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["add-any", "add-common"])
def test_parameters_survive_a_configuration(name: str) -> None:
    attack = READING_ATTACKS.get(name)()
    assert attack.question_words == (name == "add-any")
    assert from_table(to_table(attack)) == attack


def test_common_words_are_many_and_different() -> None:
    words = common_words()
    assert words[:3] == ("the", "of", "and")
    assert len(set(words)) == len(words) == 1000


@pytest.mark.shared
def test_common_words_are_those_of_the_brown_corpus(shared: Path) -> None:
    """As NLTK packs it: `word/tag`, separated by blanks."""
    with ZipFile(shared / "data/nltk/brown.zip") as corpus:
        texts = [corpus.read(name).decode() for name in corpus.namelist() if re.fullmatch(r"brown/c[a-r]\d\d", name)]
    words = (token.rpartition("/")[0].lower() for text in texts for token in text.split())
    counts = Counter(word for word in words if word not in {*string.punctuation, "``", "''", "--"})
    assert tuple(sorted(counts, key=lambda word: (-counts[word], word))[:1000]) == common_words()
