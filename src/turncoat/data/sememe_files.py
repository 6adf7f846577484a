"""Tables of English words with HowNet's sememes: .tsv, .csv, .jsonl (each may be .gz or .xz) or .parquet files.

Two kinds are read, one sense a row:

- HowNet joined to WordNet: columns `pos` (n, v, a, r), `lemmas` (blanks between, underscores within) and `sememes`
  (";" between).
- OpenHowNet's dictionary: columns `en_word`, `en_grammar` (noun, verb, adj, adv; what follows is ignored) and `Def`
  (the definition in HowNet's markup) or `sememes` (a list, or ";" between). OpenHowNet itself keeps a pickle, which is
  never read here, for a pickle may run any code. With that package installed, this writes the table:

      import json, OpenHowNet
      with open("hownet.jsonl", "w") as file:
          for s in OpenHowNet.HowNetDict().get_all_senses():
              file.write(json.dumps({"en_word": s.en_word, "en_grammar": s.en_grammar, "Def": s.Def}) + "\\n")
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from turncoat.data.rows import rows_of
from turncoat.errors import BrokenData, UsageError

GRAMMAR = {"noun": "n", "verb": "v", "adj": "a", "adv": "r", "n": "n", "v": "v", "a": "a", "r": "r"}
SEMEME = re.compile(r'[^{}:=,;"()~|]+\|[^{}:=,;"()~|\s]+')  # English|Chinese, inside a definition

Sense = tuple[str, list[str], tuple[str, ...]]  # part of speech, single words in lower case, sorted sememes


def read_senses(file: Path) -> Iterator[Sense]:
    """The senses of single words that are nouns, verbs, adjectives or adverbs; the others are passed over.

    Raises:
        UsageError: the file is a pickle, or a table of another kind. BrokenData: a row cannot be read.
    """
    with file.open("rb") as opened:
        if file.suffix in (".pkl", ".pickle") or opened.read(1) == b"\x80":
            raise UsageError(
                f"{file}: expected a table, got a pickle; pickles are not read, for they may run any code. "
                "How to write a table from OpenHowNet: help('turncoat.data.sememe_files')"
            )
    columns, rows = rows_of(file)
    if {"pos", "lemmas", "sememes"} <= set(columns):
        word, grammar = "lemmas", "pos"
    elif {"en_word", "en_grammar"} <= set(columns) and {"Def", "sememes"} & set(columns):
        word, grammar = "en_word", "en_grammar"
    else:
        raise UsageError(
            f"{file}: expected columns pos, lemmas and sememes, or en_word, en_grammar and Def (or sememes); "
            f"it has {', '.join(columns) or 'none'}"
        )
    for line, cells in rows:
        if isinstance(cells, str):
            raise BrokenData(f"{file}:{line}: {cells}")
        pos = GRAMMAR.get(_text(cells, grammar).partition(" ")[0].lower())
        names = _text(cells, word).lower().split()
        words = [name for name in names if "_" not in name] if word == "lemmas" else names * (len(names) == 1)
        sememes = _sememes(cells)
        if pos and words and sememes:
            yield pos, words, sememes


def _sememes(cells: Mapping[str, object]) -> tuple[str, ...]:
    found = cells.get("sememes")
    if found is None:
        found = SEMEME.findall(_text(cells, "Def"))
    names = found if isinstance(found, list) else str(found).split(";")
    return tuple(sorted({str(name).strip() for name in names} - {""}))


def _text(cells: Mapping[str, object], column: str) -> str:
    return str(cells.get(column) or "").strip()
