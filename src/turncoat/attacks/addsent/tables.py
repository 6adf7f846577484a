"""The word lists of steps 1 and 2, from `tables.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def tables() -> dict[str, Any]:
    """`mutation`, `answers` and `entities`, as the file says."""
    return tomllib.loads(files("turncoat.attacks.addsent").joinpath("tables.toml").read_text(encoding="utf-8"))
