"""What a log is told where no bar can be drawn."""

from __future__ import annotations

import pytest
from rich.console import Console

from turncoat.cli import screen


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    monkeypatch.setattr(screen, "err", Console(stderr=True, width=80))
    monkeypatch.setattr(screen, "LINE_EVERY", 0.0)
    return capsys


def test_a_log_gets_lines(log: pytest.CaptureFixture[str]) -> None:
    with screen.training_progress() as update:
        update(2, 10, 40, 0.25)
    with screen.stage_progress() as stage:
        stage("scoring [CNN]", 3, 7)
        stage("loading", 1, 0)
    told = [line for line in log.readouterr().err.splitlines() if line.strip()]
    assert told[:1] == ["training, epoch 2: step 10 of 40, loss 0.250"]
    assert "scoring [CNN]: 3 of 7" in told
    assert "loading: 1" in told


def test_not_more_often_than_every_half_minute(
    log: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "LINE_EVERY", 30.0)
    now = 100.0
    monkeypatch.setattr(screen.time, "monotonic", lambda: now)
    with screen.training_progress() as update:
        for now in (100.0, 129.0, 131.0, 140.0, 162.0):
            update(1, int(now), 200, 1.0)
    told = [line for line in log.readouterr().err.splitlines() if "step" in line]
    assert [line.split()[4] for line in told] == ["131", "162"]


def test_a_screen_gets_bars_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(screen, "err", Console(stderr=True, width=80, force_terminal=True))
    monkeypatch.setattr(screen, "LINE_EVERY", 0.0)
    with screen.training_progress() as update:
        update(2, 10, 40, 0.25)
    assert "step 10 of 40" not in capsys.readouterr().err
