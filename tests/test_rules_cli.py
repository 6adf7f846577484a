"""turncoat rules mine | apply | show, and texts that turn many victims."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turncoat.cli.app import app
from turncoat.data.resources import is_here
from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.evaluation.universality import universality

needs_wordnet = pytest.mark.skipif(not is_here("wordnet"), reason="needs WordNet: apt-get install wordnet-base")
MODEL = """
LIVELY = {"good": 1.0, "funny": 0.7, "film": 0.05, "bad": -1.0, "dull": -0.7}

def predict(texts):
    scores = [0.1 + sum(LIVELY.get(w.strip(".,!").lower(), 0) for w in t.split()) for t in texts]
    return [[1 / (1 + 2.718 ** (4 * s)), 1 - 1 / (1 + 2.718 ** (4 * s))] for s in scores]

predict.labels = ("boring", "lively")

def second(texts):
    return predict(texts)

second.labels = ("lively", "boring")
"""
ROWS = ["a good film,lively", "a funny film,lively", "a bad film,boring", "the film is dull,boring", "good fun,lively"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ruled_model.py").write_text(MODEL)
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *ROWS]) + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "ruled_model", raising=False)
    return tmp_path


def turncoat(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["rules", *words], env={"COLUMNS": "200"})
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


MINE = ("mine", "reviews.csv", "--victim", "ruled_model:predict", "--set", "min_count=1", "--out", "book.json")


@needs_wordnet
def test_rules_are_mined_shown_and_applied(here: Path) -> None:
    assert "rules" in turncoat(*MINE)
    table = json.loads((here / "book.json").read_text())
    assert table["labels"] == ["boring", "lively"]
    assert table["provenance"]["victims"][0][0] == "ruled_model:predict"
    shown = turncoat("show", "book.json", "--label", "lively", "--top", "3")
    assert "good →" in shown
    assert "bad →" not in shown
    told = turncoat("show", "book.json", "--data", "reviews.csv", "--by-pmi")
    assert "PMI lively" in told
    assert "Spearman" in told
    assert "5 of 5 texts" in told

    changed = turncoat("apply", "book.json", "--text", "A Good film.", "--label", "lively", "--cap", "0.4").strip()
    assert changed.startswith("A ")
    assert "Good" not in changed
    turncoat("apply", "book.json", "reviews.csv", "--out", "changed.jsonl")
    rows = [json.loads(line) for line in (here / "changed.jsonl").read_text().splitlines()]
    assert [row["original"] for row in rows] == [row.rpartition(",")[0] for row in ROWS]
    assert all(row["changed_words"] == 1 for row in rows)

    scored = turncoat(
        "apply", "book.json", "reviews.csv", "--victim", "ruled_model:predict", "--victim", "ruled_model:second",
        "--out", "runs",
    )  # fmt: skip
    assert "oblivious" in scored
    assert "incremental" in scored
    assert "texts turn all victims" in scored
    lines = (here / "runs/ruled_model-predict/oblivious/outcomes.jsonl").read_text().splitlines()
    assert sum(json.loads(line)["status"] == "success" for line in lines) > 0
    assert json.loads(lines[0])["queries"] == 1  # the clean text; the rules themselves asked nothing


@needs_wordnet
def test_pmi_rules_need_no_victim(here: Path) -> None:
    turncoat("mine", "reviews.csv", "--pmi", "paper", "--set", "min_count=1", "--out", "pmi.json")
    assert json.loads((here / "pmi.json").read_text())["provenance"]["victims"] == []


@needs_wordnet
def test_applying_loads_no_model(here: Path) -> None:
    turncoat(*MINE)
    program = (
        "import sys; from turncoat.cli.app import app\n"
        "app(['rules', 'apply', 'book.json', 'reviews.csv', '--out', 'changed.jsonl'], standalone_mode=False)\n"
        "sys.exit(bool({'torch', 'transformers', 'ruled_model'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (here / "changed.jsonl").is_file()


BOOK = {
    "format": "turncoat rules",
    "version": 9,
}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("mine", "reviews.csv", "--out", "b.json"), 2, "either --victim or --pmi, got neither"),
        (("mine", "reviews.csv", "--pmi", "raw", "--out", "b.json"), 2, "paper, standard"),
        ((*MINE, "--set", "score=odds"), 2, "score"),
        ((*MINE, "--set", "min_cuont=2"), 2, "did you mean 'min_count'"),
        (("apply", "nothing.json", "reviews.csv"), 2, "found none"),
        (("apply", "book.json", "reviews.csv"), 2, "version 1, got 9"),
        (("apply", "book.json", "reviews.csv", "--cap", "3"), 2, "cap in (0, 1]"),
        (("show", "book.json", "--by-pmi"), 2, "--data"),
        (("show", "cut.json"), 1, "not whole"),
    ],
)
def test_what_cannot_work_says_why(here: Path, words: tuple[str, ...], code: int, says: str) -> None:
    (here / "book.json").write_text(json.dumps(BOOK))
    (here / "cut.json").write_text(json.dumps(BOOK)[:-3])
    assert says in turncoat(*words, code=code)


@needs_wordnet
def test_rules_of_other_classes_are_refused(here: Path) -> None:
    turncoat(*MINE)
    (here / "news.csv").write_text("text,label\nrain,weather\ngoal,sport\n")
    assert "not for sport, weather" in turncoat("apply", "book.json", "news.csv", code=2)
    assert "boring, lively" in turncoat("apply", "book.json", "--text", "good", "--label", "sport", code=2)


def run(name: str, *statuses: str, text: str = "b") -> Run:
    outcomes = [
        Outcome(str(i), 0, status, "", "a", "a" if status == "skipped" else text, (), 1, 1, 1, 0)  # type: ignore[arg-type]
        for i, status in enumerate(statuses)
    ]
    return Run(name, {}, ("x", "y"), outcomes)


def test_universality_by_hand() -> None:
    # Text 0 turns both, text 1 one of two, text 2 the only one that read it rightly, text 3 none; nobody read text 4.
    first = run("1", "success", "success", "skipped", "failed", "skipped")
    second = run("2", "success", "failed", "success", "failed", "skipped")
    found = universality([first, second])
    assert (found.victims, found.texts) == (2, 4)
    assert [share.estimate for share in found.shares if share] == [0.5, 0.5, 0.75]
    assert [outcome.id for outcome in found.universal] == ["0"]
    with pytest.raises(UsageError, match="other examples"):
        universality([first, run("2", "success")])
    with pytest.raises(UsageError, match="different texts"):
        universality([first, run("2", *["success"] * 5, text="c")])
    with pytest.raises(UsageError, match="at least one"):
        universality([])
