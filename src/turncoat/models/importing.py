"""Finding a user's own function by what he types."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turncoat.errors import UsageError


def import_function(spec: str) -> Callable[..., Any]:
    """The function of "module:function"; the module may lie in the working folder.

    Raises:
        UsageError: there is none.
    """
    module, _, name = spec.partition(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does: a user's own module lies beside him
    try:
        function = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:  # a user's module may raise anything
        what = "" if isinstance(error, ImportError | AttributeError) else f"{type(error).__name__}: "
        raise UsageError(f"{spec}: expected module:function that can be imported from {here}: {what}{error}") from error
    if not callable(function):
        raise UsageError(f"{spec}: expected a function, got {type(function).__name__}")
    return function  # type: ignore[no-any-return]
