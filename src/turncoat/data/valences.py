"""How good or bad a word is, from the VADER lexicon (Hutto and Gilbert 2014): mean rating of ten people, -4 to 4."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from turncoat.data.resources import locate
from turncoat.errors import BrokenData


@lru_cache(maxsize=4)
def open_valences(path: str | Path | None = None) -> Mapping[str, float]:
    """Word, in lower case -> its valence; words without a feeling are not in it.

    Args:
        path: vader_lexicon.zip as NLTK offers it, or the .txt in it; None for the one found on this machine.

    Raises:
        MissingResource: there is none. BrokenData: it cannot be read.
    """
    found = locate("vader", path)
    try:
        if zipfile.is_zipfile(found):
            with zipfile.ZipFile(found) as archive:
                content = archive.read(next(name for name in archive.namelist() if name.endswith("lexicon.txt")))
        else:
            content = found.read_bytes()
        rows = [line.split("\t") for line in content.decode().splitlines() if line.strip()]
        return {row[0].lower(): float(row[1]) for row in rows}
    except (OSError, StopIteration, ValueError, IndexError) as error:
        raise BrokenData(f"{found}: expected lines of word, tab, valence as in VADER's lexicon: {error}") from error
