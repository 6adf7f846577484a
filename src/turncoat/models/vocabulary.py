"""The words that a word model knows, and their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from turncoat.errors import BrokenData
from turncoat.text import WORD

PADDING, UNKNOWN = 0, 1
UNKNOWN_TOKEN = "[UNK]"  # noqa: S105 (no password)
RESERVED = ("[PAD]", UNKNOWN_TOKEN)


class Vocabulary:
    """Lower-case words numbered from 2; 0 is padding and 1 a word that is not known.

    "unk" is never a word: "[UNK]" then reads the same whether its brackets are seen or not.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words: tuple[str, ...] = (*RESERVED, *(word for word in words if word != "unk"))
        self._ids = {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def ids(self, words: Sequence[str]) -> list[int]:
        """Number of each word, whatever its case."""
        get = self._ids.get
        return [UNKNOWN if word == UNKNOWN_TOKEN else get(word.lower(), UNKNOWN) for word in words]

    def ids_of_string(self, string: str) -> list[int]:
        """Numbers of the words in a string."""
        return self.ids(WORD.findall(string))

    def write(self, path: Path) -> None:
        """One word a line, in the order of the numbers."""
        path.write_text("".join(f"{word}\n" for word in self.words), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Inverse of `write`.

        Raises:
            BrokenData: the file does not begin with the two reserved entries.
        """
        words = path.read_text(encoding="utf-8").split("\n")[:-1]
        if tuple(words[:2]) != RESERVED:
            raise BrokenData(f"{path}: expected {RESERVED} in the first two lines, got {words[:2]}")
        return cls(words[2:])
