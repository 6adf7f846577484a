"""The files of WordNet 3.0 as Princeton's manual wndb(5WN) describes them: where they are, and how to read them.

Read directly, because NLTK's reader refuses folders that are not NLTK's own and wants files that Debian leaves out
(`lexnames`, `index.sense`). Byte offsets differ between Debian's and Princeton's files: they link lines of one folder,
and nothing that is kept or compared may hold them.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from turncoat.data.cache import cache_folder
from turncoat.data.resources import locate
from turncoat.errors import BrokenData, MissingResource

POS_FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
FILES = tuple(f for suffix in POS_FILES.values() for f in (f"data.{suffix}", f"index.{suffix}", f"{suffix}.exc"))


@dataclass(frozen=True, slots=True)
class Synset:
    """One sense: `names` with underscores for blanks, `topic` the number of its lexicographer file, and its gloss."""

    topic: int
    names: tuple[str, ...]
    gloss: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """From a sense to another, by offset; `word` and `target_word` count their names from 1, 0 means all of them."""

    source: str
    word: int
    target: str
    target_word: int


def wordnet_folder(path: str | Path | None = None) -> Path:
    """The folder with data.noun and the rest; an archive is unpacked into the cache folder first.

    Args:
        path: folder or archive to use; None looks for one.

    Raises:
        MissingResource: it is nowhere. BrokenData: the folder or archive is not a whole WordNet.
    """
    found = locate("wordnet", path)
    folder = found if found.is_dir() else _unpack(found)
    if missing := [file for file in FILES if not (folder / file).exists()]:
        raise BrokenData(f"{folder}: expected the files of WordNet 3.0, but there is no {', '.join(missing)}")
    return folder


def fingerprint(folder: Path) -> str:
    """Changes when a file of WordNet does; the same for the same files in another place."""
    digest = hashlib.blake2b(digest_size=8)
    for file in FILES:
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()


def read_synsets(folder: Path, pos: str) -> dict[str, Synset]:
    """All synsets of a part of speech, by offset; satellite adjectives are adjectives."""
    synsets = {}
    for line in _lines(folder / f"data.{POS_FILES[pos]}"):
        facts, _, gloss = line.partition(" | ")
        offset, topic, _, count, *rest = facts.split(" ")
        names = rest[: 2 * int(count, 16) : 2]
        synsets[offset] = Synset(int(topic), tuple(name.partition("(")[0] for name in names), gloss.strip())
    return synsets


def read_senses(folder: Path, pos: str) -> Iterator[tuple[str, list[str]]]:
    """Each lemma (lower case) with the offsets of its synsets, commonest sense first."""
    for line in _lines(folder / f"index.{POS_FILES[pos]}"):
        fields = line.split()
        yield fields[0], fields[-int(fields[2]) :]


def read_pointers(folder: Path, pos: str, symbol: str) -> Iterator[Pointer]:
    """All pointers of one kind within a part of speech: "!" to an antonym, "&" to a similar adjective, ..."""
    for line in _lines(folder / f"data.{POS_FILES[pos]}"):
        offset, _, _, count, *rest = line.partition(" | ")[0].split(" ")
        after = rest[2 * int(count, 16) :]
        for start in range(1, 1 + 4 * int(after[0]), 4):
            kind, target, target_pos, words = after[start : start + 4]
            if kind == symbol and target_pos.replace("s", "a") == pos:
                yield Pointer(offset, int(words[:2], 16), target, int(words[2:], 16))


def read_exceptions(folder: Path, pos: str) -> dict[str, list[str]]:
    """Irregular forms with their base forms."""
    lines = (folder / f"{POS_FILES[pos]}.exc").read_text(encoding="utf-8").splitlines()
    return {fields[0]: fields[1:] for fields in map(str.split, lines) if fields}


def _lines(path: Path) -> Iterator[str]:
    """The entries: all lines but the licence, which is indented."""
    with path.open(encoding="utf-8") as file:
        yield from (line for line in file if not line.startswith(" "))


def _unpack(archive: Path) -> Path:
    folder = cache_folder() / f"wordnet-{hashlib.sha256(archive.read_bytes()).hexdigest()[:12]}"
    if folder.exists():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MissingResource(
            f"{archive} must be unpacked; set TURNCOAT_CACHE to a folder to write to ({error})"
        ) from error
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        whole = Path(unfinished) / "wordnet"
        whole.mkdir()
        try:
            for name, content in _members(archive):
                (whole / name).write_bytes(content)
        except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError) as error:
            raise BrokenData(f"{archive}: cannot be unpacked ({error}); fetch it again") from error
        try:
            os.rename(whole, folder)
        except OSError:
            if not folder.exists():  # else another process was faster
                raise
    return folder


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """WordNet's files in an archive, by bare name, so that no path in it can lead elsewhere."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            for inside in zipped.namelist():
                if Path(inside).name in FILES:
                    yield Path(inside).name, zipped.read(inside)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if Path(member.name).name in FILES else None
            if content is not None:
                yield Path(member.name).name, content.read()
