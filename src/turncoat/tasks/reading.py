"""Readers: questions about paragraphs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from turncoat.attacks.attack import Attack, TaskName
from turncoat.data.reading import ReadingDataset
from turncoat.data.squad import is_questions_file, read_questions
from turncoat.evaluation.reading import ReadingTask
from turncoat.models.card import kind_of
from turncoat.models.function_reader import FunctionReader
from turncoat.models.reader import WORD_OVERLAP, Reader, load_reader, reader_responders
from turncoat.registry import READING_ATTACKS, READING_DATASETS, Registry
from turncoat.tasks.kind import Files, Kind, Ready, Wishes


class ReadingComprehension(Kind):
    """Misleading a reader."""

    name: ClassVar[TaskName] = "reading"
    victims: ClassVar[type] = Reader
    data: ClassVar[type] = ReadingDataset
    attacks: ClassVar[Registry[Callable[[], Any]]] = READING_ATTACKS
    usual_attack: ClassVar[str] = "add-any"
    wishes: ClassVar[frozenset[str]] = frozenset()

    def names_victim(self, spec: str) -> bool:
        return spec == WORD_OVERLAP or kind_of(Path(spec)) == "reader"

    def names_data(self, source: str) -> bool:
        return source in READING_DATASETS.names() or is_questions_file(source)

    def load(self, spec: str, online: bool) -> Reader:
        return load_reader(spec, online)

    def from_function(self, function: Callable[..., Any]) -> Reader:
        return FunctionReader(function)

    def read(self, source: str, split: str, files: Files) -> ReadingDataset:
        return read_questions(source, split, files.strict)

    def ready(
        self, victim: Reader, data: ReadingDataset, attack: Attack, wishes: Wishes, seed: int, encoder: bool
    ) -> Ready:
        self.expect(data)
        task = ReadingTask(attack=attack, reader=victim, seed=seed)
        return Ready(task, data, reader_responders(victim), {"task": self.name}, measures_similarity=False)
