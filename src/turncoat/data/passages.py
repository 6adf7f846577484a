"""Running text without labels: passages, and the sentences that stand side by side in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from turncoat.data.datasets import load
from turncoat.data.originals import numbered_lines
from turncoat.text import WORD

SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\s*\n\s*|\s*(?:<br\s*/?>\s*)+")
LEAST_WORDS, MOST_WORDS = 3, 64  # of a sentence that counts as one

Pair = tuple[str, str]


def passages(source: str) -> Iterator[str]:
    """The passages of a source: lines of a UTF-8 text file (may be .xz or .gz), or the train split of a named data set.

    Raises:
        UnknownName: neither a file nor a data set. MissingResource: the data set is not on this machine.
        BrokenData: the file is damaged.
    """
    if Path(source).is_file():
        return (line for _, line in numbered_lines(Path(source)))
    return (example.text for example in load(source, "train"))


def sentences(passage: str) -> list[str]:
    """The sentences of a passage, cut at marks before a capital or digit, at line ends and at <br>."""
    return [sentence for sentence in SENTENCE_END.split(passage.strip()) if sentence]


def neighbours(passage: str) -> Iterator[Pair]:
    """Each two sentences that stand side by side; very short and very long ones are passed over."""
    whole = sentences(passage)
    counts = [len(WORD.findall(sentence)) for sentence in whole]
    fits = [LEAST_WORDS <= count <= MOST_WORDS for count in counts]
    yield from ((whole[i], whole[i + 1]) for i in range(len(whole) - 1) if fits[i] and fits[i + 1])
