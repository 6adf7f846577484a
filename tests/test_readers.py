"""Readers answer from the paragraph, the same in any company, however long it is; and what a goal makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from readers import ToyReader, reader_folder, who_dataset
from turncoat.engine.query import Answer, Asked, Reading
from turncoat.engine.run import Task, run
from turncoat.errors import HardLabelOnly, MissingResource, UsageError, VictimError
from turncoat.goals.reading import Mislead
from turncoat.models.reader import Reader, load_reader, read, reader_responders
from turncoat.models.spans import Window, best_reading
from turncoat.models.tokens import pad
from turncoat.models.transformer_reader import TransformerReader, load_parts
from turncoat.models.windows import Reach, Windows
from turncoat.models.word_overlap_reader import WordOverlapReader
from turncoat.substitutions.constraints import MaxChanged
from turncoat.text import Text

REACH = Reach(max_tokens=20, overlap=6, question_tokens=8, most_pieces=5, likely=7)


@pytest.fixture(scope="module", params=["right", "left"])
def bert(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TransformerReader:
    folder = reader_folder(tmp_path_factory.mktemp("reader"), padding_side=request.param)
    return TransformerReader(*load_parts(folder), "tiny", REACH)


@pytest.fixture(params=["bert", "word-overlap"])
def reader(request: pytest.FixtureRequest, bert: TransformerReader) -> Reader:
    return bert if request.param == "bert" else WordOverlapReader()


def questions(size: int = 40) -> list[Asked]:
    dataset = who_dataset("who", size, seed=1)
    return [Asked(Text(e.text), f"{e.question} {'again ' * (i % 3)}") for i, e in enumerate(dataset)]


def as_tuple(reading: Reading) -> tuple[Any, ...]:
    return reading.answer, reading.start, reading.end, reading.likely


def test_alone_or_in_company_gives_the_same_bits(reader: Reader) -> None:
    asked = questions()
    together = reader.read([asked[:7], asked[7:], asked[3:5]])
    assert [len(answer) for answer in together] == [7, 33, 2]
    alone = [as_tuple(reader.read([[each]])[0][0]) for each in asked]
    assert [as_tuple(each) for answer in together[:2] for each in answer] == alone
    assert [as_tuple(each) for each in together[2]] == alone[3:5]


def test_answers_stand_where_they_are_said_to(reader: Reader) -> None:
    for asked, found in zip(questions(), read(reader, [questions()])[0], strict=True):
        assert str(asked.text)[found.start : found.end] == found.answer == found.likely[0][0] != ""
        shares = [share for _, share in found.likely]
        assert sum(shares) == pytest.approx(1, abs=1e-4)
        assert shares == sorted(shares, reverse=True)
        assert all(answer in str(asked.text) for answer, _ in found.likely)
        assert reader.visible(asked.text) == len(asked.text)


@pytest.mark.parametrize("string", ["", " ", "...", "anna"])
def test_very_short_paragraphs(reader: Reader, string: str) -> None:
    (found,) = read(reader, [[Asked(Text(string), "who was it?")]])[0]
    assert found.answer in string


def test_odd_questions(reader: Reader) -> None:
    for question in ("", "who " * 200, "�?"):
        (found,) = read(reader, [[Asked(Text("anna was in the old film."), question)]])[0]
        assert found.answer in "anna was in the old film."


# --- windows ---


def test_a_long_paragraph_makes_windows_that_overlap(bert: TransformerReader) -> None:
    text = " ".join(["rain"] * 30)
    windows = Windows(bert.tokenizer, [("who?", text), ("who?", "rain")], bert.reach)
    found = [(owner, places) for owner, _, places in windows.paragraphs()]
    assert [owner for owner, _ in found] == [0, 0, 0, 1]
    # 20 tokens less [CLS] who ? [SEP] [SEP] leave 15; the next window begins 15 - 6 = 9 words further
    assert [(places[0, 0] // 5, places[-1, 1] // 5) for _, places in found[:3]] == [(0, 14), (9, 23), (18, 29)]
    assert windows.numbers.tolist() == [0, 0, 1, 2]  # the first two have the same tokens: read once
    assert windows.lengths.tolist() == [20, 17, 6]


def test_the_best_span_is_found_in_whatever_window_it_is(bert: TransformerReader) -> None:
    for asked in questions()[::5]:
        (found,) = bert.read([[asked]])[0]
        spans: dict[tuple[int, int], float] = {}
        windows = Windows(bert.tokenizer, [(asked.question, str(asked.text))], bert.reach)
        for number, (_, inside, places) in zip(windows.numbers, windows.paragraphs(), strict=True):
            inputs = pad(bert.tokenizer, windows.rows(np.array([number])), 20)
            with torch.inference_mode():
                output = bert.model(**inputs)
            seen = np.flatnonzero(inputs["attention_mask"][0])[inside]
            starts, ends = output.start_logits[0, seen].tolist(), output.end_logits[0, seen].tolist()
            for i in range(len(inside)):
                for j in range(i, min(i + REACH.most_pieces, len(inside))):
                    place = int(places[i, 0]), int(places[j, 1])
                    spans[place] = max(starts[i] + ends[j], spans.get(place, -np.inf))
        assert spans[found.start, found.end] == pytest.approx(max(spans.values()), abs=2e-4)


def test_a_window_needs_room_beside_the_question(bert: TransformerReader) -> None:
    with pytest.raises(UsageError, match="lower overlap or question_tokens"):
        Reach().within(bert.model, bert.tokenizer)  # the model sees 32 tokens
    with pytest.raises(UsageError, match="at least 1"):
        Reach(likely=0)
    assert Reach(max_tokens=100, overlap=6, question_tokens=8).within(bert.model, bert.tokenizer).max_tokens == 32


# --- spans ---


def window(starts: list[float], ends: list[float], first: int = 0) -> Window:
    places = np.array([(3 * i, 3 * i + 2) for i in range(first, first + len(starts))])
    return Window(places, np.array(starts), np.array(ends))


def test_best_spans_by_hand() -> None:
    string = "aa bb cc dd"
    found = best_reading(string, [window([0, 2, 0, 0], [3, 0, 2, 0])], most_pieces=2, likely=3)
    # aa 3, aa bb 0, bb 2, bb cc 4, cc 2, cc dd 0, dd 0; "aa ... cc" is too long, "bb ... aa" runs backwards
    assert (found.answer, found.start, found.end) == ("bb cc", 3, 8)
    # e^0 + e^-1 + e^-2 = 1.503215; bb before cc, for it begins first
    assert [(answer, round(share, 6)) for answer, share in found.likely] == [
        ("bb cc", 0.665241), ("aa", 0.244728), ("bb", 0.090031),
    ]  # fmt: skip


def test_ties_go_to_what_begins_and_then_ends_first() -> None:
    found = best_reading("aa bb cc", [window([1, 1, 0], [1, 1, 1])], most_pieces=3, likely=5)
    assert [answer for answer, _ in found.likely] == ["aa", "aa bb", "aa bb cc", "bb", "bb cc"]


def test_a_span_in_two_windows_counts_once_with_its_better_score() -> None:
    windows = [window([0, 1], [0, 1]), window([2, 0], [2, 0], first=1)]
    found = best_reading("aa bb cc", windows, most_pieces=1, likely=9)
    assert [answer for answer, _ in found.likely] == ["bb", "aa", "cc"]
    assert found.likely[0][1] == pytest.approx(1 / (1 + 2 * np.exp(-4)))


def test_no_piece_no_answer() -> None:
    assert as_tuple(best_reading("", [window([], [])], 3, 3)) == ("", 0, 0, ())


def test_blanks_are_no_part_of_an_answer() -> None:
    seen = Window(np.array([(0, 3), (3, 6)]), np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    found = best_reading("aa  bb", [seen], most_pieces=1, likely=1)
    assert (found.answer, found.start) == ("bb", 4)


# --- the word-overlap reader ---


def test_word_overlap_by_hand() -> None:
    text = Text("The tower was built by Gustave Eiffel for a fair. Painters hated it.")
    found = WordOverlapReader().read([[Asked(text, "Who built the tower?")]])[0][0]
    # asked: built, tower. Runs: "Gustave Eiffel ... fair" 1/2 (built) + 1/4 (tower), "Painters hated" 0
    assert found.answer == "Gustave Eiffel for a fair"
    assert [answer for answer, _ in found.likely] == ["Gustave Eiffel for a fair", "Painters hated"]
    assert found.likely[0][1] == pytest.approx(1 / (1 + np.exp(-8 * 0.75)))


# --- loading ---


def test_load_reader(tmp_path: Path) -> None:
    assert isinstance(load_reader("word-overlap"), WordOverlapReader)
    with pytest.raises(UsageError, match="turncoat train reader"):
        load_reader(str(reader_folder(tmp_path / "headless", head=False)))
    with pytest.raises(MissingResource, match="--online"):
        load_reader("nobody/no-such-reader")


def test_the_fingerprint_tells_reach_and_weights(bert: TransformerReader) -> None:
    other = TransformerReader(bert.model, bert.tokenizer, "tiny", replace(REACH, most_pieces=4))
    again = TransformerReader(bert.model, bert.tokenizer, "other name", REACH)
    assert other.fingerprint != bert.fingerprint == again.fingerprint


# --- checks ---


class Broken(ToyReader):
    def __init__(self, reading: Reading, times: int = 1) -> None:
        super().__init__(lambda string: {})
        self.reading, self.times = reading, times

    def read(self, batches: Any) -> list[Any]:
        return [np.array([self.reading] * self.times + [None], object)[:-1] for _ in batches]


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        (Broken(Reading("Bob", 0, 3)), "whose answer stands in the text"),
        (Broken(Reading("Ann", 0, 3), times=2), "an answer for each question"),
        (Broken(Reading("Ann", 0, 3, (("Ann", 0.7), ("won", 0.6)))), "sum to 1 at most"),
        (Broken(Reading("Ann", 0, 3, (("Ann", float("nan")),))), "sum to 1 at most"),
        (Broken(Reading("Ann", 0, 3, (("Ann", -0.1),))), "sum to 1 at most"),
    ],
)
def test_wrong_answers_are_refused(reader: Reader, message: str) -> None:
    with pytest.raises(VictimError, match=message):
        read(reader, [[Asked(Text("Ann won."), "Who?")]])


# --- the goal ---

ANSWERS = {"Ann Lee won.": {"Ann Lee": 0.5, "won": 0.25}, "Ann won.": {"Ann": 0.9}, "Ann Lee lost.": {"lost": 1.0}}


def goal(**changes: Any) -> Mislead:
    clean = Reading("Ann Lee", 0, 7, (("Ann Lee", 0.5), ("won", 0.25)))
    return Mislead(original=Text("Ann Lee won."), question="Who?", golds=("Ann Lee",), clean=clean, **changes)


def verdict(wanted: Mislead, strings: list[str], tells: bool = True) -> tuple[list[float], list[bool]]:
    reader = ToyReader(ANSWERS.__getitem__, tells)

    async def work() -> Any:
        return await wanted.judge([Text(string) for string in strings]), await wanted.probe([Text(strings[0])])

    ((_, (found, probed)),) = run([Task("goal", work())], reader_responders(reader))
    assert probed[0] == pytest.approx(found.scores[0])
    return found.scores.tolist(), found.reached.tolist()


def test_the_score_is_one_minus_f1() -> None:
    scores, reached = verdict(goal(), [*ANSWERS])
    assert scores == pytest.approx([0, 1 / 3, 1])
    assert reached == [False, False, True]
    assert (goal().clean_score, goal().success_floor, goal().hard) == (0, 1, False)


def test_or_one_minus_expected_f1() -> None:
    scores, reached = verdict(goal(expected=True), [*ANSWERS])
    assert scores == pytest.approx([0.5, 1 - 0.9 * 2 / 3, 1])
    assert reached == [False, False, True]
    assert goal(expected=True).clean_score == 0.5
    with pytest.raises(HardLabelOnly, match="likely answers"):
        verdict(goal(expected=True), [*ANSWERS], tells=False)


def test_forbidden_texts_are_not_asked_about() -> None:
    wanted = goal(constraints=(MaxChanged(0.4),))
    reader = ToyReader(ANSWERS.__getitem__)

    async def work() -> Any:
        return await wanted.judge([Text("Bob Lee lost."), Text("Ann Lee lost.")])

    ((_, found),) = run([Task("goal", work())], reader_responders(reader))
    assert found.scores.tolist() == [-np.inf, 1.0]
    assert reader.asked == ["Ann Lee lost."]


def test_a_question_is_asked_once() -> None:
    reader = ToyReader(ANSWERS.__getitem__)

    async def work() -> Any:
        await Answer([Asked(Text("Ann won."), "Who?"), Asked(Text("Ann won."), "Who?")])
        return await Answer([Asked(Text("Ann won."), "Who?"), Asked(Text("Ann won."), "Where?")])

    list(run([Task("goal", work())], reader_responders(reader)))
    assert reader.asked == ["Ann won.", "Ann won."]


def test_an_appended_sentence_leaves_the_text_as_it_is() -> None:
    text = Text("He said: 'no' (").append(Text("mr. fish it is."))
    assert str(text) == "He said: 'no' ( mr. fish it is."
    assert (text.words, text.gaps) == (Text(str(text)).words, Text(str(text)).gaps)
    assert str(Text("").append(Text("a."))) == str(Text("a.").append(Text(""))) == "a."
    assert [change.new for change in Text("a b.").diff(Text("a b.").append(Text("c d.")))] == ["c", "d"]
