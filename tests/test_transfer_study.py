"""The transfer study on victims whose verdicts are written out: every rate is worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toys import Table
from turncoat import api
from turncoat.attacks.pwws import PWWS
from turncoat.data.example import Dataset, Example
from turncoat.errors import TurncoatError, UsageError
from turncoat.models.victim import Victim
from turncoat.studies.ensembles.run import read_ensembles, run_ensembles
from turncoat.studies.ensembles.search import GeneticSearch
from turncoat.studies.model import Model
from turncoat.studies.transfer.arm import Arm
from turncoat.studies.transfer.entries import Entry, find_entries
from turncoat.studies.transfer.laboratory import Laboratory, Study, open_laboratory
from turncoat.studies.transfer.record import NOT_ASKED, TransferRecord, read_record
from turncoat.studies.transfer.report import arm_tables, read_report
from turncoat.studies.transfer.run import run_transfer
from turncoat.text import Text

LABELS = ("bad", "good")
TEXTS = [("good", 1), ("nice", 1), ("bad", 0), ("grand", 1)]
DATA = Dataset("words/test", tuple(Example(text, text, label) for text, label in TEXTS), LABELS)
OPTIONS = {"good": ["fine"], "nice": ["okay"], "bad": ["poor"], "grand": ["big"]}
ATTACK = PWWS(substitutions=Table(OPTIONS))


class Likes(Victim):
    """Good is a text that has one of the words that it likes."""

    labels, unknown = LABELS, "[UNK]"

    def __init__(self, name: str, words: str, hook: Callable[[Sequence[Text]], None] = lambda texts: None) -> None:
        self.name, self.words, self.hook = name, set(words.split()), hook
        self.fingerprint = f"{name}: {words}"
        self.asked: list[list[str]] = []

    def predict(self, batches: Any) -> list[Any]:
        texts = [text for batch in batches for text in batch]
        self.hook(texts)
        self.asked.append([str(text) for text in texts])
        likes = [[bool(self.words & set(text.words)) for text in batch] for batch in batches]
        return [np.array([[0.1, 0.9] if liked else [0.9, 0.1] for liked in batch]) for batch in likes]

    def visible(self, text: Text) -> int:
        return len(text)


@pytest.fixture(autouse=True)
def _no_run_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports of runs take most of the time, and are tested elsewhere."""
    monkeypatch.setattr(api, "publish", lambda run: None)


A, B, D = "CNN-W-Random-1", "LSTM-W-Random-1", "mine"
Hook = Callable[[Sequence[Text]], None]


def three(hook: Hook = lambda texts: None) -> list[Entry]:
    """A turns by fine (good), okay (nice) and poor (bad), and misreads grand; B by okay and big (grand); D by fine and
    big. D has no second instance."""
    return [
        Entry(find(A), Likes("A", "good nice poor", hook), Likes("A2", "good nice okay", hook)),
        Entry(find(B), Likes("B", "good nice grand fine", hook), Likes("B2", "good nice grand big", hook)),
        Entry(find(D), Likes("D", "good nice grand okay", hook)),
    ]


def find(name: str) -> Model:
    (entry,) = find_entries([f"{name}=anything"])
    return entry.model


def laboratory(path: Path, entries: list[Entry], **settings: Any) -> Laboratory:
    return open_laboratory(entries, Study(dataset=DATA, examples=None, **settings), path, api.attack)


def studied(path: Path, entries: list[Entry], **settings: Any) -> TransferRecord:
    return run_transfer(laboratory(path, entries, **settings), {"pwws": ATTACK})["pwws"]


def same(first: TransferRecord, second: TransferRecord) -> bool:
    return (
        (first.sources, first.targets, first.examples) == (second.sources, second.targets, second.examples)
        and np.array_equal(first.verdicts, second.verdicts)
        and np.array_equal(first.clean, second.clean)
    )


RATES = [[1 / 3, 1 / 3, 1 / 3], [1, 1 / 2, 1 / 2], [1, 1 / 2, np.nan]]


