"""Answers on disk: nothing is asked twice, by whatever process, and every bit comes back."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from turncoat.errors import BrokenData, MissingResource, VictimError
from turncoat.models import answer_store
from turncoat.models.answer_store import AnswerStore, Form, from_json, to_json

LENGTHS = Form("lengths", str)


class Counting:
    """Answers with a length and a third, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def __call__(self, batches: Sequence[Sequence[Any]]) -> list[np.ndarray]:
        self.asked += [question for batch in batches for question in batch]
        return [np.array([[len(question), len(question) / 3] for question in batch]) for batch in batches]


def ask(path: Path, batches: list[list[str]], model: str = "m", form: Form = LENGTHS) -> tuple[list[Any], list[str]]:
    """Answers from a store that was just opened, and what the model was asked."""
    counting, store = Counting(), AnswerStore(path)
    answers = store.wrap(counting, model, form)(batches)
    store.close()
    return answers, counting.asked


def test_only_new_questions_reach_the_model(tmp_path: Path) -> None:
    path = tmp_path / "new" / "answers.sqlite"
    first, asked = ask(path, [["a", "bb", "a"], ["ccc", "bb"]])
    assert asked == ["a", "bb", "ccc"]
    assert [answer.tolist() for answer in first] == [[[1, 1 / 3], [2, 2 / 3], [1, 1 / 3]], [[3, 1.0], [2, 2 / 3]]]
    again, asked = ask(path, [["dddd", "bb"], ["a"]])
    assert asked == ["dddd"]
    assert [answer.tolist() for answer in again] == [[[4, 4 / 3], [2, 2 / 3]], [[1, 1 / 3]]]
    assert again[0].dtype == first[0].dtype


def test_another_model_or_kind_knows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    ask(path, [["a"]])
    assert ask(path, [["a"]])[1] == []
    assert ask(path, [["a"]], model="n")[1] == ["a"]
    assert ask(path, [["a"]], form=Form("other", str))[1] == ["a"]


@pytest.mark.parametrize(
    "row",
    [
        np.array([0.1, 1 / 3, 1e-300]),
        np.float64(-3.123456),
        np.array([0.1, 1 / 3], np.float32),
        np.int64(2**62 + 1),
        np.array([True, False]),
        np.array([[1, 2], [3, 4]], np.int16),
        np.array(["film", "", "\ud800", "naïve"], dtype=object),
    ],
)
def test_rows_keep_every_bit(row: Any) -> None:
    found = from_json(to_json(row))
    np.testing.assert_array_equal(found, row)
    assert (found.dtype, found.shape) == (row.dtype, row.shape)


def test_rows_of_other_things_are_refused() -> None:
    with pytest.raises(TypeError, match="numbers or strings, got complex128"):
        to_json(np.array([1j]))
    with pytest.raises(TypeError, match="not JSON serializable"):
        to_json(np.array([Path()], dtype=object))
    with pytest.raises(TypeError, match="numbers or strings"):
        from_json(b'["<M8[s]",[3]]')


def test_strings_of_any_length_share_a_batch(tmp_path: Path) -> None:
    def words(batches: Sequence[Sequence[str]]) -> list[np.ndarray]:
        return [np.array([[q, q * 2] for q in batch], dtype=object) for batch in batches]

    store = AnswerStore(tmp_path / "answers.sqlite")
    asked = store.wrap(words, "m", Form("words", str))
    asked([["a"], ["film"]])
    assert [answer.tolist() for answer in asked([["longer"], ["a"]])] == [[["longer", "longer" * 2]], [["a", "aa"]]]


def test_a_second_process_asks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    ask(path, [["a", "bb"]])
    program = """
import sys
from pathlib import Path
from turncoat.models.answer_store import AnswerStore, Form
def never(batches): raise SystemExit("asked again")
print(AnswerStore(Path(sys.argv[1])).wrap(never, "m", Form("lengths", str))([["bb", "a"]])[0].tolist())
"""
    found = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert found.stdout == f"{[[2.0, 2 / 3], [1.0, 1 / 3]]}\n", found.stderr


def write_many(path: Path, start: int) -> None:
    for i in range(start, start + 40):
        ask(path, [[f"{i} {j}" for j in range(5)]])


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=write_many, args=(path, start)) for start in (0, 20, 40)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert ask(path, [[f"{i} {j}" for i in range(80) for j in range(5)]])[1] == []


def answer_until_killed(path: Path) -> None:
    def dies(batches: Sequence[Sequence[str]]) -> list[np.ndarray]:
        if "2" in batches[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return Counting()(batches)

    AnswerStore(path).wrap(dies, "m", LENGTHS)([[str(i) for i in range(4)]])


def test_what_was_answered_before_a_kill_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_store, "CHUNK", 1)
    path = tmp_path / "answers.sqlite"
    worker = multiprocessing.get_context("fork").Process(target=answer_until_killed, args=(path,))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    assert ask(path, [[str(i) for i in range(4)]])[1] == ["2", "3"]


def test_what_a_model_raises_passes_and_earlier_chunks_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_store, "CHUNK", 2)
    path = tmp_path / "answers.sqlite"

    def breaks(batches: Sequence[Sequence[str]]) -> list[np.ndarray]:
        if "c" in batches[0]:
            raise ValueError("no c")
        return Counting()(batches)

    store = AnswerStore(path)
    with pytest.raises(ValueError, match="no c"):
        store.wrap(breaks, "m", LENGTHS)([["a", "b", "c"]])
    assert ask(path, [["a", "b", "c"]])[1] == ["c"]


def test_answers_must_be_as_many_as_questions(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path / "answers.sqlite")
    with pytest.raises(VictimError, match="expected 2 answers, got 1"):
        store.wrap(lambda batches: [np.zeros((1, 2))], "m", LENGTHS)([["a", "b"]])


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    path.write_bytes(b"no data base at all, but long enough to be one " * 100)
    with pytest.raises(BrokenData, match=r"answers\.sqlite: .*delete the file"):
        AnswerStore(path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MissingResource, match="set TURNCOAT_CACHE"):
        AnswerStore(tmp_path / "file" / "answers.sqlite")


def test_it_lies_in_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "cache"))
    AnswerStore().close()
    assert (tmp_path / "cache" / "answers.sqlite").is_file()
