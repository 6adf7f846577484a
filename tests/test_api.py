"""Attacking from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import turncoat
from test_contract import TABLE
from toys import ToyVictim, toy_dataset
from turncoat.api import align
from turncoat.attacks.cross_entropy import CrossEntropy
from turncoat.attacks.pwws import PWWS
from turncoat.config import with_settings
from turncoat.data.example import Dataset, Example
from turncoat.errors import UnknownName, UsageError
from turncoat.evaluation.publishing import compare, read_run
from turncoat.text import Text

ATTACK = PWWS(substitutions=TABLE)
DATA = toy_dataset(12)


def shout(texts: list[str]) -> list[list[float]]:
    """A callable victim: sunny texts are class 1."""
    return [[0.2, 0.8] if "sun5 " in text else [0.7, 0.3] for text in texts]


def test_a_run_is_a_table(tmp_path: Path) -> None:
    run = turncoat.attack(ToyVictim(), DATA, ATTACK, examples=10, encoder=None, out=tmp_path / "run")
    frame = run.to_frame()
    assert len(frame) == len(run) == 10
    assert (frame["status"] == "success").sum() == run.summary.successes
    again = read_run(tmp_path / "run")
    assert sorted(again.outcomes, key=lambda o: o.id) == sorted(run.outcomes, key=lambda o: o.id)
    assert (tmp_path / "run" / "report.html").is_file()
    attack = again.description["config"]["attack"]
    assert (attack["name"], attack["kind"]) == ("PWWS", "PWWS")


def test_compared_runs_are_named_by_what_tells_them_apart(tmp_path: Path) -> None:
    for name in ("a/run", "b/run"):
        turncoat.attack(ToyVictim(), DATA, ATTACK, encoder=None, out=tmp_path / name)
    page = compare([read_run(tmp_path / name) for name in ("a/run", "b/run")], tmp_path / "out" / "page.html")
    content = page.read_text()
    assert "a/run" in content
    assert str(tmp_path) not in content


def test_any_function_is_a_victim() -> None:
    outcome = turncoat.attack_text(shout, "a sun5 day", ATTACK, encoder=None)
    assert (outcome.status, outcome.label, outcome.after) == ("success", 1, 0)
    assert [change.old for change in outcome.changes] == ["sun5"]


def test_pairs_are_data() -> None:
    run = turncoat.attack(shout, [("a sun5 day", 1), ("rain", 1)], ATTACK, encoder=None)
    assert [outcome.status for outcome in run] == ["success", "skipped"]


def test_a_label_that_the_victim_does_not_give_is_skipped() -> None:
    assert turncoat.attack_text(shout, "a sun5 day", ATTACK, label=0, encoder=None).status == "skipped"
    with pytest.raises(UsageError, match="expected one of the classes 0, 1"):
        turncoat.attack_text(shout, "a sun5 day", ATTACK, label="sunny", encoder=None)


def test_a_text_without_words_fails_politely() -> None:
    assert turncoat.attack_text(shout, "?!", ATTACK, encoder=None).reason == "no_visible_word"


def test_labels_are_matched_by_name() -> None:
    swapped = Dataset("d", (Example("0", "x", 0), Example("1", "y", 1)), ("Lively", "dull"))
    assert [example.label for example in align(swapped, ToyVictim())] == [1, 0]
    strange = Dataset("d", (Example("0", "x", 0),), ("happy", "sad"))
    with pytest.raises(UsageError, match="happy, sad in the data, dull, lively in the victim"):
        align(strange, ToyVictim())
    nameless = ToyVictim()
    nameless.labels = ("LABEL_0", "LABEL_1")
    assert align(strange, nameless) is strange


def test_settings_change_parameters_by_name() -> None:
    changed = with_settings(CrossEntropy(), ["samples=7", "rho=1", "substitutions.inner.first.k=10"])
    assert (changed.samples, changed.rho, changed.substitutions.inner.first.k) == (7, 1.0, 10)
    assert with_settings(CrossEntropy(), ["objective=plain"]).objective == "plain"
    with pytest.raises(UnknownName, match="did you mean 'iterations'"):
        with_settings(CrossEntropy(), ["iteration=7"])
    with pytest.raises(UsageError, match="expected --set name=value"):
        with_settings(CrossEntropy(), ["samples"])
    with pytest.raises(UsageError, match="expected at least 1 sample"):
        with_settings(CrossEntropy(), ["samples=0"])


def test_the_example_in_the_readme_of_text() -> None:
    assert str(turncoat.Text("a  b\x00")) == "a  b\x00"
    assert isinstance(turncoat.Text("x"), Text)
