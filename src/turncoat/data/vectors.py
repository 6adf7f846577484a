"""Word vectors from a file (also .xz, .gz).

Text has "word v1 v2 ..." a line, with or without "words dimensions" first; a file that ends in .bin is word2vec's
binary format: that first line, then for each word its letters, a blank and its vector in 32-bit floats.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from turncoat.data.cache import cache_folder
from turncoat.data.originals import numbered_lines, unpacked
from turncoat.data.resources import locate
from turncoat.errors import BrokenData, UsageError

AT_ONCE = 256  # words whose cosines with the whole vocabulary are held in memory
KINDS = ("glove", "word2vec", "fasttext")


class Vectors:
    """Words with unit vectors, commonest first as in the file.

    Args:
        words: distinct words.
        matrix: their vectors (words, dimensions), of any length but zero.
    """

    def __init__(self, words: Sequence[str], matrix: NDArray[np.float32]) -> None:
        self.words = tuple(words)
        self.matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True).clip(1e-12)
        self._rows = {word: row for row, word in enumerate(self.words)}
        self._near: dict[tuple[int, int], tuple[tuple[str, float], ...]] = {}

    def row(self, word: str) -> int | None:
        """Row of the word, as it stands or in lower case."""
        return self._rows.get(word, self._rows.get(word.lower()))

    def nearest(self, words: Sequence[str], k: int) -> list[tuple[tuple[str, float], ...]]:
        """For each word, the `k` other words with the highest cosine and that cosine; () for unknown words.

        Equal cosines (to six digits) go by the order of the file. Spellings of the word in another case do not count.
        """
        rows = [self.row(word) for word in words]
        new = list(dict.fromkeys(row for row in rows if row is not None and (row, k) not in self._near))
        for start in range(0, len(new), AT_ONCE):
            self._learn(new[start : start + AT_ONCE], k)
        return [self._near[row, k] if row is not None else () for row in rows]

    def _learn(self, rows: list[int], k: int) -> None:
        rough = self.matrix[rows] @ self.matrix.T  # its last bits depend on how many rows there are
        enough = min(k + 3, len(self.words))  # k, and the word itself in three cases
        for row, roughly in zip(rows, rough, strict=True):
            others = np.flatnonzero(roughly >= np.partition(roughly, -enough)[-enough] - 1e-5)
            exact = self.matrix[others].astype(np.float64) @ self.matrix[row].astype(np.float64)
            cosines = np.round(exact, 6)
            own = self.words[row].lower()
            near = [
                (self.words[others[i]], float(cosines[i]))
                for i in np.lexsort((others, -cosines))
                if self.words[others[i]].lower() != own
            ]
            self._near[row, k] = tuple(near[:k])


def find_vectors(name: str, path: str | Path | None = None) -> Path:
    """File with word vectors of the kind: the published ones if they are on this machine, or trained ones.

    Args:
        name: "glove", "word2vec" or "fasttext".
        path: the file, or a folder with NAME-300.bin; default: `$TURNCOAT_DATA/vectors`, then the cache folder.

    Raises:
        UsageError: no such kind. MissingResource: there are none; the message holds the command that trains them.
    """
    if name not in KINDS:
        raise UsageError(f"expected word vectors of a kind of {', '.join(KINDS)}, got {name!r}")
    if path is not None and Path(path).expanduser().is_dir():
        path = Path(path) / f"{name}-300.bin"
    return locate(name, path)


def trained_vectors(name: str) -> Path:
    """Where `turncoat train-vectors` keeps them unless told otherwise."""
    return cache_folder() / "vectors" / f"{name}-300.bin"


@lru_cache(maxsize=2)
def open_vectors(path: str | None = None) -> Vectors:
    """Read a file of word vectors, or the one found on this machine.

    Raises:
        MissingResource: there is none. BrokenData: a line is no word with numbers, or their number varies; a binary
            file is cut short.
    """
    return Vectors(*read_vectors(locate("vectors", path)))


def read_vectors(file: Path, only: Container[str] | None = None) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Words in the order of the file, and their vectors as they stand there, (words, dimensions).

    Args:
        only: keep these words and pass over the others. Of a word that stands there twice, the first vector counts.

    Raises:
        BrokenData: see `open_vectors`; none of the words is there.
    """
    words: dict[str, NDArray[np.float32]] = {}
    dimensions = None
    for number, word, vector in _parse_binary(file) if ".bin" in file.suffixes[-2:] else _parse(file):
        dimensions = dimensions or len(vector)
        if len(vector) != dimensions or not dimensions:
            raise BrokenData(
                f"{file}:{number}: expected {dimensions or 'some'} numbers after {word!r}, got {len(vector)}"
            )
        if only is None or word in only:
            words.setdefault(word, vector)
    if not words:
        raise BrokenData(f"{file}: holds no word vectors{' for any of the words' if dimensions else ''}")
    return tuple(words), np.stack(list(words.values()))


def encode_binary(words: Sequence[str], matrix: NDArray[np.float32]) -> bytes:
    """Words and vectors in word2vec's binary format."""
    first = f"{len(words)} {matrix.shape[1]}\n".encode()
    rows = matrix.astype("<f4")
    return first + b"".join(word.encode() + b" " + row.tobytes() + b"\n" for word, row in zip(words, rows, strict=True))


def _parse(file: Path) -> Iterator[tuple[int, str, NDArray[np.float32]]]:
    dimensions = -1
    for number, line in numbered_lines(file):
        word, *numbers = line.rstrip().split(" ")
        if number == 1 and len(numbers) == 1 and word.isdecimal():
            continue  # word2vec's first line: how many words, how many dimensions
        if dimensions < 0:
            dimensions = len(numbers)
        elif len(numbers) > dimensions and not _is_number(numbers[0]):  # some published words hold blanks: ". . ."
            word, *numbers = line.rstrip().rsplit(" ", dimensions)
        try:
            yield number, word, np.array(numbers, dtype=np.float32)
        except ValueError as error:
            raise BrokenData(f"{file}:{number}: expected a word and numbers ({error})") from error


def _is_number(string: str) -> bool:
    try:
        float(string)
    except ValueError:
        return False
    return True


def _parse_binary(file: Path) -> Iterator[tuple[int, str, NDArray[np.float32]]]:
    content = _bytes(file)
    start = content.find(b"\n") + 1
    try:
        count, dimensions = map(int, content[:start].split())
    except ValueError as error:
        raise BrokenData(f'{file}: expected "words dimensions" in its first line ({error})') from error
    for number in range(1, count + 1):
        blank = content.find(b" ", start)
        end = blank + 1 + 4 * dimensions
        if blank < 0 or end > len(content):
            raise BrokenData(f"{file}: cut short: expected {count} words, got {number - 1}; fetch it again")
        word = content[start:blank].lstrip(b"\n").decode(errors="replace")
        yield number, word, np.frombuffer(content[blank + 1 : end], "<f4")
        start = end


def _bytes(file: Path) -> bytes | mmap:
    """The content; a plain file is not read as a whole."""
    if file.suffix != ".bin":
        return unpacked(file)
    with file.open("rb") as opened:
        return mmap(opened.fileno(), 0, access=ACCESS_READ)
