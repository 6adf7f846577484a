"""Training a reader: it learns, comes back the same, goes on after being killed, and learns from the right tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from readers import reader_folder, who_dataset
from turncoat.cli.app import app
from turncoat.data.reading import ReadingDataset, ReadingExample
from turncoat.engine.query import Asked
from turncoat.errors import BrokenData, UsageError
from turncoat.models.card import FILE, Card, read_card, write_card
from turncoat.models.reader import load_reader
from turncoat.models.transformer_reader import load_parts
from turncoat.models.windows import Reach
from turncoat.text import Text
from turncoat.training.answer_windows import AnswerWindows
from turncoat.training.checkpoint import Checkpoint
from turncoat.training.reader import train_reader, unfinished
from turncoat.training.reader_recipe import ReaderRecipe
from turncoat.training.reader_test import scores

REACH = Reach(max_tokens=24, overlap=6, question_tokens=8, most_pieces=5)
TRAIN, DEV, TEST = who_dataset("train", 96, 2), who_dataset("dev", 24, 3), who_dataset("test", 30, 4)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> ReaderRecipe:
    folder = reader_folder(tmp_path_factory.mktemp("backbone"), head=False)
    return ReaderRecipe(backbone=str(folder), reach=REACH, epochs=3, batch=8, rate=1e-2, bfloat16=False)


def trained(folder: Path, recipe: ReaderRecipe, progress: Callable[..., None] = lambda *_: None) -> Card:
    return train_reader(TRAIN, DEV, TEST, folder, recipe, 5, progress, "turncoat train reader")


def test_learns_and_comes_back_the_same(recipe: ReaderRecipe, tmp_path: Path) -> None:
    card = trained(tmp_path / "reader", recipe)
    assert card == read_card(tmp_path / "reader")
    test = card.training["test"]
    assert test["f1"]["low"] <= test["f1"]["mean"] <= test["f1"]["high"]
    assert test["f1"]["mean"] > 0.9
    assert (test["n"], test["articles"], card.training["rows"], card.kind) == (30, 7, 96, "reader")
    assert len(card.training["dev_f1"]) == 3
    reader = load_reader(str(tmp_path / "reader"))
    assert reader.reach == REACH
    assert round(float(scores(reader, TEST)[:, 0].mean()), 4) == test["f1"]["mean"]
    (found,) = reader.read([[Asked(Text("the old film was made by carl again."), "Who was it?")]])[0]
    assert found.answer == "carl"
    assert not unfinished(tmp_path / "reader").exists()
    with pytest.raises(UsageError, match="does not exist yet"):
        trained(tmp_path / "reader", recipe)


@pytest.mark.parametrize(("often", "first"), [(True, (3, 4)), (False, (3, 1))])
def test_a_killed_training_goes_on_as_if_nothing_had_happened(
    often: bool, first: tuple[int, int], recipe: ReaderRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoint, "due", often)
    whole = trained(tmp_path / "whole", recipe)

    def killed(epoch: int, step: int, steps: int, loss: float) -> None:
        if (epoch, step) == (3, 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "killed", recipe, killed)
    assert not (tmp_path / "killed").exists()
    with pytest.raises(UsageError, match="same data, recipe and seed"):
        trained(tmp_path / "killed", replace(recipe, rate=1e-3))
    seen = []
    again = trained(tmp_path / "killed", recipe, lambda epoch, step, *_: seen.append((epoch, step)))
    assert seen[0] == first
    assert (again.sha256, again.training["dev_f1"]) == (whole.sha256, whole.training["dev_f1"])


def test_targets_are_the_annotators_spans(recipe: ReaderRecipe) -> None:
    tokenizer = load_parts(Path(str(recipe.backbone)), new_head=True)[1]
    text = "rain again. anna was in the old film about rain."
    spans = (("anna", 12), ("anna", 12), ("the old film", 24), ("an", 12))
    example = ReadingExample("1", text, "who?", *(tuple(column) for column in zip(*spans, strict=True)))
    windows = AnswerWindows(ReadingDataset("one", (example,)), tokenizer, REACH)
    inputs = windows.inputs(np.array([0]))
    pieces = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
    targets = windows.targets(np.array([0]), inputs)[0]
    # "an" is no whole piece: it is taken for "anna"
    assert {(pieces[i], float(targets[0, i])) for i in targets[0].nonzero()[:, 0]} == {("anna", 0.75), ("the", 0.25)}
    assert {(pieces[i], float(targets[1, i])) for i in targets[1].nonzero()[:, 0]} == {("anna", 0.75), ("film", 0.25)}


def test_windows_without_an_answer_are_not_learnt_from(recipe: ReaderRecipe) -> None:
    tokenizer = load_parts(Path(str(recipe.backbone)), new_head=True)[1]
    text = "anna " + "rain " * 40
    example = ReadingExample("1", text, "who?", ("anna",), (0,))
    assert len(AnswerWindows(ReadingDataset("one", (example,)), tokenizer, REACH).lengths) == 1
    with pytest.raises(UsageError, match="expected questions to learn from"):
        AnswerWindows(ReadingDataset("none", ()), tokenizer, REACH)


def test_other_cards_are_refused(recipe: ReaderRecipe, tmp_path: Path) -> None:
    folder = reader_folder(tmp_path)
    write_card(Card("cnn", ("a", "b")), folder)
    with pytest.raises(UsageError, match="expected a reader"):
        load_reader(str(folder))
    write_card(Card("reader", ()), folder)
    with pytest.raises(BrokenData, match="reach"):
        load_reader(str(folder))


def test_the_command_trains_on_a_file_of_squads_form(recipe: ReaderRecipe, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    articles: dict[str, list[ReadingExample]] = {}
    for example in TRAIN:
        articles.setdefault(example.article, []).append(example)
    content = [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": e.text,
                    "qas": [{
                        "id": e.id, "question": e.question,
                        "answers": [{"text": a, "answer_start": s} for a, s in zip(e.answers, e.starts, strict=True)],
                    }],
                }
                for e in examples
            ],
        }
        for title, examples in articles.items()
    ]  # fmt: skip
    file.write_text(json.dumps({"data": content}))
    settings = [
        f"backbone={recipe.backbone}", "epochs=1", "batch=8", "bfloat16=false", "reach.max_tokens=24",
        "reach.overlap=6", "reach.question_tokens=8",
    ]  # fmt: skip
    arguments = ["train", "reader", str(file), "--out", str(tmp_path / "out"), "-n", "20"]
    done = CliRunner().invoke(app, [*arguments, *(part for setting in settings for part in ("--set", setting))])
    assert done.exit_code == 0, done.output
    assert "test F1" in done.output
    assert read_card(tmp_path / "out").training["rows"] == 20
    assert FILE in {path.name for path in (tmp_path / "out").iterdir()}
