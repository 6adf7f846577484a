"""AddSent and AddOneSent against transcripts by hand, and the kit for people's approval."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from readers import ToyReader, mislead
from test_addsent_steps import WORLD
from toys import World, search
from turncoat.attacks.add_sent import AddSent, add_one_sent, add_sent_mod
from turncoat.cli.app import app
from turncoat.data.super_bowl import ANSWER, MISLED, PARAGRAPH, PUBLISHED, QUESTION
from turncoat.errors import BrokenData, UsageError
from turncoat.evaluation.rating.approval import (
    Candidate,
    approved,
    count_votes,
    write_approved,
    write_ballot,
    write_repair_kit,
)

FIRST = "Jeff Dean is the name of the quarterback who was 37 in Champ Bowl XXXIV."
SECOND = "The name of the quarterback who was 37 in Champ Bowl XXXIV is Jeff Dean."


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.attacks.add_sent.open_knowledge", lambda: WORLD)


def fooled_by(*sentences: str) -> ToyReader:
    """Answers with the fake answer where one of the sentences stands, else rightly."""
    return ToyReader(lambda string: {MISLED: 1.0} if any(s in string for s in sentences) else {ANSWER: 1.0})


def test_every_sentence_is_asked_about_and_the_lowest_f1_counts() -> None:
    reader = fooled_by(SECOND)
    found, spending = mislead(AddSent(), reader, PARAGRAPH, QUESTION, (ANSWER,))
    assert reader.asked == [PARAGRAPH, f"{PARAGRAPH} {FIRST}", f"{PARAGRAPH} {SECOND}"]
    assert (str(found.text), found.reason, spending.unique) == (f"{PARAGRAPH} {SECOND}", "misled", 3)
    assert found.trace["kind"] == "AddSent-auto"
    assert found.trace["sentence"] == SECOND
    assert found.trace["steps"]["fake"] == "Jeff Dean"
    assert json.loads(json.dumps(found.trace)) == {**found.trace}


def test_equal_f1_goes_to_the_first_sentence() -> None:
    found, _ = mislead(AddSent(), fooled_by(), PARAGRAPH, QUESTION, (ANSWER,))
    assert (str(found.text), found.reason) == (f"{PARAGRAPH} {FIRST}", "exhausted")


def test_the_budget_cuts_the_sentences() -> None:
    found, spending = mislead(AddSent(), fooled_by(SECOND), PARAGRAPH, QUESTION, (ANSWER,), budget=2)
    assert (str(found.text), found.reason, spending.unique) == (f"{PARAGRAPH} {FIRST}", "budget", 2)
    found, _ = mislead(AddSent(), fooled_by(SECOND), PARAGRAPH, QUESTION, (ANSWER,), budget=1)
    assert (str(found.text), found.reason) == (f"{PARAGRAPH} {FIRST}", "budget")


def test_one_sentence_is_drawn_without_asking() -> None:
    drawn = set()
    for seed in range(8):
        reader = fooled_by()
        found, spending = mislead(add_one_sent(), reader, PARAGRAPH, QUESTION, (ANSWER,), seed=seed)
        assert (reader.asked, spending.unique, found.reason) == ([PARAGRAPH], 1, "drawn")
        drawn.add(found.trace["sentence"])
    assert drawn == {FIRST, SECOND}


def test_add_sent_mod_stands_before_the_paragraph() -> None:
    found, _ = mislead(add_sent_mod(), fooled_by(), PARAGRAPH, QUESTION, (ANSWER,))
    assert str(found.text) == f"{FIRST.replace('Jeff Dean', 'Charles Babbage')} {PARAGRAPH}"


def test_raw_sentences() -> None:
    sentences, trace = AddSent(repair="none").sentences(PARAGRAPH, QUESTION, (ANSWER,))
    assert (sentences, trace["kind"]) == ((FIRST,), "raw")


def test_the_place_of_the_answer_is_the_one_that_is_given() -> None:
    """ "19" stands first within "1900", which is a date; the answer is a number of people."""
    paragraph, question = "The 1900 fair ended. In all, 19 people came.", "How many people came from Kenya?"
    made = [
        AddSent(repair="none").sentences(paragraph, question, ("19",), starts)[1]["steps"]["answer_rule"]
        for starts in ((), (paragraph.index("19 p"),))
    ]
    assert made == ["date", "number"]


def test_a_question_without_a_sentence_keeps_its_paragraph() -> None:
    reader = fooled_by()
    found, spending = mislead(AddSent(), reader, PARAGRAPH, "Is he?", (ANSWER,))
    assert (str(found.text), found.reason, spending.unique) == (PARAGRAPH, "no sentence", 1)


def test_a_classifier_and_wrong_parameters_are_refused() -> None:
    with pytest.raises(UsageError, match="expected a reader to be misled"):
        search(AddSent(), World(lambda string: 0.9), "a text", {})
    with pytest.raises(UsageError, match="expected where to be after or before"):
        AddSent(where="under")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="expected a file of approved sentences"):
        AddSent(approved="nowhere.json").sentences(PARAGRAPH, QUESTION, (ANSWER,))


def fill(sheet: Path, column: str, answer: dict[str, str]) -> None:
    """Write answers, by sentence, into a sheet."""
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row[column] = answer.get(row["sentence"], "")
    with sheet.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_the_published_sentence_goes_through_the_kit(tmp_path: Path) -> None:
    other = Candidate("A paragraph.", "Who won?", "Jeff Dean lost.", "Jeff Dean")
    write_repair_kit([Candidate(PARAGRAPH, QUESTION, FIRST, "Jeff Dean"), other], tmp_path)
    assert len(list(tmp_path.glob("repairer-*.csv"))) == 5
    for i, mended in enumerate((PUBLISHED, FIRST, PUBLISHED), 1):
        fill(tmp_path / f"repairer-{i}.csv", "mended sentence", {FIRST: mended, "Jeff Dean lost.": "Jeff Dean lost."})
    assert write_ballot(tmp_path) == 3
    votes = [("yes", "yes", "no"), ("YES", "no", "no"), ("y", "yes", "")]
    for i, (published, first, lost) in enumerate(votes, 1):
        fill(tmp_path / f"voter-{i}.csv", "yes or no", {PUBLISHED: published, FIRST: first, "Jeff Dean lost.": lost})
    voted = count_votes(tmp_path)
    assert [(each.yes, each.no) for each in voted] == [(3, 0), (2, 1), (0, 2)]
    assert [each.candidate.sentence for each in approved(voted)] == [PUBLISHED, FIRST]
    assert [each.candidate.sentence for each in approved(voted, unanimous=True)] == [PUBLISHED]

    path = tmp_path / "approved.json"
    write_approved(approved(voted, unanimous=True), path)
    found, _ = mislead(AddSent(approved=str(path)), fooled_by(PUBLISHED), PARAGRAPH, QUESTION, (ANSWER,))
    assert (str(found.text), found.reason) == (f"{PARAGRAPH} {PUBLISHED}", "misled")
    assert found.trace["kind"] == "human-approved"
    assert AddSent(approved=str(path)).sentences("Another.", QUESTION, (ANSWER,))[0] == ()


def test_the_command_goes_from_raw_sentences_to_approved_ones(tmp_path: Path) -> None:
    start = PARAGRAPH.index(ANSWER)
    questions = [
        {"id": str(i), "question": question, "answers": [{"text": ANSWER, "answer_start": start}]}
        for i, question in enumerate((QUESTION, "Is he?"))  # for the second there is no sentence
    ]
    article = {"title": "Bowl", "paragraphs": [{"context": PARAGRAPH, "qas": questions}]}
    (tmp_path / "q.json").write_text(json.dumps({"version": "1.1", "data": [article]}))
    kit = tmp_path / "kit"

    def approve(*more: str) -> str:
        return " ".join(CliRunner().invoke(app, ["rate", "approve", str(kit), *more]).output.split())

    assert "expected an approval kit" in approve()
    assert "1 sentences in" in approve("--data", str(tmp_path / "q.json"))
    assert "already holds a kit" in approve("--data", str(tmp_path / "q.json"))
    assert "nobody has mended" in approve()
    fill(kit / "repairer-1.csv", "mended sentence", {FIRST: PUBLISHED})
    assert "1 sentences to vote on" in approve()
    assert "nobody has voted" in approve()
    for voter in (1, 2):
        fill(kit / f"voter-{voter}.csv", "yes or no", {PUBLISHED: "yes"})
    assert "1 of 1 sentences approved" in approve()
    assert AddSent(approved=str(kit / "approved.json")).sentences(PARAGRAPH, QUESTION, (ANSWER,))[0] == (PUBLISHED,)
    assert "0 of 1" in approve("--unanimous")


def test_a_question_has_five_sentences_at_most(tmp_path: Path) -> None:
    write_repair_kit([Candidate("P.", "Who?", "Jeff Dean.", "Jeff Dean")], tmp_path, repairers=7)
    for i in range(1, 8):
        fill(tmp_path / f"repairer-{i}.csv", "mended sentence", {"Jeff Dean.": f"Jeff Dean {i}."})
    assert write_ballot(tmp_path) == 5


def test_kits_refuse_what_would_spoil_them(tmp_path: Path) -> None:
    candidate = Candidate("P.", "Who?", "=Jeff Dean.", "Jeff Dean")
    with pytest.raises(UsageError, match="got 0 and 5"):
        write_repair_kit([], tmp_path)
    with pytest.raises(UsageError, match="expected an approval kit"):
        write_ballot(tmp_path)
    write_repair_kit([candidate], tmp_path, repairers=1)
    with pytest.raises(UsageError, match="already holds a kit"):
        write_repair_kit([candidate], tmp_path)
    with pytest.raises(UsageError, match="nobody has mended"):
        write_ballot(tmp_path)
    sheet = tmp_path / "repairer-1.csv"
    assert "'=Jeff Dean." in sheet.read_text("utf-8-sig")
    fill(sheet, "mended sentence", {"'=Jeff Dean.": "John Dean."})
    with pytest.raises(UsageError, match="expected the words 'Jeff Dean'"):
        write_ballot(tmp_path)
    fill(sheet, "mended sentence", {"'=Jeff Dean.": "Jeff Dean."})
    assert write_ballot(tmp_path, voters=1) == 1
    fill(tmp_path / "voter-1.csv", "yes or no", {"Jeff Dean.": "maybe"})
    with pytest.raises(UsageError, match="expected yes, no or nothing, got 'maybe'"):
        count_votes(tmp_path)


def test_a_damaged_file_of_approved_sentences(tmp_path: Path) -> None:
    path = tmp_path / "approved.json"
    path.write_text('{"sentences": [{"paragraph": "P"}]}')
    with pytest.raises(BrokenData, match="got KeyError"):
        AddSent(approved=str(path)).sentences(PARAGRAPH, QUESTION, (ANSWER,))
