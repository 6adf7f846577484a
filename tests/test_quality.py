"""quality.json: complete, honest about what is missing, and shown by the report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from judged import OUTCOMES, kept
from tiny_models import word_victim
from turncoat.cli.app import app
from turncoat.errors import BrokenData, MissingResource, UsageError
from turncoat.evaluation.judging import panel
from turncoat.evaluation.judging.panel import judge
from turncoat.evaluation.quality import Metric, Quality, Source, digest, quality_lines, read_quality
from turncoat.evaluation.report import render
from turncoat.intervals import Interval, mean
from turncoat.models.averaging import KIND, WEIGHTS, Averaging, AveragingEncoder, AveragingNetwork
from turncoat.models.card import Card, write_card

INTERVAL = Interval(0.5, 0.25, 0.75, "Wilson")


def encoder_folder(folder: Path) -> Path:
    folder.mkdir()
    sizes = Averaging(words=50, groups=50, width=4, hidden=8, dimensions=4)
    AveragingEncoder(AveragingNetwork(sizes), "tiny").write(folder)
    architecture = {"words": 50, "groups": 50, "width": 4, "hidden": 8, "dimensions": 4}
    write_card(Card(KIND, (), architecture, weights=WEIGHTS), folder)
    return folder


def test_a_number_names_what_measured_it() -> None:
    with pytest.raises(UsageError, match="a number and who measured it"):
        Metric("similarity", INTERVAL)
    with pytest.raises(UsageError, match="undeclared stand-in is refused"):
        Source("")
    with pytest.raises(UsageError, match="why it was not run"):
        Metric("similarity")
    with pytest.raises(UsageError, match="similarity"):
        Metric("similarity", INTERVAL, Source("USE"), not_run="no encoder")


def test_provenance_is_one_line() -> None:
    source = Source("toy", "USE", "beware")
    assert Metric("m", INTERVAL, source, 2).provenance == "toy, standing in for USE; WARNING: beware (Wilson)"
    assert Metric("m", not_run="no Java").provenance == "not run: no Java"


def test_quality_survives_its_file() -> None:
    quality = Quality(
        "abc",
        (
            Metric("similarity, mean", mean([0.5, 0.75]), Source("toy", "USE"), 2, unit="cosine", values={"ä": 0.5}),
            Metric("lonely", Interval(1.0, None, None, "none: a single value"), Source("toy"), 1),
            Metric("grammar", not_run="no Java"),
        ),
    )
    assert Quality.from_json(quality.to_json()) == quality
    stored = json.loads(quality.to_json())["metrics"]
    assert stored[0]["provenance"] == "toy, standing in for USE (BCa bootstrap, 10,000 resamples)"
    assert stored[2]["provenance"] == "not run: no Java"
    assert quality["grammar"].not_run == "no Java"
    lines = quality_lines(quality)
    assert (lines[0].over, lines[0].value) == ("2 texts", "0.625")
    assert (lines[2].over, lines[2].value, lines[2].method) == ("–", "–", "not run: no Java")


def test_a_run_is_judged_and_its_report_shows_it(tmp_path: Path) -> None:
    encoder = str(encoder_folder(tmp_path / "encoder"))
    run = kept(tmp_path / "run", encoder=encoder)
    quality = judge(run, encoders=[encoder])
    assert run.folder is not None
    assert read_quality(run.folder.path, run.outcomes) == quality
    mean_cosine = quality["similarity (encoder), mean"]
    assert mean_cosine.n == 3
    assert "WARNING: the run itself used this encoder" in mean_cosine.provenance
    assert quality["perplexity"].not_run == "no causal language model was named (--causal-lm)"
    assert "no masked language model" in quality["pseudo-perplexity a word"].not_run
    assert quality["replaced words that are stop words"].n == 7
    assert "no folder of ours" in quality["substitutes unknown to the victim"].not_run
    report = (run.folder.path / "report.html").read_text()
    assert "What judges say of the turned texts" in report
    assert "not run: no causal language model was named" in report
    assert render(run) == report


def test_a_run_that_went_on_must_be_judged_again(tmp_path: Path) -> None:
    run = kept(tmp_path / "run")
    judge(run)
    more = replace(run, outcomes=run.outcomes[:-1])
    assert digest(more.outcomes) != digest(run.outcomes)
    assert read_quality(tmp_path / "run", more.outcomes) is None
    assert "What judges say" not in render(more)


def test_a_broken_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "quality.json").write_text('{"outcomes": "abc"}')
    with pytest.raises(BrokenData, match="judge the run again"):
        read_quality(tmp_path, [])


def test_the_victims_words_are_those_of_the_attacked_victim(tmp_path: Path) -> None:
    victim, folder = word_victim("cnn"), tmp_path / "victim"
    folder.mkdir()
    victim.write(folder)
    sizes = {"widths": [3, 4, 5], "filters": 12, "embedding": 16, "dropout": 0.5, "max_words": 30}
    write_card(Card("cnn", victim.labels, sizes), folder)
    about = {"name": "cnn", "fingerprint": victim.fingerprint, "labels": ["negative", "positive"]}
    found = judge(kept(tmp_path / "run", victim=about), victim=str(folder))
    assert found["substitutes unknown to the victim"].n == 7
    other = judge(kept(tmp_path / "other"), victim=str(folder))
    assert "is not the one that was attacked" in other["substitutes unknown to the victim"].not_run


def test_missing_models_are_told_and_wrong_ones_refused(tmp_path: Path) -> None:
    run = kept(tmp_path / "run")
    found = judge(run, encoders=["nobody/no-encoder"], causal_lm="nobody/no-model", masked_lm="nobody/no-masks")
    assert "no folder 'nobody/no-encoder', and no model of that name on this machine" in found["similarity"].not_run
    assert "no folder 'nobody/no-model'" in found["perplexity"].not_run
    assert "no folder 'nobody/no-masks'" in found["pseudo-perplexity a word"].not_run
    with pytest.raises(UsageError, match="causal language model"):
        judge(run, causal_lm=str(tmp_path))


def test_masked_language_model_is_asked_through_its_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(panel, "masked_lm_folder", lambda name, online: asked.append((name, online)) or tmp_path)
    monkeypatch.setattr(panel, "folder_fingerprint", lambda folder: "ab" * 32)

    def no_answers(name: str | None, online: bool) -> dict[object, object]:
        raise MissingResource("asked for its answers")

    monkeypatch.setattr(panel, "masked_lm_responders", no_answers)
    found = judge(kept(tmp_path / "run"), masked_lm="auto", online=True)
    assert asked == [(None, True)]
    assert found["pseudo-perplexity a word"].not_run == "asked for its answers"


def turncoat(here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "turncoat", *words],
        cwd=here, capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "120", "TURNCOAT_DATA": ""},
    )  # fmt: skip


def test_the_command_on_a_machine_without_models(tmp_path: Path) -> None:
    kept(tmp_path / "run")
    kept(tmp_path / "none", OUTCOMES[3:])
    encoder_folder(tmp_path / "encoder")
    done = turncoat(tmp_path, "judge", "run", "none", "--encoder", "encoder", "--masked-lm", "nobody/no-model")
    assert done.returncode == 0, done.stderr
    assert "similarity (encoder), mean" in done.stdout
    assert "[1] encoder (sha256" in done.stdout
    assert "pseudo-perplexity a word: not run: no folder 'nobody/no-model'" in done.stdout
    assert "similarity: not run: no text was turned" in done.stdout
    assert json.loads((tmp_path / "run/quality.json").read_text())["metrics"]
    assert "What judges say" in (tmp_path / "run/report.html").read_text()


def test_what_cannot_work_says_why(tmp_path: Path) -> None:
    kept(tmp_path / "run")
    (tmp_path / "victim").mkdir()
    word_victim("cnn").write(tmp_path / "victim")
    write_card(Card("cnn", ("bad", "so-so", "good")), tmp_path / "victim")
    for words, says in (
        (["nothing"], "is no run folder"),
        (["run", "--encoder", "victim"], "expected a sentence encoder"),
        (["run", "--causal-lm", "victim"], "expected a causal language model"),
    ):
        places = [str(tmp_path / word) if (tmp_path / word).exists() else word for word in words]
        done = CliRunner().invoke(app, ["judge", *places])
        assert done.exit_code == 2
        assert says in done.stderr
