"""Answers of models, kept on disk from run to run: a question that was answered once is not asked again.

One SQLite file in the cache folder serves all models and several processes at once (write-ahead log). A process may be
killed at any time; what it had answered is kept, chunk by chunk. Deleting the file only costs the time to ask again.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.data.cache import cache_folder
from turncoat.engine.query import Responder
from turncoat.errors import BrokenData, MissingResource, VictimError
from turncoat.models.batching import split_like

TABLES = """
create table if not exists sources (id integer primary key, model text, kind text, unique (model, kind));
create table if not exists answers (source integer, question blob, answer blob, primary key (source, question))
without rowid;
"""
CHUNK = 512  # questions that are asked before their answers are written
PATIENCE = 60.0  # seconds to wait for another process that writes
NUMBERS = "fiub"
STRINGS = "O"


def to_json(row: NDArray[Any]) -> bytes:
    """A row of numbers or of strings, with its type; numbers keep every bit."""
    row = np.asarray(row)
    if row.dtype.kind not in NUMBERS + STRINGS + "U":
        raise TypeError(f"expected answers of numbers or strings, got {row.dtype}")
    kind = row.dtype.str if row.dtype.kind in NUMBERS else STRINGS
    return json.dumps([kind, row.tolist()], separators=(",", ":")).encode()


def from_json(content: bytes) -> NDArray[Any]:
    """Inverse of `to_json`; strings come back as objects."""
    kind, values = json.loads(content)
    if np.dtype(kind).kind not in NUMBERS + STRINGS:
        raise TypeError(f"expected answers of numbers or strings, got {kind}")
    return np.array(values, dtype=kind)


@dataclass(frozen=True)
class Form:
    """How questions of one kind are told apart.

    Attributes:
        kind: tells these questions from others to the same model.
        key: a string that is equal for two questions if and only if they have the same answer.
    """

    kind: str
    key: Callable[[Any], str]


class AnswerStore:
    """The file with the answers.

    Args:
        path: None for `answers.sqlite` in the cache folder.

    Raises:
        MissingResource: the file cannot be written.
        BrokenData: the file is damaged.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or cache_folder() / "answers.sqlite"
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            with contextlib.suppress(sqlite3.OperationalError):  # another process is just doing it
                self._file.execute("pragma journal_mode=wal")
            self._file.execute("pragma synchronous=normal")
            self._file.executescript(f"begin immediate; {TABLES} commit;")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def wrap(self, responder: Responder, model: str, form: Form) -> Responder:
        """The responder, asked only about what this store does not know of it, each question once.

        Args:
            model: fingerprint of whatever answers; another model's answers are never given.

        The wrapped responder raises, beside what `responder` does:
            MissingResource, BrokenData: see `AnswerStore`. VictimError: there were not as many answers as questions.
        """

        def answer(batches: Sequence[Sequence[Any]]) -> list[NDArray[Any]]:
            asked = list(chain.from_iterable(batches))
            digests = [_digest(form.key(question)) for question in asked]
            questions = dict(zip(digests, asked, strict=True))
            with self._told():
                source = self._source(model, form.kind)
                rows = {digest: from_json(content) for digest, content in self._known(source, list(questions))}
            for chunk in _chunks([digest for digest in questions if digest not in rows]):
                (found,) = responder([[questions[digest] for digest in chunk]])
                if len(found) != len(chunk):
                    raise VictimError(f"expected {len(chunk)} answers, got {len(found)}")
                self._keep(source, chunk, [to_json(row) for row in found])
                rows.update(zip(chunk, found, strict=True))
            return split_like(np.stack([rows[digest] for digest in digests]), batches)

        return answer

    def _source(self, model: str, kind: str) -> int:
        query = "select id from sources where model = ? and kind = ?"
        if (row := self._file.execute(query, (model, kind)).fetchone()) is None:
            self._file.execute("insert or ignore into sources (model, kind) values (?, ?)", (model, kind))
            row = self._file.execute(query, (model, kind)).fetchone()
        return int(row[0])

    def _known(self, source: int, digests: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        for chunk in _chunks(digests):
            marks = ",".join("?" * len(chunk))
            query = f"select question, answer from answers where source = ? and question in ({marks})"  # noqa: S608
            yield from self._file.execute(query, (source, *chunk))

    def _keep(self, source: int, digests: Sequence[bytes], contents: Sequence[bytes]) -> None:
        rows = [(source, digest, content) for digest, content in zip(digests, contents, strict=True)]
        with self._told(), self._file:  # commits, or rolls back
            self._file.execute("begin immediate")
            self._file.executemany("insert or ignore into answers values (?, ?, ?)", rows)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite raises, in words."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise MissingResource(
                f"{self.path}: expected a file for answers that can be written: {error}; "
                "set TURNCOAT_CACHE to a folder of your own"
            ) from error
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            raise BrokenData(f"{self.path}: answers cannot be read or kept: {error}; delete the file") from error


def _digest(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _chunks(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (digests[start : start + CHUNK] for start in range(0, len(digests), CHUNK))
