"""Runs are never lost: interrupted, killed and broken ones end as undisturbed ones do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from killable import attack_toys
from test_contract import ATTACKS, DATA
from toys import ToyVictim
from turncoat.errors import BrokenData, UsageError, VictimError
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.execution import execute
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.outcome import Outcome
from turncoat.models.victim import responders
from turncoat.text import Change

HERE = Path(__file__).parent


def start(folder: Path, delay: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(HERE / "killable.py"), str(folder), str(delay)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_for_lines(folder: Path, count: int) -> None:
    file, give_up = folder / "outcomes.jsonl", time.monotonic() + 60
    while not file.exists() or file.read_bytes().count(b"\n") < count:
        if time.monotonic() > give_up:
            pytest.fail(f"{file} never reached {count} lines")
        time.sleep(0.005)


def test_a_run_killed_again_and_again_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    expected = attack_toys(None).outcomes
    folder = tmp_path / "run"
    for lines in (1, 9, 22):
        process = start(folder, delay=0.02)
        wait_for_lines(folder, lines)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert len(RunFolder(folder).outcomes()) < len(expected)
    assert attack_toys(folder).outcomes == expected
    on_disk = sorted(RunFolder(folder).outcomes(), key=lambda outcome: outcome.id)
    assert tuple(on_disk) == expected  # every example once


def test_an_interrupted_run_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = start(folder, delay=0.02)
    wait_for_lines(folder, 5)
    process.send_signal(signal.SIGINT)
    process.wait()
    assert process.stderr is not None
    assert b"KeyboardInterrupt" in process.stderr.read()
    kept = RunFolder(folder).outcomes()
    assert 5 <= len(kept) < len(DATA)
    assert attack_toys(folder).outcomes == attack_toys(None).outcomes


@pytest.mark.parametrize("cut", [1, 7, 200])
def test_a_half_written_last_line_is_repaired(tmp_path: Path, cut: int) -> None:
    run = attack_toys(tmp_path)
    file = tmp_path / "outcomes.jsonl"
    os.truncate(file, file.stat().st_size - cut)
    assert len(RunFolder(tmp_path).outcomes()) == len(run) - 1
    assert attack_toys(tmp_path).outcomes == run.outcomes
    assert file.read_bytes().count(b"\n") == len(run)


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    attack_toys(tmp_path)
    file = tmp_path / "outcomes.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], b"{}\n", *lines[2:]]))
    with pytest.raises(BrokenData, match=r"outcomes\.jsonl:2: expected an outcome"):
        attack_toys(tmp_path)


def test_another_configuration_is_refused_with_the_difference(tmp_path: Path) -> None:
    attack_toys(tmp_path)
    before = (tmp_path / "outcomes.jsonl").read_bytes()
    with pytest.raises(UsageError, match="seed: 3 there, 4 asked for"):
        attack_toys(tmp_path, seed=4)
    assert (tmp_path / "outcomes.jsonl").read_bytes() == before


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="holds no run"):
        attack_toys(tmp_path)
    with pytest.raises(UsageError, match="is no run folder"):
        RunFolder(tmp_path).description()


def test_what_a_run_killed_at_birth_leaves_behind_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "run.toml.partial").write_text("[conf")
    (tmp_path / ".lock").touch()
    assert len(attack_toys(tmp_path)) == len(DATA)


def test_two_processes_cannot_write_to_one_run(tmp_path: Path) -> None:
    with RunFolder(tmp_path).locked(), pytest.raises(UsageError, match="another process"):
        attack_toys(tmp_path)


class Moody(ToyVictim):
    """Answers nonsense about one text."""

    def __init__(self, bad: str, nonsense: object) -> None:
        super().__init__()
        self.bad, self.nonsense = bad, nonsense

    def predict(self, batches: object) -> list[np.ndarray]:
        if any(str(text) == self.bad for texts in batches for text in texts):  # type: ignore[attr-defined]
            if isinstance(self.nonsense, Exception):
                raise self.nonsense
            return [np.array([self.nonsense] * len(texts)) for texts in batches]  # type: ignore[attr-defined]
        return super().predict(batches)


@pytest.mark.parametrize(
    ("nonsense", "why"),
    [
        ([float("nan"), 1.0], "expected finite probabilities"),
        ([0.2, 0.2], "sum to one"),
        ([1.5, -0.5], "non-negative"),
        ([0.2, 0.3, 0.5], r"expected probabilities of shape \(texts, classes\) = \(1, 2\), got \(1, 3\)"),
        (RuntimeError("out of order"), "RuntimeError: out of order"),
    ],
)
def test_a_misbehaving_victim_names_the_example_and_keeps_what_is_finished(
    tmp_path: Path, nonsense: object, why: str
) -> None:
    guilty = DATA[25]
    victim = Moody(guilty.text, nonsense)
    setting = Setting(ATTACKS["pwws"], victim, measure_similarity=False)
    with pytest.raises(VictimError, match=f"example {guilty.id}: .*{why}"):
        execute(DATA, setting, responders(victim), {"config": {}}, live=4, folder=RunFolder(tmp_path))
    assert len(RunFolder(tmp_path).outcomes()) >= 15


def test_an_outcome_survives_its_line() -> None:
    outcome = Outcome(
        "a\ud800", 1, "success", "flipped", "naïve \x00 \u2028 text", "wise \x00 \u2028 text",
        (Change(0, "naïve", "wise"),), 2, 7, 9, 1, 0, (0.25, 0.75), (0.5, 0.5), 0.9, {"gamma": [0.1, None]},
    )  # fmt: skip
    line = outcome.to_json()
    assert "\n" not in line
    assert Outcome.from_json(line) == outcome
    assert json.loads(line)["changes"] == [{"position": 0, "old": "naïve", "new": "wise"}]
