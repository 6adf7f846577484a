"""turncoat transfer run | ensembles | show, and what it reads and writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turncoat.cli.app import app
from turncoat.data.resources import is_here
from turncoat.errors import UsageError
from turncoat.intervals import Interval
from turncoat.studies.tables import Number, Table
from turncoat.studies.transfer.entries import find_entries
from turncoat.studies.transfer.folder import StudyFolder
from turncoat.studies.transfer.timing import paces, projection, times_table

needs_wordnet = pytest.mark.skipif(not is_here("wordnet"), reason="needs WordNet: apt-get install wordnet-base")
MODEL = """
def judge(likes):
    def predict(texts):
        scores = [sum(likes.get(w.strip(".,!").lower(), 0) for w in t.split()) for t in texts]
        return [[1 / (1 + 2.718 ** (4 * s)), 1 - 1 / (1 + 2.718 ** (4 * s))] for s in scores]
    predict.labels = ("boring", "lively")
    return predict

first = judge({"good": 1.0, "funny": 0.7, "bad": -1.0, "dull": -0.7})
again = judge({"good": 0.9, "funny": 0.8, "bad": -1.1, "dull": -0.6, "amusing": 0.5})
other = judge({"good": 0.4, "fun": 0.4, "funny": 0.9, "amusing": 0.8, "dull": -1.0, "bad": -0.2})
third = judge({"good": 1.2, "well": 0.3, "funny": 0.2, "bad": -0.5, "dull": -0.2})
turned = judge({})
turned.labels = ("lively", "boring")
"""
ROWS = ["a good film,lively", "a funny film,lively", "a bad film,boring", "the film is dull,boring", "good fun,lively"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "judges.py").write_text(MODEL)
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *ROWS]) + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "judges", raising=False)
    return tmp_path


def turncoat(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["transfer", *words], env={"COLUMNS": "200"})
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


VICTIMS = ("CNN-W-Random-1=judges:first,judges:again", "BERT=judges:other", "ours=judges:third")
RUN = ("run", "reviews.csv", *VICTIMS, "-n", "5", "-a", "pwws", "--slow-examples", "BERT=3", "--out", "study")


@needs_wordnet
def test_a_study_is_run_shown_and_enlarged_by_ensembles(here: Path) -> None:
    assert "transfer show study" in turncoat(*RUN)
    turncoat(*RUN)  # goes on, and has nothing to do
    turncoat("ensembles", "study", "--sizes", "2")
    shown = turncoat("show", "study", "--report", "results", "--draws", "100")
    assert "sub-zoo (3 models; not of the 63: ours)" in shown
    assert "CNN-W-Random-1" in shown
    assert "all sets" in shown
    assert "Projection to the zoo" in shown
    page = (here / "results/README.md").read_text()
    assert "![heat-map](pwws/heat-map.svg)" in page
    assert "![figure-1](pwws/figure-1.svg)" in page
    assert (here / "results/pwws/table-3.csv").is_file()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "reviews.csv", "judges:first", "judges:turned", "--out", "s", "-n", "5"), "lively, boring"),
        (("run", "reviews.csv", "A=judges:first", "A=judges:other", "--out", "s"), "each name once, got A again"),
        (("run", "reviews.csv", "judges:first", "-a", "pws", "--out", "s"), "did you mean 'pwws'"),
        (("run", "reviews.csv", "judges:first", "--slow-examples", "B", "--out", "s"), "NAME=200, got 'B'"),
        (("run", "reviews.csv", ".", "--out", "s"), "expected a zoo"),
        (("show", "."), "is no transfer study"),
        (("ensembles", "s", "--sizes", "two"), "--sizes such as 2-7"),
    ],
)
def test_what_cannot_work_says_why(here: Path, words: tuple[str, ...], says: str) -> None:
    assert says in turncoat(*words, code=2)


@needs_wordnet
def test_models_join_a_study_that_is_there(here: Path) -> None:
    turncoat(*RUN[:2], *VICTIMS[:2], *RUN[5:])
    turncoat("run", "reviews.csv", VICTIMS[2], "-n", "5", "-a", "pwws", "--out", "study")
    study = StudyFolder(here / "study")
    assert [model.name for model in study.arm("pwws").models()] == ["CNN-W-Random-1", "BERT", "ours"]
    assert study.description()["source"]["slow"] == {"pwws": {"BERT": 3}}
    turncoat("run", "reviews.csv", VICTIMS[2], "-n", "5", "-a", "random", "--slow-examples", "ours=2", "--out", "study")
    assert study.description()["source"]["slow"] == {"pwws": {"BERT": 3}, "random": {"ours": 2}}
    assert [model.name for model in study.arm("random").models()] == ["ours"]  # nobody else is attacked by it


@needs_wordnet
def test_a_victim_that_is_not_there_is_told_at_the_end(here: Path) -> None:
    told = turncoat(
        "run", "reviews.csv", "A=judges:first", "B=judges:nobody", "-n", "5", "-a", "pwws", "--out", "s", code=1
    )
    assert "failed: B, loading instance a" in told
    assert (here / "s/pwws/record.npz").is_file()


class TestEntries:
    def test_zoos_models_and_victims(self, tmp_path: Path) -> None:
        for folder in ("zoo/MiniLM/a", "zoo/CNN-W-GloVe-1/a", "zoo/CNN-W-GloVe-1/b", "zoo/LSTM-W-Random-1/b", "mine"):
            (tmp_path / folder).mkdir(parents=True)
            (tmp_path / folder / "card.toml").touch()
        zoo, mine = tmp_path / "zoo", str(tmp_path / "mine")
        found = find_entries([mine, str(zoo)])
        assert [entry.model.name for entry in found] == ["CNN-W-GloVe-1", "MiniLM", "mine"]
        assert (found[0].first, found[0].second) == (str(zoo / "CNN-W-GloVe-1/a"), str(zoo / "CNN-W-GloVe-1/b"))
        assert (found[1].second, found[2].first) == (None, mine)
        (one,) = find_entries([str(zoo / "CNN-W-GloVe-1")])
        assert one == found[0]
        (untrained,) = find_entries([str(zoo / "LSTM-W-Random-1")])  # noted as failed by the study
        assert untrained.first == str(zoo / "LSTM-W-Random-1/a")
        (named,) = find_entries([f"BERT={mine},other:function"])
        assert (named.model.family, named.first, named.second) == ("BERT", mine, "other:function")

    def test_names_are_names_of_folders(self) -> None:
        with pytest.raises(UsageError, match="a name that a folder may have"):
            find_entries(["a/b=c"])
        with pytest.raises(UsageError, match="got none"):
            find_entries([])


def test_tables_keep_numbers_for_machines_and_show_them_to_people() -> None:
    number = Number(Interval(1 / 3, 0.25, 0.5, "Wilson"), mark="*")
    table = Table("t", "A table", ("who", "rate"), (("a|b", number), ("c", Number(None))), ("A note.",))
    assert table.markdown().splitlines()[2:6] == [
        "| who | rate |", "| --- | --- |", "| a\\|b | 0.333* (0.250 to 0.500) |", "| c | – |",
    ]  # fmt: skip
    assert table.csv().splitlines() == [
        'who,rate,"rate, low","rate, high","rate, mark"',
        "a|b,0.3333333333333333,0.25,0.5,*",
        "c,,,,missing",
    ]


class TestTimes:
    TIMES = (
        {"part": "attack", "model": "CNN-W-GloVe-1", "seconds": 99.0, "processor": 10.0, "examples": 60, "texts": 1000},
        {
            "part": "attack",
            "model": "CNN-W-GloVe-1",
            "seconds": 99.0,
            "processor": 8.0,
            "examples": 30,
            "texts": 1000,
        },  # after a break
        {
            "part": "attack",
            "model": "CNN-C-Random-2",
            "seconds": 99.0,
            "processor": 80.0,
            "examples": 100,
            "texts": 1000,
        },
        {"part": "scoring", "model": "CNN-W-GloVe-1.a", "seconds": 99.0, "processor": 2.0, "texts": 900},
        {"part": "scoring", "model": "CNN-W-GloVe-1.b", "seconds": 99.0, "processor": 1.0, "texts": 100},
        {"part": "scoring", "model": "CNN-C-Random-2.a", "seconds": 99.0, "processor": 4.0, "texts": 1000},
    )

    def test_the_pace_is_over_all_processes(self) -> None:
        attack, scoring = paces(self.TIMES, "attack", "examples"), paces(self.TIMES, "scoring", "texts")
        assert {model.name: pace.each for model, pace in attack.items()} == {
            "CNN-W-GloVe-1": 0.2,
            "CNN-C-Random-2": 0.8,
        }
        assert {model.name: pace.each for model, pace in scoring.items()} == {
            "CNN-W-GloVe-1": 0.003,
            "CNN-C-Random-2": 0.004,
        }

    def test_the_zoo_at_that_pace(self) -> None:
        """CNNs of words: .2 s a layer, 4 embeddings of 1 + 2 + 4 + 6 layers, 10.4 s an example; of characters, .4 s a
        layer, 5.2 s (.8 of them measured); ELMo, the mean of both, .3 s a layer, 3.9 s. In all 19.5 s, 1000 times."""
        told = projection(paces(self.TIMES, "attack", "examples"), paces(self.TIMES, "scoring", "texts"))
        assert "5.4 to attack 24 of 63 models" in told
        assert "nothing here tells of 39 models" in told
        assert "projection" in times_table(self.TIMES, "here").notes[1].lower()
