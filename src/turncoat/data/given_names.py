"""First names of people, in lower case."""

from __future__ import annotations

from functools import cache
from zipfile import BadZipFile, ZipFile

from turncoat.data.addsent_files import names_file
from turncoat.errors import BrokenData


@cache
def given_names() -> frozenset[str]:
    """The names corpus of M. Kantrowitz, women's and men's.

    Raises:
        MissingResource: it is not on this machine. BrokenData: its file is damaged.
    """
    path = names_file()
    try:
        with ZipFile(path) as corpus:
            lists = [corpus.read(f"names/{kind}.txt").decode() for kind in ("female", "male")]
    except (OSError, BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise BrokenData(f"{path}: not the names corpus as NLTK packs it ({error}); fetch it again") from error
    return frozenset(line.strip().lower() for names in lists for line in names.splitlines() if line.strip())