class TestRun:
    def test_rates_by_hand(self, tmp_path: Path) -> None:
        """A's texts fine, okay, poor: fine turns A's second instance, okay turns B, fine turns D. B's okay and big both
        turn A; okay turns B's second instance, big D. D's fine and big both turn A, and big turns B."""
        entries = three()
        record = studied(tmp_path / "s", entries)
        np.testing.assert_allclose(record.matrix().rates, RATES)
        assert record.matrix().texts.tolist() == [[3, 3, 3], [2, 2, 2], [2, 2, 0]]
        assert record.clean.tolist() == [
            [[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]],
            [[0, 0, 0, 1], [0, 0, 0, 0], [-1, -1, -1, -1]],
        ]
        # big is not counted against A, which misreads grand as well
        np.testing.assert_allclose(record.conditioned().rates[:, 0], [1 / 3, 1, 1])
        assert same(read_record(tmp_path / "s/pwws/record.npz"), record)
        rows = [json.loads(line) for line in (tmp_path / f"s/pwws/texts/{A}.jsonl").read_text().splitlines()]
        assert [(row["id"], row["label"], row["text"]) for row in rows] == [
            ("good", "good", "fine"), ("nice", "good", "okay"), ("bad", "bad", "poor"),
        ]  # fmt: skip

    def test_each_text_is_asked_about_once_and_all_in_one_call(self, tmp_path: Path) -> None:
        entries = three()
        studied(tmp_path / "s", entries)
        texts = ["good", "nice", "bad", "grand", "fine", "okay", "poor", "big"]
        for entry in entries:
            assert sorted(entry.first.asked[-1]) == sorted(texts)
        first, second, _ = (entry.second for entry in entries)
        assert sorted(first.asked[0]) == sorted([*texts[:4], "fine", "okay", "poor"])
        assert sorted(second.asked[0]) == sorted([*texts[:4], "okay", "big"])

    def test_a_finished_study_asks_nothing_more(self, tmp_path: Path) -> None:
        first = studied(tmp_path / "s", three())
        again = three()
        assert same(studied(tmp_path / "s", again), first)
        assert [entry.first.asked for entry in again] == [[], [], []]

    @pytest.mark.parametrize("call", [1, 3, 6, 8, 10, 12])
    def test_a_killed_study_goes_on(self, tmp_path: Path, call: int) -> None:
        left = call

        def kill(texts: Sequence[Text]) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            studied(tmp_path / "s", three(kill))
        record = studied(tmp_path / "s", three())
        np.testing.assert_allclose(record.matrix().rates, RATES)

    def test_models_and_attacks_may_be_added(self, tmp_path: Path) -> None:
        studied(tmp_path / "s", three()[:2])
        entries = three()
        record = studied(tmp_path / "s", entries)
        np.testing.assert_allclose(record.matrix().rates, RATES)
        assert entries[0].first.asked == []  # what D brings, fine and big, was made for the others before

    def test_a_record_is_not_replaced_by_one_of_fewer_models(self, tmp_path: Path) -> None:
        studied(tmp_path / "s", three())
        with pytest.raises(UsageError, match="without LSTM-W-Random-1, mine"):
            studied(tmp_path / "s", three()[:1])

    def test_two_processes_share_the_work(self, tmp_path: Path) -> None:
        """The first is at a; the second takes b, and waits for a until the first lets it go."""
        work = {"a": 1, "b": 2}
        first, second = (Arm(tmp_path).shared_out(work) for _ in range(2))
        assert (next(first), next(second)) == (1, 2)
        first.close()
        assert list(second) == [1]

    def test_fewer_examples_of_slow_models(self, tmp_path: Path) -> None:
        record = studied(tmp_path / "s", three(), fewer={"pwws": {A: 2}, "other": {A: 3}}, keep=1)
        asked = (record.verdicts != -1).any(axis=1)
        assert asked.sum(axis=1).tolist() == [1, 1, 1]
        run = (tmp_path / f"s/pwws/runs/{A}/outcomes.jsonl").read_text().splitlines()
        assert len(run) == 2
        assert {json.loads(line)["id"] for line in run} == {e.id for e in DATA.sample(2, 0)}


