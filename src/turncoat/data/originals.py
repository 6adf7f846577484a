"""The published data files, read as they are: found, checked against their sha256, unpacked."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, cast

from turncoat.data.resources import locate
from turncoat.errors import BrokenData, MissingResource


def original(name: str, file: str) -> Path:
    """A file of a published data set, with the checksum that it had when it was described.

    Raises:
        MissingResource: the data set, or this file of it, is not on this machine.
        BrokenData: it holds other bytes than the published file.
    """
    found = locate(name)
    path = found / file if found.is_dir() else found
    if not path.exists():
        there = ", ".join(sorted(each.name for each in found.iterdir()))
        raise MissingResource(f"{name}: expected {file} in {found}, which holds {there or 'nothing'}")
    expected, got = checksums()[f"{name}/{file}"], hashlib.sha256(path.read_bytes()).hexdigest()
    if got != expected:
        raise BrokenData(
            f"{path}: expected sha256 {expected}, got {got}: the file is damaged or another edition; "
            "fetch it again, or load it as a file of your own"
        )
    return path


@cache
def checksums() -> Mapping[str, str]:
    """sha256 of each published file, by "data set/file"; the list can be checked with `sha256sum -c` too."""
    lines = files("turncoat.data").joinpath("checksums.txt").read_text(encoding="utf-8").splitlines()
    return {file: digest for digest, file in map(str.split, lines)}


def unpacked(path: Path) -> bytes:
    """The content of a file, taken out of .xz or .gz.

    Raises:
        BrokenData: the compressed file is damaged.
    """
    return b"".join(_lines(path))


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines of a UTF-8 text file (may be compressed), counted from 1, without line ends; empty ones are passed over.

    Raises:
        BrokenData: the file is damaged, or a line is not UTF-8.
    """
    for number, line in enumerate(_lines(path), 1):
        try:
            text = line.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise BrokenData(f"{path}:{number}: expected UTF-8 ({error})") from error
        if text:
            yield number, text


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with _open(path) as file:
            yield from file
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise BrokenData(f"{path}: cannot be read ({error}); fetch it again") from error


def _open(path: Path) -> BinaryIO:
    if path.suffix == ".xz":
        return cast("BinaryIO", lzma.open(path))
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path))
    return path.open("rb")
