"""Sentences that people have approved: a JSON file, by paragraph and question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from turncoat.errors import BrokenData, UsageError

Sentences = Mapping[tuple[str, str], tuple[str, ...]]


@lru_cache(maxsize=4)
def read_approved(path: str) -> Sentences:
    """Approved sentences by (paragraph, question), in the order of the file.

    Raises:
        UsageError: no such file. BrokenData: it has another form.
    """
    if not Path(path).is_file():
        raise UsageError(f"expected a file of approved sentences at {path}, found none")
    found: dict[tuple[str, str], list[str]] = {}
    try:
        for row in json.loads(Path(path).read_bytes())["sentences"]:
            found.setdefault((row["paragraph"], row["question"]), []).append(row["sentence"])
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenData(
            f'{path}: expected {{"sentences": [{{"paragraph", "question", "sentence"}}]}}, '
            f"got {type(error).__name__}: {error}"
        ) from error
    return {asked: tuple(dict.fromkeys(sentences)) for asked, sentences in found.items()}