class TestWhatGoesWrong:
    def test_other_classes_are_refused_with_both_lists(self, tmp_path: Path) -> None:
        entries = three()
        entries[2].first.labels = ("good", "bad")
        with pytest.raises(UsageError, match=r"mine \(a\) and of CNN-W-Random-1 \(a\) differ: good, bad and bad, good"):
            studied(tmp_path / "s", entries)
        assert not (tmp_path / "s").exists()
        swapped = Study(dataset=replace(DATA, labels=("good", "bad")), examples=None)
        with pytest.raises(UsageError, match="the data differ: bad, good and good, bad"):
            open_laboratory(three(), swapped, tmp_path / "s", api.attack)

    def test_a_source_that_fails_is_noted_and_the_others_go_on(self, tmp_path: Path) -> None:
        """B cannot read big, which only its own attack, and that on D, make."""

        def fail(texts: Sequence[Text]) -> None:
            if any(str(text) == "big" for text in texts):
                raise RuntimeError("no such thing as big")

        entries = three()
        entries[1] = replace(entries[1], first=Likes("B", "good nice grand fine", fail))
        lab = laboratory(tmp_path / "s", entries)
        matrix = run_transfer(lab, {"pwws": ATTACK})["pwws"].matrix()
        expected = np.array(RATES)
        expected[1], expected[:, 1] = np.nan, np.nan
        np.testing.assert_allclose(matrix.rates, expected)
        found = [(each.model, each.part) for each in lab.folder.arm("pwws").failures()]
        assert found == [(B, "attack"), (B, "showing texts to instance a")]
        assert "no such thing as big" in lab.folder.arm("pwws").failures()[0].reason
        np.testing.assert_allclose(studied(tmp_path / "s", three()).matrix().rates, RATES)  # the next time it works
        assert lab.folder.arm("pwws").failures() == []

    def test_victims_that_cannot_be_loaded_stay_missing(self, tmp_path: Path) -> None:
        entries = [*three(), Entry(Model("gone"), str(tmp_path / "gone"))]
        lab = laboratory(tmp_path / "s", entries)
        matrix = run_transfer(lab, {"pwws": ATTACK})["pwws"].matrix()
        assert matrix.texts[3].tolist() == matrix.texts[:, 3].tolist() == [0] * 4
        assert [each.part for each in lab.folder.arm("pwws").failures()] == ["loading instance a"]
        with pytest.raises(TurncoatError, match="not one source"):
            studied(tmp_path / "t", entries[3:])

    def test_a_victim_that_was_trained_anew_is_another_one(self, tmp_path: Path) -> None:
        studied(tmp_path / "s", three())
        entries = three()
        entries[2] = replace(entries[2], first=Likes("D", "good"))
        lab = laboratory(tmp_path / "s", entries)
        matrix = run_transfer(lab, {"pwws": ATTACK})["pwws"].matrix()
        assert matrix.texts[2].tolist() == [0, 0, 0]
        reasons = [each.reason for each in lab.folder.arm("pwws").failures()]
        assert "the victim as it is now" in reasons[0]
        assert "expected answers of mine.a as it is now" in reasons[1]

    def test_two_instances_that_are_one_are_refused(self, tmp_path: Path) -> None:
        entries = three()
        entries[0] = replace(entries[0], second=entries[0].first)
        with pytest.raises(UsageError, match="the same one twice"):
            studied(tmp_path / "s", entries)

    def test_another_study_in_the_folder_is_refused(self, tmp_path: Path) -> None:
        studied(tmp_path / "s", three()[:1])
        with pytest.raises(UsageError, match="keep: 500 there, 3 asked for"):
            studied(tmp_path / "s", three(), keep=3)
        with pytest.raises(UsageError, match="slow models among"):
            studied(tmp_path / "s", three(), fewer={"pwws": {"E": 3}})
        with pytest.raises(UsageError, match="1 to 4 examples"):
            studied(tmp_path / "s", three(), fewer={"pwws": {A: 5}})
        with pytest.raises(UsageError, match="1 to 4 examples"):
            studied(tmp_path / "s", three(), fewer={"pwws": {A: 5}, "other": {A: 2}})


