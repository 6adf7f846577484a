"""Arrays by name in one compressed numpy file (.npz), which is written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from turncoat.disk import whole
from turncoat.errors import BrokenData, UsageError


def write_arrays(path: Path, **arrays: Any) -> None:
    """Write arrays of numbers or strings; the folder is made if it is missing."""
    with whole(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Inverse of `write_arrays`; nothing in the file is run.

    Raises:
        UsageError: there is no such file. BrokenData: it holds something else.
    """
    if not path.is_file():
        raise UsageError(f"no such file: {path}")
    try:
        with np.load(path, allow_pickle=False) as found:
            return dict(found.items())
    except (OSError, ValueError, AttributeError, BadZipFile) as error:
        raise BrokenData(f"{path}: not a file of arrays: {error}") from error
