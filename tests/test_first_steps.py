"""What a newcomer types: his own function, his own file, and what goes wrong with them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from toys import ToyVictim, toy_dataset
from turncoat import api
from turncoat.cli.app import app
from turncoat.data.example import Dataset, Example
from turncoat.data.files import read_file
from turncoat.data.resources import is_here
from turncoat.errors import MissingResource, UsageError
from turncoat.models.callable import CallableVictim
from turncoat.models.loading import load_victim
from turncoat.substitutions.constraints import MinSimilarity
from turncoat.tasks.classification import align, by_number

needs_wordnet = pytest.mark.skipif(not is_here("wordnet"), reason="needs WordNet: apt-get install wordnet-base")
LABELS = ToyVictim().labels
MODEL = """
def predict(texts):
    return [[0.9, 0.1] if "bad" in text or "dull" in text else [0.2, 0.8] for text in texts]
"""
ROWS = ["text,label", "a good film,good", "a dull film,poor", "a fine film,good"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "newcomer.py").write_text(MODEL)
    (tmp_path / "reviews.csv").write_text("\n".join(ROWS) + "\n")
    return tmp_path


def turncoat(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, [*words])


ATTACK = ("attack", "newcomer:predict", "reviews.csv", "--encoder", "none", "-a", "random")


class TestClasses:
    def test_the_data_may_lack_a_class_of_the_victim(self) -> None:
        only = Dataset("one", (Example("1", "a good film", 0),), (LABELS[1].upper(),))
        aligned = align(only, ToyVictim())
        assert (aligned.labels, aligned.examples[0].label) == (LABELS, 1)
        assert by_number(only, ToyVictim()) == ""

    def test_numbered_classes_take_the_victims_names(self) -> None:
        numbered = replace(toy_dataset(3), labels=("0", "1"))
        assert align(numbered, ToyVictim()) is numbered
        assert by_number(numbered, ToyVictim()) == f"0 = {LABELS[0]}, 1 = {LABELS[1]}"

    def test_other_names_are_refused(self) -> None:
        with pytest.raises(UsageError, match="up, down in the data"):
            align(replace(toy_dataset(3), labels=("up", "down")), ToyVictim())

    def test_a_text_cannot_be_turned_into_its_own_class(self) -> None:
        with pytest.raises(UsageError, match="into another class"):
            api.attack(ToyVictim(), toy_dataset(3), "random", target=LABELS[0], from_class=LABELS[0].upper())

    @needs_wordnet
    def test_the_command_says_which_class_is_which(self, here: Path) -> None:
        done = turncoat(*ATTACK)
        assert done.exit_code == 0, done.output
        assert "classes, data = victim: good = 0, poor = 1" in done.output


class TestNothingIsPretended:
    def test_without_an_encoder_similarity_cannot_be_bounded(self) -> None:
        with pytest.raises(UsageError, match="name a sentence encoder"):
            api.attack(
                ToyVictim(), toy_dataset(5), "random", candidates="wordnet", constraints=[MinSimilarity(0.1)],
                encoder=None,
            )  # fmt: skip

    def test_words_of_no_masked_language_model_are_refused_at_once(self) -> None:
        with pytest.raises(UsageError, match="asks a masked language model for words; name one"):
            api.attack(ToyVictim(), toy_dataset(3), "cea-min", candidates="masked-lm", masked_lm=None)

    def test_a_function_of_other_source_is_another_victim(self, here: Path) -> None:
        first = load_victim("newcomer:predict").fingerprint
        assert load_victim("newcomer:predict").fingerprint == first
        (here / "other").mkdir()
        (here / "other/newcomer_2.py").write_text(MODEL.replace("0.9", "0.95"))
        (here / "newcomer_2.py").write_text(MODEL)
        same = load_victim("newcomer_2:predict").fingerprint
        assert same.rsplit(":", 1)[1] == first.rsplit(":", 1)[1]  # the source is the same, the name is not
        assert same != first
        assert CallableVictim(len, ("a", "b")).fingerprint.startswith("callable:len")  # no source to be had

    @needs_wordnet
    def test_a_run_knows_where_its_victim_came_from(self, here: Path) -> None:
        done = turncoat(*ATTACK, "--out", "run")
        assert done.exit_code == 0, done.output
        assert tomllib.loads((here / "run/run.toml").read_text())["source"]["victim"] == "newcomer:predict"


class TestSmallFiles:
    @needs_wordnet
    def test_more_examples_than_there_are_means_all(self, here: Path) -> None:
        done = turncoat(*ATTACK, "-n", "500", "--out", "run")
        assert done.exit_code == 0, done.output
        assert "reviews.csv: all 3 examples" in done.output
        assert len((here / "run/outcomes.jsonl").read_text().splitlines()) == 3

    def test_long_texts_are_read(self, tmp_path: Path) -> None:
        (tmp_path / "long.csv").write_text(f"text,label\n{'word ' * 50_000},good\nshort,poor\n")
        data = read_file(tmp_path / "long.csv")
        assert (len(data), data.faults) == (2, ())

    @needs_wordnet
    def test_the_report_of_one_run_goes_where_it_is_wanted(self, here: Path) -> None:
        assert turncoat(*ATTACK, "--out", "run").exit_code == 0
        done = turncoat("report", "run", "--out", "page.html")
        assert done.exit_code == 0, done.output
        assert "newcomer" in (here / "page.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("attack", "newcomer:predict", "reviews.csv", "--budget", "0"), 2, "Invalid value"),
        (("attack", "newcomer:predict", "reviews.csv", "--live", "0"), 2, "Invalid value"),
        (("attack", "newcomer:predict", "reviews.csv", "-a", "random", "--out", "reviews.csv"), 2, "a run folder"),
        (("attack", "broken:predict", "reviews.csv"), 2, "SyntaxError"),
        (("attack", "leaves:predict", "reviews.csv"), 2, "SystemExit: 4"),
        (("attack", "says:label", "reviews.csv"), 1, "the answer is a label, 'good'; give 1 for it"),
        (("attack", "newcomer:predict", "newcomer.py"), 2, "expected a file that ends in .csv"),
        (("attack", "nowhere", "reviews.csv"), 3, "no folder 'nowhere'"),
        (("zoo", "list", "nowhere"), 2, "found none at nowhere"),
    ],
)
def test_what_goes_wrong_is_told_in_a_line(here: Path, words: tuple[str, ...], code: int, says: str) -> None:
    (here / "broken.py").write_text("def predict(:\n")
    (here / "leaves.py").write_text("import sys\nsys.exit(4)\n")
    (here / "says.py").write_text("def label(texts):\n    return ['good'] * len(texts)\n")
    done = turncoat(*words)
    assert done.exit_code == code, done.output
    assert says in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_a_reader_is_no_classifier(tmp_path: Path) -> None:
    from turncoat.models.card import Card, write_card

    (tmp_path / "model.safetensors").write_bytes(b"")
    write_card(Card("reader", ()), tmp_path)
    with pytest.raises(UsageError, match="is a reader, no classifier; name data of reading"):
        load_victim(str(tmp_path))


def test_a_model_that_is_nowhere_is_missing() -> None:
    with pytest.raises(MissingResource, match="check the path"):
        load_victim("nowhere/at-all")
