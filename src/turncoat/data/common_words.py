"""The commonest English words: a frozen list that comes with the package, and how it was counted."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from turncoat.data.resources import locate
from turncoat.errors import BrokenData

PUNCTUATION = {*string.punctuation, "``", "''", "--"}
TEXT_FILE = re.compile(r"brown/c[a-r]\d\d")
NUMBER = 1000


@cache
def common_words() -> tuple[str, ...]:
    """The 1,000 most frequent words of the Brown corpus (Francis and Kucera 1979), in lower case, in that order."""
    return tuple(files("turncoat.data").joinpath("common_words.txt").read_text(encoding="utf-8").split())


def count_brown(path: Path | None = None) -> tuple[str, ...]:
    """The list that `common_words` gives, counted anew; ties go by alphabet.

    Tokens as the corpus cuts them ("don't", "mr."), without those that are punctuation.

    Raises:
        MissingResource: the corpus is not on this machine. BrokenData: its file is damaged.
    """
    counts = Counter(word.lower() for word in _brown_words(locate("brown", path)) if word not in PUNCTUATION)
    return tuple(sorted(counts, key=lambda word: (-counts[word], word))[:NUMBER])


def _brown_words(path: Path) -> Iterator[str]:
    """Words of the corpus as NLTK packs it: `word/tag`, separated by blanks."""
    try:
        with ZipFile(path) as corpus:
            for name in filter(TEXT_FILE.fullmatch, corpus.namelist()):
                yield from (token.rpartition("/")[0] for token in corpus.read(name).decode().split())
    except (OSError, BadZipFile, UnicodeDecodeError) as error:
        raise BrokenData(f"{path}: not the Brown corpus as NLTK packs it ({error}); fetch it again") from error
