"""`turncoat harden` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from turncoat import api
from turncoat.cli.app import app
from turncoat.data.resources import is_here
from turncoat.models.loading import load_victim

OPTIONS = ("-n", "8", "-a", "pwws", "--share", "0.5")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "publish", lambda run: run.folder.write("summary.json", "{}"))  # slow, tested elsewhere
    lines = [
        f"the movie <i>number</i> {i},lively\nthe film number {i},dull" for i in range(60)
    ]  # synonyms, for WordNet
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    return tmp_path


def turncoat(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.mark.skipif(not is_here("wordnet"), reason="needs WordNet: apt-get install wordnet-base")
def test_hardens_and_reports_and_goes_on(here: Path) -> None:
    assert turncoat("train", "linear", "reviews.csv", "--out", "victim").exit_code == 0
    done = turncoat("harden", "victim", "reviews.csv", "--out", "hard", *OPTIONS)
    assert done.exit_code == 0, done.output
    assert all(word in done.output for word in ("hardened", "control", "vs. victim", "report: hard/report.html"))
    assert load_victim("hard").labels == ("dull", "lively")
    report = (here / "hard/report.html").read_text()
    assert "<i>number" not in report
    assert "accuracy under attack" in report
    numbers = json.loads((here / "hard/hardening.json").read_text())
    assert turncoat("harden", "victim", "reviews.csv", "--out", "hard", *OPTIONS).exit_code == 0
    again = json.loads((here / "hard/hardening.json").read_text())
    assert (again["rows"], again["costs"]) == (numbers["rows"], numbers["costs"])
    other = turncoat("harden", "victim", "reviews.csv", "--out", "hard", *OPTIONS, "--seed", "1")
    assert other.exit_code == 2
    assert "plan.seed: 0 there, 1 asked for" in other.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("my_model:predict",), "--recipe"),
        (("my_model:predict", "--recipe", "linear"), "as DATA"),
        (("my_model:predict", "reviews.csv", "--recipe", "perceptron"), "cnn, "),
        (("my_model:predict", "reviews.csv", "--recipe", "linear", "--method", "at"), "use augment"),
        (("my_model:predict", "reviews.csv", "--recipe", "linear", "--from", "pwvs"), "did you mean 'pwws'"),
        (("my_model:predict", "reviews.csv", "--recipe", "linear", "--share", "2"), "share in (0, 1]"),
        (("my_model:predict", "reviews.csv", "--recipe", "linear", "-a", "pwws", "-a", "pwws"), "each once"),
    ],
)
def test_requests_that_cannot_work(here: Path, words: tuple[str, ...], says: str) -> None:
    (here / "my_model.py").write_text(
        "def predict(texts):\n    return [[0.4, 0.6] for text in texts]\npredict.labels = ('dull', 'lively')\n"
    )
    done = turncoat("harden", *words, "--out", "hard")
    assert done.exit_code in (2, 3), done.output
    assert says in " ".join(done.output.split())
    assert not (here / "hard/card.toml").exists()
