"""What victims answer to many questions, kept on disk part by part: a study that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.disk import whole
from turncoat.errors import BrokenData
from turncoat.models.victim import Victim, checked
from turncoat.text import Text

PART = 4096  # texts, about

Keep = Callable[[NDArray[np.float64]], NDArray[Any]]


@dataclass(frozen=True)
class StoredAnswers:
    """Answers to one list of questions.

    Files are named after the questions and the victim's weights, so that neither other questions nor a victim that was
    trained anew is given old answers.

    Attributes:
        folder: where they are kept, one folder a victim.
        questions: fingerprint of the questions.
        keep: what is kept of probabilities (texts, classes), which are as the victim gives them.
        part: texts that are asked before their answers are written, about.
    """

    folder: Path
    questions: str
    keep: Keep = np.asarray
    part: int = PART

    def ask(
        self, victim: Victim, batches: Sequence[Sequence[Text]], on_texts: Callable[[int], None] = lambda done: None
    ) -> NDArray[Any]:
        """Answers to all texts, one after the other (texts, ...). Asks only what is not on disk yet.

        Args:
            batches: the questions; one batch is never torn apart.
            on_texts: called with how many texts are answered.

        Raises:
            VictimError: an answer is no verdict. BrokenData: a stored part does not fit the questions.
        """
        answers: list[NDArray[Any]] = []
        done = 0
        for number, some in enumerate(self._parts(batches)):
            path = self._path(victim, number)
            texts = sum(map(len, some))
            if not path.is_file():
                _write(self.keep(np.concatenate(checked(victim, some))), path)
            answers.append(_read(path, texts))
            on_texts(done := done + texts)
        return np.concatenate(answers)

    def _path(self, victim: Victim, number: int) -> Path:
        weights = hashlib.sha256(victim.fingerprint.encode()).hexdigest()[:16]
        return self.folder / victim.name / f"{self.questions}-{weights}-{number:04d}.npy"

    def _parts(self, batches: Sequence[Sequence[Text]]) -> Iterator[Sequence[Sequence[Text]]]:
        start = texts = 0
        for end, batch in enumerate(batches, 1):
            texts += len(batch)
            if texts >= self.part or end == len(batches):
                yield batches[start:end]
                start, texts = end, 0


def _write(answers: NDArray[Any], path: Path) -> None:
    with whole(path) as partial, partial.open("wb") as file:
        np.save(file, answers)


def _read(path: Path, texts: int) -> NDArray[Any]:
    try:
        answers: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BrokenData(
            f"{path}: the stored answers cannot be read ({error}); delete the file to ask again"
        ) from error
    if len(answers) != texts:
        raise BrokenData(f"{path}: expected answers to {texts} texts, got {len(answers)}; delete it to ask again")
    return answers