class TestEnsembles:
    def test_by_hand(self, tmp_path: Path) -> None:
        """D has no base rate and is no target of the fitness: .75 for all pairs, and all choices make A and B of it.
        Together they read grand wrongly, as a tie is bad; fine and okay turn one of them, which is enough. D is turned
        by fine and not by okay."""
        entries = three()
        lab = laboratory(tmp_path / "s", entries)
        run_transfer(lab, {"pwws": ATTACK})
        before = len(entries[0].first.asked)
        found = run_ensembles(lab, "pwws", ATTACK, search=GeneticSearch(generations=2))
        assert {each.choice for each in found.chosen} == {"search", "greedy", "all sets", "expert"}
        assert {frozenset(map(str, each.members)) for each in found.chosen} == {frozenset({A, B})}
        assert {each.fitness for each in found.chosen} == {0.75}
        (record,) = found.records.values()
        assert record.verdicts.tolist() == [[-1] * 4, [-1] * 4, [1, 0, -1, -1]]
        assert record.rate == 0.5
        assert ["fine", "okay"] not in [sorted(texts) for texts in entries[0].first.asked[before:]]
        assert read_ensembles(lab.folder.arm("pwws")).chosen == found.chosen

        again = three()
        lab = laboratory(tmp_path / "s", again)
        same = run_ensembles(lab, "pwws", ATTACK, search=GeneticSearch(generations=2))
        np.testing.assert_array_equal(same.record(same.chosen[0]).verdicts, record.verdicts)
        assert [entry.first.asked for entry in again] == [[], [], []]

    def test_a_model_may_be_left_out_of_the_choice_and_is_asked_all_the_same(self, tmp_path: Path) -> None:
        lab = laboratory(tmp_path / "s", three())
        run_transfer(lab, {"pwws": ATTACK})
        found = run_ensembles(lab, "pwws", ATTACK, search=GeneticSearch(generations=2), left_out=[A], examples=2)
        (members,) = found.records
        (outcomes,) = (tmp_path / "s/pwws/ensembles/runs").glob("*/outcomes.jsonl")
        assert len(outcomes.read_text().splitlines()) == 2
        assert sorted(map(str, members)) == [B, D]
        asked = found.records[members].verdicts != NOT_ASKED
        assert asked.any(axis=1).tolist() == [True, False, False]
        again = read_ensembles(lab.folder.arm("pwws"))
        assert (again.left_out, again.examples) == (found.left_out, found.examples) == ((A,), 2)
        tables = {table.name: table for table in arm_tables(lab.folder, lab.folder.arm("pwws"), draws=20)}
        assert f"Not to be chosen, but asked: {A}." in tables["ensembles"].notes
        with pytest.raises(UsageError, match="got Z"):
            run_ensembles(lab, "pwws", ATTACK, left_out=["Z"])

    def test_a_member_that_fails_takes_its_ensemble_with_it(self, tmp_path: Path) -> None:
        studied(tmp_path / "s", three())

        def fail(texts: Sequence[Text]) -> None:
            raise RuntimeError("tired")

        entries = three()
        entries[0] = replace(entries[0], first=Likes("A", "good nice poor", fail))
        lab = laboratory(tmp_path / "s", entries)
        found = run_ensembles(lab, "pwws", ATTACK, search=GeneticSearch(generations=2))
        assert found.records == {}
        (failure,) = lab.folder.arm("pwws").ensembles.failures()
        assert (failure.model, failure.part) == (f"{A} + {B}", "attack")
        tables = {table.name: table for table in arm_tables(lab.folder, lab.folder.arm("pwws"), draws=20)}
        assert str(tables["ensembles"].rows[0][-1]) == "–"

    def test_without_verdicts_there_is_nothing_to_choose_from(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such file"):
            run_ensembles(laboratory(tmp_path / "s", three()), "pwws", ATTACK)
        studied(tmp_path / "s", three()[:2])
        with pytest.raises(UsageError, match="leave a model outside"):
            run_ensembles(laboratory(tmp_path / "s", three()[:2]), "pwws", ATTACK)


def test_the_report_says_what_was_run(tmp_path: Path) -> None:
    lab = laboratory(tmp_path / "s", three())
    run_transfer(lab, {"pwws": ATTACK, "ga": ATTACK})
    run_ensembles(lab, "pwws", ATTACK, search=GeneticSearch(generations=2))
    page = read_report(lab.folder, draws=20).write(tmp_path / "r", "Made by hand.").read_text()
    assert "Made by hand.\n\nAttacked: " in page
    assert "words/test, pwws, sub-zoo (3 models; not of the 63: mine)" in page
    assert "| LSTM, printed | 0.448 | 0.353 | – |" in page
    assert "0.500* (" in page
    assert "2 | search" in page
    files = {path.name for path in (tmp_path / "r/pwws").iterdir()}
    assert {"matrix.csv", "matrix-conditioned.csv", "heat-map.svg", "figure-1.svg", "table-8.md", "times.csv"} <= files
    assert (tmp_path / "r/findings-of-both.csv").is_file()
    assert "mine,mine,,0,,,missing" in (tmp_path / "r/pwws/matrix.csv").read_text().splitlines()
    models = (tmp_path / "r/pwws/models.csv").read_text().splitlines()
    assert models[0].startswith('model,accuracy,"accuracy, low"')
    assert models[1].startswith(f"{A},0.75,")
