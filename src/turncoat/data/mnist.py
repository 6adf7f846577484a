"""MNIST: images of handwritten digits (LeCun, Cortes, Burges), from the IDX files in which they were published."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from turncoat.data.originals import unpacked
from turncoat.data.splitting import check_split
from turncoat.errors import BrokenData, MissingResource, UsageError

SPLITS = {"train": "train", "test": "t10k"}

# sha256 of the content as published, whatever it is packed in.
SHA256: Mapping[str, str] = {
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
}


@dataclass(frozen=True)
class Images:
    """Labelled grey images in a fixed order.

    Attributes:
        name: with the split ("mnist/test").
        pixels: (n, 28, 28) float32, 0 (paper) to 1 (ink).
        labels: the digits (n,), int64.
    """

    name: str
    pixels: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def balanced(self, each: int, seed: int) -> NDArray[np.int64]:
        """Rows of `each` images of every class, drawn without replacement, in ascending order.

        Raises:
            UsageError: a class has fewer.
        """
        rng = np.random.default_rng(seed)
        chosen = []
        for label in np.unique(self.labels):
            rows = np.flatnonzero(self.labels == label)
            if not 0 < each <= len(rows):
                raise UsageError(f"expected 1 to {len(rows)} images of class {label} in {self.name}, got {each}")
            chosen.append(rng.choice(rows, each, replace=False))
        return np.sort(np.concatenate(chosen)).astype(np.int64)


def load_mnist(split: str, folder: str | Path | None = None) -> Images:
    """MNIST; splits train 60,000, test 10,000. The files may be packed with gzip or not.

    Args:
        folder: where the files lie; None for `$TURNCOAT_DATA/data/mnist`.

    Raises:
        UsageError: no such split.
        MissingResource: a file is not there.
        BrokenData: it holds other bytes than the published file.
    """
    check_split("mnist", split, SPLITS)
    images = _published(f"{SPLITS[split]}-images-idx3-ubyte", folder)
    labels = _published(f"{SPLITS[split]}-labels-idx1-ubyte", folder)
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise BrokenData(
            f"mnist/{split}: expected images (n, rows, columns) and labels (n,), got {images.shape} and {labels.shape}"
        )
    return Images(f"mnist/{split}", images.astype(np.float32) / np.float32(255), labels.astype(np.int64))


def parse_idx(content: bytes) -> NDArray[np.uint8]:
    """The array of an IDX file of bytes: two zeros, 8 for bytes, the number of dimensions, each of them in four bytes
    (big end first), the numbers.

    Raises:
        BrokenData: it is no such file, or cut short.
    """
    dimensions = content[3] if len(content) > 3 else 0
    start = 4 + 4 * dimensions
    shape = tuple(np.frombuffer(content[4:start], ">u4", count=-1).tolist()) if len(content) >= start else ()
    if content[:3] != b"\0\0\x08" or not shape or len(content) != start + math.prod(shape):
        raise BrokenData(
            f"expected an IDX file of bytes, got {len(content)} bytes that begin with {content[:4].hex(' ')}"
            + (f" and should hold {' x '.join(map(str, shape))} numbers" if shape else "")
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _published(file: str, folder: str | Path | None) -> NDArray[np.uint8]:
    where = _folder() if folder is None else Path(folder).expanduser()
    path = next((path for path in (where / f"{file}.gz", where / file) if path.is_file()), None)
    if path is None:
        raise MissingResource(
            f"MNIST: expected {file}.gz in {where}, found none; get it from "
            f"https://ossci-datasets.s3.amazonaws.com/mnist/{file}.gz"
        )
    content = unpacked(path)
    got = hashlib.sha256(content).hexdigest()
    if got != SHA256[file]:
        raise BrokenData(f"{path}: expected content of sha256 {SHA256[file]}, got {got}; fetch it again")
    return parse_idx(content)


def _folder() -> Path:
    shared = os.environ.get("TURNCOAT_DATA")
    if not shared:
        raise MissingResource("MNIST: TURNCOAT_DATA is not set; set it to the folder that holds data/mnist")
    return Path(shared).expanduser() / "data/mnist"
