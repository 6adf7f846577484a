"""Parameters as plain tables and back: attack <-> TOML. The only place that knows how a config is written.

An object is a table with its class name under `kind` and one entry a field. Only known classes can be read.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from turncoat.errors import UnknownName, UsageError
from turncoat.registry import CONFIGURABLE


def to_table(value: Any) -> Any:
    """A frozen dataclass (and what it holds) as plain tables, lists, strings and numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        entries = {field.name: to_table(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, **{k: v for k, v in entries.items() if v is not None}}
    if isinstance(value, list | tuple):
        return [to_table(entry) for entry in value]
    return value


def from_table(table: Any) -> Any:
    """Inverse of `to_table`.

    Raises:
        UnknownName: the table names a class that nobody registered.
        UsageError: an entry is no field of the class.
    """
    if isinstance(table, Mapping):
        if "kind" not in table:
            raise UsageError(f"expected a table with an entry `kind`, got entries {sorted(table)}")
        kind = CONFIGURABLE.get(str(table["kind"]))
        return _build(kind, {key: from_table(entry) for key, entry in table.items() if key != "kind"})
    if isinstance(table, list):
        return tuple(from_table(entry) for entry in table)
    return table


def with_settings(value: Any, settings: Sequence[str]) -> Any:
    """Change fields by "name=value" or "substitutions.inflect=true"; values are written as in TOML.

    Raises:
        UsageError: a setting has no "=", or its value has the wrong type.
        UnknownName: no such field.
    """
    for setting in settings:
        name, equals, literal = setting.partition("=")
        if not equals:
            raise UsageError(f"expected --set name=value, got {setting!r}")
        value = _set(value, name.strip().split("."), _read(literal.strip()), setting)
    return value


def _set(owner: Any, path: Sequence[str], value: Any, setting: str) -> Any:
    name = path[0]
    _check_field(type(owner), name)
    old = getattr(owner, name)
    if len(path) > 1:
        if not is_dataclass(old):
            raise UsageError(f"{setting}: {name} holds {old!r}, which has no fields")
        return replace(owner, **{name: _set(old, path[1:], value, setting)})
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(old, float):
        value = float(value)
    if old is not None and type(value) is not type(old):
        raise UsageError(f"{setting}: expected a value like {old!r} ({type(old).__name__}), got {value!r}")
    return replace(owner, **{name: value})


def _build(kind: type, entries: Mapping[str, Any]) -> Any:
    for name in entries:
        _check_field(kind, name)
    try:
        return kind(**entries)
    except TypeError as error:
        raise UsageError(f"{kind.__name__}: {error}") from error


def _check_field(kind: type, name: str) -> None:
    names = [field.name for field in fields(kind)]
    if name not in names:
        close = difflib.get_close_matches(name, names, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UnknownName(f"{kind.__name__} has no parameter {name!r}{hint} (it has: {', '.join(names)})")


def _read(literal: str) -> Any:
    try:
        value = tomllib.loads(f"value = {literal}")["value"]
    except tomllib.TOMLDecodeError:
        return literal
    return from_table(value)
