"""What the word-finding service Datamuse has answered, kept as JSON lines so that no word is asked twice.

One answer a line: {"relation": "ml", "word": "big", "answer": ["large", "great"]}, the best words first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from turncoat.errors import BrokenData, MissingResource

TIMEOUT = 10  # seconds
Answer = tuple[str, ...]


class Record:
    """The answers kept in a file, which need not exist yet. Words are in lower case.

    Raises:
        BrokenData: a line is no answer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers: dict[tuple[str, str], Answer] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                self._answers[entry["relation"], entry["word"].lower()] = tuple(map(str, entry["answer"]))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BrokenData(
                    f'{path}:{number}: expected {{"relation": ..., "word": ..., "answer": [...]}}, got {line:.60}; '
                    "delete the line"
                ) from error

    def find(self, relation: str, word: str) -> Answer | None:
        """The recorded answer; None if the word has not been asked about."""
        return self._answers.get((relation, word.lower()))

    def keep(self, relation: str, word: str, answer: Sequence[str]) -> None:
        """Add an answer, here and at the end of the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"relation": relation, "word": word.lower(), "answer": list(answer)}) + "\n")
        self._answers[relation, word.lower()] = tuple(answer)


@lru_cache(maxsize=4)
def open_record(path: Path) -> Record:
    """The record in a file: one for all who ask for that file."""
    return Record(path)


def ask(url: str, relation: str, word: str) -> Answer:
    """Ask the service itself about one word; the best words come first.

    Raises:
        MissingResource: it cannot be reached, or refuses.
        BrokenData: its answer is not that of Datamuse.
    """
    request = Request(f"{url}?{urlencode({relation: word.lower()})}", headers={"User-Agent": "turncoat"})  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            content = response.read()
    except (URLError, OSError) as error:
        raise MissingResource(f"{request.full_url}: {error}; go on later: what was answered is kept") from error
    try:
        return tuple(entry["word"] for entry in json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenData(f"{request.full_url}: expected a list of words in JSON, got {content[:60]!r}") from error
