"""Reading data: SQuAD's form, what is left out, splits by article; and SQuAD's own F1 and exact match."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from turncoat.data.reading import ReadingDataset, ReadingExample
from turncoat.data.squad import cut_by_article, load_squad, read_questions, read_squad
from turncoat.errors import BrokenData, UnknownName, UsageError
from turncoat.goals.answer_overlap import exact, expected_f1, f1, normalised
from turncoat.registry import READING_DATASETS

CONTEXT = "Ann Lee won in Rome. Ann won in 1999."


def asked(number: str, *answers: tuple[str, int], question: str = "Who won?") -> dict[str, Any]:
    return {
        "id": number,
        "question": question,
        "answers": [{"text": text, "answer_start": start} for text, start in answers],
    }


def written(path: Path, *questions: dict[str, Any]) -> Path:
    content = {"version": "1.1", "data": [{"title": "Ann", "paragraphs": [{"context": CONTEXT, "qas": [*questions]}]}]}
    path.write_bytes(
        json.dumps(content).encode() if path.suffix == ".json" else lzma.compress(json.dumps(content).encode())
    )
    return path


# --- files ---


@pytest.mark.parametrize("name", ["own.json", "own.json.xz"])
def test_a_file_of_squads_form_is_read(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, asked("q1", ("Ann Lee", 0), ("Ann", 21)))
    dataset = read_questions(str(path))
    assert dataset.examples == (ReadingExample("q1", CONTEXT, "Who won?", ("Ann Lee", "Ann"), (0, 21), "Ann"),)
    assert (dataset.name, dataset.source, dataset.faults) == (name, str(path), ())


def test_unusable_questions_are_told(tmp_path: Path) -> None:
    path = written(
        tmp_path / "own.json",
        asked("q1", ("Ann", 0)), asked("q1", ("Ann", 0)), asked("q2"), asked("q3", ("Ann", 1)), asked("q4", ("Bob", 0)),
        asked("q5", ("Ann", 0), question=" "), asked("q6", ("Ann", -37)), asked("q7", ("", 0)),
    )  # fmt: skip
    dataset = read_squad(path)
    assert [example.id for example in dataset] == ["q1"]
    assert [str(fault) for fault in dataset.faults] == [
        "own.json:2: there is already a question 'q1'",
        "own.json:3: q2: no answer in the paragraph",
        "own.json:4: q3: the paragraph has no answer 'Ann' at character 1",
        "own.json:5: q4: the paragraph has no answer 'Bob' at character 0",
        "own.json:6: q5: the question is empty",
        "own.json:7: q6: the paragraph has no answer 'Ann' at character -37",
        "own.json:8: q7: the paragraph has no answer '' at character 0",
    ]
    with pytest.raises(BrokenData, match=r"7 broken questions, 1 fine ones; the first .* own\.json:2"):
        read_squad(path, strict=True)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    for content in ("{", "[]", '{"data": [{"paragraphs": [{}]}]}', '{"data": 3}'):
        path.write_text(content)
        with pytest.raises(BrokenData, match=r'expected \{"data"'):
            read_squad(path)
    path.write_text('{"data": []}')
    with pytest.raises(BrokenData, match="0 fine ones"):
        read_squad(path)
    with pytest.raises(UsageError, match="found none"):
        read_questions(str(tmp_path / "absent.json"))
    with pytest.raises(UnknownName, match="did you mean 'squad'"):
        read_questions("squat")


# --- splits ---


def tiny(articles: int, questions: int) -> ReadingDataset:
    return ReadingDataset(
        "tiny",
        tuple(
            ReadingExample(f"{i}", CONTEXT, "Who?", ("Ann",), (0,), f"title {i % articles}") for i in range(questions)
        ),
    )


def test_no_article_is_in_two_splits() -> None:
    dataset = tiny(20, 200)
    parts = {split: cut_by_article(dataset, split) for split in ("train", "dev", "test")}
    assert {split: len(part) for split, part in parts.items()} == {"train": 140, "dev": 20, "test": 40}
    owners = Counter(article for part in parts.values() for article in {example.article for example in part})
    assert set(owners.values()) == {1}
    assert len(owners) == 20
    assert sorted(e.id for part in parts.values() for e in part) == sorted(e.id for e in dataset)
    assert parts["dev"].name == "tiny/dev"
    assert {e.article for e in parts["test"]} == {"title 9", "title 13", "title 17", "title 3"}  # for ever


def test_too_few_articles_for_three_splits() -> None:
    with pytest.raises(UsageError, match="expected articles for three splits, got only 2"):
        cut_by_article(tiny(2, 10), "train")


def test_samples_keep_the_order_and_the_seed() -> None:
    dataset = tiny(3, 50)
    sample = dataset.sample(10, 4)
    ids = [int(example.id) for example in sample]
    assert ids == sorted(set(ids))
    assert sample == dataset.sample(10, 4) != dataset.sample(10, 5)
    assert dataset.sample(None, 0) is dataset
    with pytest.raises(UsageError, match="1 to 50"):
        dataset.sample(51, 0)


@pytest.mark.parametrize("name", READING_DATASETS.names())
def test_every_reading_data_set_is_described_and_checks_its_split(name: str) -> None:
    loader = READING_DATASETS.get(name)
    assert "splits train" in (loader.__doc__ or "").partition("\n")[0]
    with pytest.raises(UsageError, match="no split 'validation'"):
        loader("validation")


@pytest.mark.shared
def test_squad_is_whole_and_cut_by_article() -> None:
    parts = {split: load_squad(split) for split in ("train", "dev", "test")}
    articles = {split: {example.article for example in part} for split, part in parts.items()}
    assert {split: (len(part), len(articles[split])) for split, part in parts.items()} == {
        "train": (7166, 33), "dev": (1249, 3), "test": (2155, 12),
    }  # fmt: skip
    assert sum(len(example.answers) for part in parts.values() for example in part) == 34_726
    assert not any(part.faults for part in parts.values())
    assert "Super_Bowl_50" in articles["dev"]
    assert parts["test"].name == "squad/test"


# --- the official metric ---


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("The  Norman\tConquest!", "norman conquest"),
        ("a, the... an", ""),
        ("state-of-the-art", "stateoftheart"),  # punctuation goes before the articles
        ("the-end", "theend"),
        ("«the» café…", "« » café…"),  # only ASCII punctuation is dropped
        ("İstanbul", "i̇stanbul"),
        ("U.S.", "us"),
        ("An A-Team", "ateam"),
        ("", ""),
    ],
)
def test_normalisation(answer: str, kept: str) -> None:
    assert normalised(answer) == kept


def test_f1_counts_repeated_words_once_each() -> None:
    assert f1("Saint Bernadette Soubirous", ["Bernadette Soubirous"]) == pytest.approx(0.8)  # p = 2/3, r = 1
    assert f1("new new york", ["New York, New York"]) == pytest.approx(2 * 1 * 0.75 / 1.75)  # shared: new new york
    assert f1("york york york", ["New York"]) == pytest.approx(0.4)  # p = 1/3, r = 1/2
    assert f1("in 1999", ["1066"]) == 0


def test_the_nearest_gold_answer_counts() -> None:
    assert f1("Lee", ["Ann Lee", "Lee Ann Kim"]) == pytest.approx(2 / 3)
    assert exact("the lee", ["Ann Lee", "Lee."])
    assert not exact("Ann", ["Ann Lee"])
    assert f1("Ann", []) == 0


def test_nothing_left_matches_exactly_but_has_no_f1() -> None:
    assert exact("the", ["A."])
    assert f1("the", ["A."]) == 0
    assert f1("", ["Ann"]) == 0


def test_expected_f1_is_the_mean_over_likely_answers() -> None:
    likely = [("Ann", 0.5), ("Lee Kim", 0.2), ("Rome", 0.1)]
    assert expected_f1(likely, ["Ann Lee"]) == pytest.approx(0.5 * 2 / 3 + 0.2 * 0.5)
