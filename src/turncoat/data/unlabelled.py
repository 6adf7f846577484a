"""Texts without labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from turncoat.data.datasets import load
from turncoat.data.originals import numbered_lines, original
from turncoat.data.passages import passages
from turncoat.errors import UsageError

FILES = {"imdb:unlabelled": ("imdb", "imdb_unsup.txt.xz")}  # 50,000 reviews (Maas et al. 2011), one a line


def read_unlabelled(source: str) -> tuple[str, ...]:
    """The texts of a source, each once, in its order.

    Args:
        source: "imdb:unlabelled"; a text file, one text a line (may be .xz or .gz); or NAME:SPLIT of a data set, of
            which the labels are left out.

    Raises:
        UsageError: none of these. UnknownName: no such data set. MissingResource: it is not on this machine.
        BrokenData: the file is damaged.
    """
    if source in FILES:
        texts = (line.replace("<br />", "\n") for _, line in numbered_lines(original(*FILES[source])))
    elif Path(source).is_file():
        texts = (passage for passage in passages(source))
    elif ":" in source:
        name, _, split = source.partition(":")
        texts = (example.text for example in load(name, split))
    else:
        raise UsageError(f"expected imdb:unlabelled, a text file, or NAME:SPLIT of a data set, got {source!r}")
    return tuple(dict.fromkeys(texts))


def draw(texts: Sequence[str], size: int | None, seed: int) -> tuple[str, ...]:
    """`size` of the texts, drawn without replacement and kept in order; all of them for None.

    Raises:
        UsageError: there are fewer.
    """
    if size is None:
        return tuple(texts)
    if not 0 < size <= len(texts):
        raise UsageError(f"expected 1 to {len(texts)} unlabelled texts, got {size}")
    return tuple(texts[i] for i in np.sort(np.random.default_rng(seed).permutation(len(texts))[:size]))
