"""Running text as numbered words, to train word vectors on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turncoat.data.passages import passages
from turncoat.errors import UsageError
from turncoat.models.vocabulary import Vocabulary
from turncoat.text import WORD

BREAK = re.compile(r"<br\s*/?>")

Progress = Callable[[str, int, int], None]  # what is being done, how far, of how much


@dataclass(frozen=True, eq=False)
class Corpus:
    """Passages of words that are common enough.

    Attributes:
        words: most frequent first, then by alphabet.
        counts: (words,) how often each occurs.
        passages: numbers of the words of each passage; rare words are left out.
        sources: what was read: passages, running words (rare ones too) and a checksum, by source.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    passages: Sequence[NDArray[np.int32]]
    sources: Mapping[str, Mapping[str, Any]]


def read_corpus(sources: Sequence[str], least: int, progress: Progress) -> Corpus:
    """The words of the sources, cut and put into lower case as word models do.

    Args:
        sources: see `turncoat.data.passages.passages`; line breaks written as <br /> are no words.
        least: words that occur less often are left out.

    Raises:
        UsageError: no word is left. MissingResource, UnknownName, BrokenData: see `passages`.
    """
    numbers: dict[str, int] = {}
    found: list[NDArray[np.int32]] = []
    described = {}
    for source in sources:
        digest, first, running = sha256(), len(found), 0
        for passage in passages(source):
            digest.update(f"{passage}\n".encode("utf-8", "surrogatepass"))
            words = WORD.findall(BREAK.sub("\n", passage).lower())
            found.append(np.array([numbers.setdefault(word, len(numbers)) for word in words], np.int32))
            running += len(words)
            progress(f"reading {source}", len(found) - first, 0)
        described[source] = {"passages": len(found) - first, "words": running, "sha256": digest.hexdigest()}
    return _common(found, list(numbers), least, described)


def _common(found: Sequence[NDArray[np.int32]], words: list[str], least: int, described: dict[str, Any]) -> Corpus:
    counts = np.bincount(np.concatenate(found), minlength=len(words)) if words else np.zeros(0, np.int64)
    readable = set(Vocabulary(words).words)  # those that a word model can know
    kept = [i for i, word in enumerate(words) if counts[i] >= least and word in readable]
    if not kept:
        raise UsageError(
            f"expected text with words that occur {least} times or more, got {len(words)} words, all rarer"
        )
    kept.sort(key=lambda i: (-counts[i], words[i]))
    renumbered = np.full(len(words), -1, np.int32)
    renumbered[kept] = np.arange(len(kept))
    again = (renumbered[passage] for passage in found)
    return Corpus(tuple(words[i] for i in kept), counts[kept], [each[each >= 0] for each in again], described)
