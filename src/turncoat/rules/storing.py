"""Rule books as JSON files, one rule a line."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, astuple, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from turncoat.disk import write_file
from turncoat.errors import BrokenData, UsageError
from turncoat.rules.rule import Provenance, Rule, RuleBook, in_order

FORMAT, VERSION = "turncoat rules", 1
COLUMNS = [field.name for field in fields(Rule)]


def write_book(book: RuleBook, path: str | Path) -> None:
    """
    Raises:
        UsageError: the file cannot be written.
    """
    head = {
        "format": FORMAT,
        "version": VERSION,
        "fingerprint": book.fingerprint,
        "labels": book.labels,
        "provenance": asdict(book.provenance),
        "columns": COLUMNS,
    }
    rules = ",\n".join(json.dumps(astuple(rule), ensure_ascii=False) for rule in book.rules)
    write_file(f'{json.dumps(head, indent=1, ensure_ascii=False)[:-2]},\n "rules": [\n{rules}\n]\n}}\n', path)


def read_book(path: str | Path) -> RuleBook:
    """
    Raises:
        UsageError: no such file, no rule book, or one of another version.
        BrokenData: it was cut short or changed.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"expected a rule book at {path}, found none; make one with `turncoat rules mine`")
    try:
        table = json.loads(path.read_bytes())
    except ValueError as error:
        raise BrokenData(f"{path}: the rule book is not whole ({error}); copy it again or mine anew") from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise UsageError(f"{path} is no rule book: expected JSON with the format {FORMAT!r}")
    if table.get("version") != VERSION:
        raise UsageError(
            f"{path}: expected a rule book of version {VERSION}, got {table.get('version')!r}; "
            "mine anew, or use the turncoat that wrote it"
        )
    try:
        book = _book(table)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenData(f"{path}: the rule book is damaged ({error}); copy it again or mine anew") from error
    if book.fingerprint != table.get("fingerprint"):
        raise BrokenData(
            f"{path}: expected rules with the fingerprint {table.get('fingerprint')}, got {book.fingerprint}; "
            "the rules were changed since they were written: copy the book again or mine anew"
        )
    return book


@lru_cache(maxsize=8)
def open_book(path: str, labels: tuple[str, ...], fingerprint: str) -> RuleBook:
    """`read_book`, with its classes numbered as `labels` are (() keeps the numbers).

    Raises:
        UsageError: other classes, or, with a `fingerprint`, other rules than those.
    """
    book = read_book(path)
    if fingerprint and fingerprint != book.fingerprint:
        raise UsageError(f"{path}: expected the rules {fingerprint}, got {book.fingerprint}; the book was replaced")
    return book.aligned(labels) if labels else book


def _book(table: dict[str, Any]) -> RuleBook:
    labels = tuple(map(str, table["labels"]))
    if table["columns"] != COLUMNS:
        raise ValueError(f"expected the columns {', '.join(COLUMNS)}")
    rules = tuple(_rule(number, row, len(labels)) for number, row in enumerate(table["rules"], 1))
    if rules != in_order(rules):
        raise ValueError("the rules are out of order")
    victims = tuple((str(name), str(mark)) for name, mark in table["provenance"]["victims"])
    return RuleBook(labels, rules, Provenance(**{**table["provenance"], "victims": victims}))


def _rule(number: int, row: Any, classes: int) -> Rule:
    rule = Rule(*row)
    strings = (rule.word, rule.pos, rule.replacement)
    sound = (
        all(isinstance(string, str) for string in strings)
        and isinstance(rule.label, int)
        and 0 <= rule.label < classes
        and isinstance(rule.salience, int | float)
        and math.isfinite(rule.salience)
        and isinstance(rule.count, int)
    )
    if not sound:
        raise ValueError(f"rule {number} is {row!r:.80}")
    return rule
