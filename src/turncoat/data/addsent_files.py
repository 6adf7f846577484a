"""Where the word vectors and the lists of first names that AddSent looks words up in lie on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from turncoat.data.cache import cache_folder
from turncoat.data.resources import locate
from turncoat.errors import MissingResource

PUBLISHED = "glove.6B.100d.txt"  # what the paper used
SMALL = "glove6B_5050x50.txt.xz"  # its 5,050 commonest words in 50 dimensions: the stand-in


def glove_file() -> Path:
    """GloVe 6B in 100 dimensions; else the GloVe vectors of 300 that `find_vectors` knows; else the small stand-in.

    Raises:
        MissingResource: there are none.
    """
    published = (folder / "vectors" / f"{PUBLISHED}{packed}" for folder in _folders() for packed in ("", ".gz", ".xz"))
    small = (folder / "vectors" / SMALL for folder in _folders())
    if found := _first(published):
        return found
    try:
        return locate("glove")
    except MissingResource as error:
        if found := _first(small):
            return found
        raise MissingResource(
            f"GloVe vectors: not found. To get those of the paper: unpack {PUBLISHED} from "
            f"nlp.stanford.edu/data/glove.6B.zip into {cache_folder() / 'vectors'}\n{error}"
        ) from error


def names_file() -> Path:
    """First names as NLTK packs them (M. Kantrowitz, names corpus 1.3).

    Raises:
        MissingResource: they are not there.
    """
    inside = ("nltk/names.zip", "nltk_data/corpora/names.zip", "corpora/names.zip")
    home = Path.home() / "nltk_data"
    if found := _first(folder / path for folder in (*_folders(), home) for path in inside):
        return found
    raise MissingResource("first names: not found. To get them: python -m nltk.downloader names")


def _folders() -> list[Path]:
    shared = os.environ.get("TURNCOAT_DATA")
    return [*([Path(shared).expanduser() / "data", Path(shared).expanduser()] if shared else []), cache_folder()]


def _first(candidates: Iterator[Path]) -> Path | None:
    return next((path for path in candidates if path.exists()), None)
