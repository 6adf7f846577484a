"""Unfinished trainings on disk, so that a killed one goes on as if nothing had happened."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from turncoat.disk import whole
from turncoat.errors import BrokenData

SECONDS = 60.0  # between two writings, at least


class Checkpoint:
    """One safetensors file: tensors, and in its header numbers as JSON. It is replaced whole or not at all.

    Args:
        path: of the file; its folder is made when it is needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time to write again."""
        return time.monotonic() - self._written >= SECONDS

    def write(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Replace the file."""
        own = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
        with whole(self.path) as partial:
            save_file(own, partial, metadata={"numbers": json.dumps(numbers)})
        self._written = time.monotonic()

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """What was written last; None if nothing was.

        Raises:
            BrokenData: the file is damaged.
        """
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, framework="pt") as file:
                numbers = json.loads(file.metadata()["numbers"])
                return {name: file.get_tensor(name) for name in file.keys()}, numbers  # noqa: SIM118 (no mapping)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise BrokenData(f"{self.path}: not an unfinished training; remove it to begin anew: {error}") from error


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with "prefix.", without it."""
    return {name.removeprefix(f"{prefix}."): each for name, each in tensors.items() if name.startswith(f"{prefix}.")}


def file_for(folder: Path, kind: str, settings: Mapping[str, Any], strings: Iterable[str]) -> Checkpoint:
    """The checkpoint of a training, by all that it depends on: another training has another file."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=_plain).encode())
    for string in strings:
        digest.update(f"{len(string)}:{string}".encode("utf-8", "surrogatepass"))
    return Checkpoint(folder / f"{kind}-{digest.hexdigest()[:16]}.safetensors")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {"class": type(value).__name__, **asdict(value)}
    return str(value)
