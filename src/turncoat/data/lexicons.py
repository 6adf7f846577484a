"""Word lists made by others: neighbours in counter-fitted vectors, and antonyms."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from turncoat.data.antonyms import open_antonyms
from turncoat.data.originals import numbered_lines, unpacked
from turncoat.data.resources import is_here, locate
from turncoat.data.wordnet_files import POS_FILES
from turncoat.errors import BrokenData, UsageError

TABLES = {"dne": "counter_fitted_dne", "certified": "counter_fitted_certified"}


@lru_cache(maxsize=4)
def open_neighbours(table: str) -> Mapping[str, Sequence[str]]:
    """Words in lower case with their neighbours, nearest first.

    Args:
        table: "dne" (Zhou et al., ACL 2021: Euclidean distance 0.7 at most), "certified" (Jia et al., EMNLP 2019), or a
            JSON file of that form: {"film": ["movie", "films"], ...}, also .gz or .xz.

    Raises:
        MissingResource: the table is not on this machine. UsageError: neither a table's name nor a file.
        BrokenData: the file has another form.
    """
    file = locate(TABLES[table]) if table in TABLES else Path(table).expanduser()
    if not file.is_file():
        raise UsageError(f"expected a table ({', '.join(TABLES)}) or a JSON file, got {table!r}, which is neither")
    try:
        neighbours = json.loads(unpacked(file))
    except ValueError as error:
        raise BrokenData(f"{file}: not JSON ({error})") from error
    if not isinstance(neighbours, dict) or not all(map(_is_words, neighbours.values())):
        raise BrokenData(f"{file}: expected a JSON object with a list of words for each word")
    return neighbours


@lru_cache(maxsize=1 << 14)
def antonyms(word: str) -> frozenset[str]:
    """Antonyms of the word and of the words that it may be a form of, in lower case.

    Those that WordNet names, as lemmas, and those of the Paraphrase Database, as they stand, where that list is found.

    Raises:
        MissingResource: there is no WordNet.
    """
    named = open_antonyms().named
    lemmas = {other.replace("_", " ") for pos in POS_FILES for other in named(word, pos)}
    return frozenset(lemmas | _paraphrase_antonyms().get(word.lower(), set()))


@cache
def _paraphrase_antonyms() -> Mapping[str, set[str]]:
    table: dict[str, set[str]] = defaultdict(set)
    if is_here("ppdb_antonyms"):
        for _, line in numbered_lines(locate("ppdb_antonyms")):
            first, second = line.lower().split()
            table[first].add(second)
    return table


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
