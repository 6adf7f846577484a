"""The command line as a person or a script meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from turncoat.data.resources import is_here

pytestmark = pytest.mark.skipif(not is_here("wordnet"), reason="needs WordNet: apt-get install wordnet-base")

MODEL = """
import time

LIVELY = {"good": 1.0, "fine": 0.4, "great": 0.8, "funny": 0.7, "movie": 0.1, "film": 0.05}
delay = 0.0

def predict(texts):
    time.sleep(delay)
    scores = [0.6 * sum(LIVELY.get(w.strip(".,!").lower(), -0.1) for w in t.split()) for t in texts]
    return [[1 / (1 + 2.718 ** (4 * s)), 1 - 1 / (1 + 2.718 ** (4 * s))] for s in scores]

predict.labels = ("dull", "lively")

def slow(texts):
    time.sleep(0.05)
    return predict(texts)

slow.labels = predict.labels
"""
ROWS = [
    "a good film,lively",
    "a funny <b>movie</b>,lively",
    "the film was long,dull",
    "great fun,lively",
    "good,lively",
]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "my_model.py").write_text(MODEL)
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *ROWS]) + "\n")
    return tmp_path


def turncoat(here: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "turncoat", *words],
        cwd=here, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "200", **environment},
    )  # fmt: skip


ATTACK = ("attack", "my_model:predict", "reviews.csv", "--encoder", "none")


def test_a_run_is_kept_repeated_and_guarded(here: Path) -> None:
    done = turncoat(here, *ATTACK, "--attack", "pwws", "--out", "run")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (here / "run/outcomes.jsonl").read_text().splitlines()]
    assert len(lines) == len(ROWS)
    summary = json.loads((here / "run/summary.json").read_text())
    assert summary["n"] == len(ROWS)
    assert summary["successes"] == sum(line["status"] == "success" for line in lines) > 0
    report = (here / "run/report.html").read_text()
    assert "PWWS" in report
    assert "<b>movie</b>" not in report  # hostile text shows as text

    before = (here / "run/outcomes.jsonl").stat().st_mtime_ns
    assert turncoat(here, *ATTACK, "--attack", "pwws", "--out", "run").returncode == 0
    assert (here / "run/outcomes.jsonl").stat().st_mtime_ns == before  # nothing was asked again

    other = turncoat(here, *ATTACK, "--attack", "pwws", "--out", "run", "--seed", "1", "--budget", "9")
    assert other.returncode == 2
    assert "seed: 0 there, 1 asked for" in other.stderr
    assert "budget: None there, 9 asked for" in other.stderr


def test_one_text(here: Path) -> None:
    done = turncoat(here, "attack", "my_model:predict", "--text", "a good film", "--encoder", "none")
    assert done.returncode == 0, done.stderr
    assert "[-good-]" in done.stdout


def test_several_runs_are_compared(here: Path) -> None:
    for attack in ("pwws", "random"):
        assert turncoat(here, *ATTACK, "--attack", attack, "--out", attack).returncode == 0
    done = turncoat(here, "report", "pwws", "random", "--out", "both.html")
    assert done.returncode == 0, done.stderr
    assert "McNemar" in (here / "both.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((*ATTACK, "--attack", "pwvs"), 2, "did you mean 'pwws'"),
        ((*ATTACK, "--attack", "pwws", "--hard-label"), 2, "needs probabilities"),
        ((*ATTACK, "--attack", "cea-min", "--set", "sample=5"), 2, "did you mean 'samples'"),
        ((*ATTACK, "--attack", "cea-min", "--set", "samples=many"), 2, "expected a value like 100 (int)"),
        ((*ATTACK, "--target", "boring"), 2, "expected one of the classes dull, lively"),
        ((*ATTACK, "--max-changed", "7"), 2, "share of changed words in (0, 1], got 7"),
        (("attack", "my_model:predict"), 2, "either DATA or --text"),
        (("attack", "my_model:predict", "nothing.csv"), 2, "expected a data file at nothing.csv"),
        (("attack", "my_model:predict", "mr"), 3, "sentence_polarity"),
        (("attack", "my_model:predict", "reviews.csv", "--label-column", "stars"), 2, "stars"),
        (("attack", "nowhere/model:x", "reviews.csv"), 2, "expected module:function"),
        (("train", "mamba", "reviews.csv", "--out", "m"), 2, "expected one of the kinds"),
        (("report", "nothing"), 2, "is no run folder"),
    ],
)
def test_what_cannot_work_says_why(here: Path, words: tuple[str, ...], code: int, says: str) -> None:
    done = turncoat(here, *words, TURNCOAT_DATA=str(here), NLTK_DATA="", HOME=str(here))
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_rows_are_named(here: Path) -> None:
    (here / "reviews.csv").write_text("text,label\na good film,lively\n,dull\ndull stuff,dull\n")
    done = turncoat(here, *ATTACK)
    assert done.returncode == 0, done.stderr
    assert "reviews.csv:3" in done.stderr
    strict = turncoat(here, *ATTACK, "--strict")
    assert strict.returncode == 1
    assert "reviews.csv:3" in strict.stderr


def test_ctrl_c_saves_everything_and_the_same_command_goes_on(here: Path) -> None:
    (here / "reviews.csv").write_text("\n".join(["text,label", *ROWS * 6]) + "\n")
    command = ("attack", "my_model:slow", "reviews.csv", "--encoder", "none", "--attack", "random", "--live", "2")
    process = subprocess.Popen(
        [sys.executable, "-m", "turncoat", *command, "--out", "run"], cwd=here, stderr=subprocess.PIPE, text=True
    )
    file, give_up = here / "run/outcomes.jsonl", time.monotonic() + 60
    while not (file.exists() and file.read_text().count("\n") >= 3) and time.monotonic() < give_up:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "finished examples are in run; the same command goes on" in said
    kept = file.read_text().count("\n")
    assert 3 <= kept < 30
    assert turncoat(here, *command, "--out", "run").returncode == 0
    assert turncoat(here, *command, "--out", "fresh").returncode == 0
    assert sorted(file.read_text().splitlines()) == sorted((here / "fresh/outcomes.jsonl").read_text().splitlines())


def test_training_from_a_file_and_attacking_what_came_of_it(here: Path) -> None:
    lines = [f"a {good} film number {i},lively" for i, good in enumerate(["good", "great", "funny"] * 20)]
    lines += [f"a {bad} film number {i},dull" for i, bad in enumerate(["dull", "long", "flat"] * 20)]
    (here / "reviews.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    done = turncoat(here, "train", "linear", "reviews.csv", "--out", "victim")
    assert done.returncode == 0, done.stderr
    assert "test accuracy" in done.stdout
    assert turncoat(here, "train", "linear", "reviews.csv", "--out", "victim").returncode == 2  # never overwritten
    attacked = turncoat(here, "attack", "victim", "reviews.csv", "-a", "random", "-n", "20", "--encoder", "none")
    assert attacked.returncode == 0, attacked.stderr


def test_lists_and_help_teach(here: Path) -> None:
    names = turncoat(here, "names")
    assert names.returncode == 0
    assert all(name in names.stdout for name in ("pwws", "cea-min", "glosses", "softmax(saliency)", "wordnet"))
    doctor = turncoat(here, "doctor")
    assert doctor.returncode == 0
    assert "WordNet" in doctor.stdout or "wordnet" in doctor.stdout
    assert "Examples" in turncoat(here, "attack", "--help").stdout
    assert turncoat(here, "--version").stdout.startswith("turncoat 0.")
