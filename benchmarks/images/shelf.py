"""What a study has made so far, on disk: networks, tensors and tables, each whole or not there."""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from turncoat.models.image_files import read_image_network, write_image_network
from turncoat.models.images import Sizes, linear_layers
from turncoat.training.checkpoint import Checkpoint
from turncoat.training.storing import new_folder

Made = TypeVar("Made")


class Shelf:
    """A folder, and what its things cost: CPU seconds, counted for the part of the study that made them.

    Seconds that a killed process spent on what it did not finish are not counted.

    Args:
        folder: made when it is needed.
        about: of what sizes the study is; a folder of another is refused.
    """

    def __init__(self, folder: Path, about: str) -> None:
        self.folder, self.part = folder, ""
        self._spent = 0.0
        self._costs = folder / "costs.csv"
        folder.mkdir(parents=True, exist_ok=True)
        note = folder / "sizes.txt"
        if note.exists() and note.read_text(encoding="utf-8") != about:
            sys.exit(f"{folder}: holds a study of other sizes (see {note}); give another folder, or remove it")
        note.write_text(about, encoding="utf-8")

    def network(
        self, name: str, sizes: Sizes, make: Callable[[nn.Sequential, Checkpoint], Mapping[str, Any]], seed: int
    ) -> nn.Sequential:
        """A network, built with the seed and trained by `make`, which tells what the card shall say."""
        folder = self.folder / "networks" / name
        if not folder.exists():
            checkpoint = Checkpoint(self.folder / "unfinished" / f"{name}.safetensors")
            network = sizes.build(seed)
            told, seconds = self._timed(name, lambda: make(network, checkpoint))
            labels = tuple(map(str, range(linear_layers(network)[-1].out_features)))
            with new_folder(folder) as partial:
                write_image_network(
                    network, sizes, partial, labels=labels, training={**told, "seed": seed, "cpu_seconds": seconds}
                )
            checkpoint.path.unlink(missing_ok=True)
            print(f"  {name}: {seconds:.0f} s", flush=True)
        return read_image_network(folder)[0]

    def table(self, name: str, make: Callable[[], Any]) -> Any:
        """What can be written as JSON."""
        path = self.folder / "tables" / f"{name}.json"
        if not path.exists():
            content = json.dumps(self._timed(name, make)[0])
            _write(path, lambda partial: partial.write_text(content, encoding="utf-8"))
        return json.loads(path.read_text(encoding="utf-8"))

    def tensors(self, name: str, make: Callable[[], Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """Tensors by name."""
        path = self.folder / "tensors" / f"{name}.safetensors"

        def keep() -> None:
            found = {key: tensor.contiguous() for key, tensor in make().items()}
            _write(path, lambda partial: save_file(found, partial))

        self.table(f"tensors/{name}", keep)
        return load_file(path)

    def seconds(self, part: str) -> float:
        """CPU seconds of all that was made for a part."""
        if not self._costs.exists():
            return 0.0
        with self._costs.open(newline="", encoding="utf-8") as file:
            last = {name: (where, float(seconds)) for where, name, seconds in csv.reader(file)}
        return sum(seconds for where, seconds in last.values() if where == part)

    def _timed(self, name: str, make: Callable[[], Made]) -> tuple[Made, float]:
        """What was made, and the CPU seconds of it, without those of what was put on the shelf meanwhile."""
        start, before = time.process_time(), self._spent
        made = make()
        seconds = round(time.process_time() - start - (self._spent - before), 2)
        self._spent += seconds
        with self._costs.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerow([self.part, name, seconds])
        return made, seconds


def _write(path: Path, write: Callable[[Path], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    write(partial)
    os.replace(partial, path)
