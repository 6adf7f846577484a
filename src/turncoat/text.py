"""Text as words in their exact setting: str(Text(s)) == s for every string s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import regex

# A word starts with a letter or digit and may hold marks, underscores, inner apostrophes and hyphens
# ("don't", "so-called"). All else (spaces, punctuation, emoji, control characters) is setting.
WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}_]*+(?:['’\-][\p{L}\p{N}][\p{L}\p{N}\p{M}_]*+)*+")


@dataclass(frozen=True, slots=True)
class Change:
    """One edited place. `position` counts words of the original; `old` or `new` is "" for insertion or deletion."""

    position: int
    old: str
    new: str


class Text:
    """Immutable text. `words` can be edited; `gaps` is what stands around them (one more than words).

    A word put in by `replace` stays one word even when it holds spaces, so that positions keep their meaning.
    """

    def __init__(self, string: str) -> None:
        words, gaps, end = [], [], 0
        for match in WORD.finditer(string):
            words.append(match.group())
            gaps.append(string[end : match.start()])
            end = match.end()
        gaps.append(string[end:])
        self.words: tuple[str, ...] = tuple(words)
        self.gaps: tuple[str, ...] = tuple(gaps)

    @classmethod
    def of(cls, words: tuple[str, ...], gaps: tuple[str, ...]) -> Text:
        """Assemble from parts.

        Raises:
            ValueError: unless there is one gap more than words.
        """
        if len(gaps) != len(words) + 1:
            raise ValueError(f"expected {len(words) + 1} gaps around {len(words)} words, got {len(gaps)}")
        text = cls.__new__(cls)
        text.words, text.gaps = words, gaps
        return text

    @cached_property
    def string(self) -> str:
        parts = [self.gaps[0]]
        for word, gap in zip(self.words, self.gaps[1:], strict=True):
            parts += (word, gap)
        return "".join(parts)

    def __str__(self) -> str:
        return self.string

    def __repr__(self) -> str:
        return f"Text({self.string!r})"

    def __len__(self) -> int:
        return len(self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.string == other.string

    def __hash__(self) -> int:
        return hash(self.string)

    def offset(self, position: int) -> int:
        """Index of the word's first character in the string."""
        self._check(position)
        return sum(map(len, self.gaps[: position + 1])) + sum(map(len, self.words[:position]))

    def replace(self, position: int, word: str) -> Text:
        """The text with another word at one position; everything else is byte-identical."""
        self._check(position)
        return Text.of((*self.words[:position], word, *self.words[position + 1 :]), self.gaps)

    def replace_all(self, changes: Mapping[int, str]) -> Text:
        """The text with other words at several positions."""
        for position in changes:
            self._check(position)
        return Text.of(tuple(changes.get(i, word) for i, word in enumerate(self.words)), self.gaps)

    def mask(self, position: int, unknown: str) -> Text:
        """The text with one word made unknown; see `unknown_word`."""
        self._check(position)
        return self.replace(position, unknown_word(self.words[position], unknown))

    def delete(self, position: int) -> Text:
        """The text without one word, and without one of the two blanks that stood around it."""
        self._check(position)
        before, after = self.gaps[position], self.gaps[position + 1]
        if before.endswith(" ") and after.startswith(" "):
            after = after[1:]
        gaps = (*self.gaps[:position], before + after, *self.gaps[position + 2 :])
        return Text.of((*self.words[:position], *self.words[position + 1 :]), gaps)

    def insert(self, position: int, word: str) -> Text:
        """The text with a word more, standing before the word at `position` (or last, at `len(text)`)."""
        if not 0 <= position <= len(self):
            raise IndexError(f"cannot insert at {position}: the text has {len(self)} words")
        words = (*self.words[:position], word, *self.words[position:])
        before = self.gaps[position]
        if position < len(self) or not self.words:
            new = (before, " ") if self.words else (before, "")
        else:  # after the last word, before the closing punctuation
            new = (" ", before)
        return Text.of(words, (*self.gaps[:position], *new, *self.gaps[position + 1 :]))

    def append(self, sentence: Text) -> Text:
        """The text with another one after it, and a blank between them unless one of them is empty."""
        blank = " " if self.string and sentence.string else ""
        joint = self.gaps[-1] + blank + sentence.gaps[0]
        return Text.of((*self.words, *sentence.words), (*self.gaps[:-1], joint, *sentence.gaps[1:]))

    def part(self, start: int, stop: int) -> Text:
        """The words from `start` up to (not with) `stop`, and what stands between them."""
        words = self.words[start:stop]
        gaps = self.gaps[start + 1 : start + len(words)]
        return Text.of(words, ("", *gaps, "") if words else ("",))

    def diff(self, other: Text) -> tuple[Change, ...]:
        """What turns this text into `other`: by index when only words were replaced, else fewest word edits."""
        if self.gaps == other.gaps:
            pairs = enumerate(zip(self.words, other.words, strict=True))
            return tuple(Change(i, old, new) for i, (old, new) in pairs if old != new)
        from rapidfuzz.distance import Levenshtein

        changes = []
        for edit in Levenshtein.editops(self.words, other.words):
            old = "" if edit.tag == "insert" else self.words[edit.src_pos]
            new = "" if edit.tag == "delete" else other.words[edit.dest_pos]
            changes.append(Change(edit.src_pos, old, new))
        return tuple(changes)

    def _check(self, position: int) -> None:
        if not 0 <= position < len(self.words):
            raise IndexError(f"no word {position}: the text has {len(self.words)} words, 0 to {len(self.words) - 1}")


def unknown_word(word: str, unknown: str) -> str:
    """What stands for a word that is made unknown: the victim's own token for that.

    A victim that reads characters has a token of one character, which then stands for each character of the word.
    """
    return unknown * len(word) if len(unknown) == 1 else unknown


def match_case(word: str, like: str) -> str:
    """Give `word` the case of `like`: lower, Capitalised or ALL CAPS; any other pattern leaves it as it is."""
    if like.islower():
        return word.lower()
    if len(like) > 1 and like.isupper():
        return word.upper()
    if like[:1].isupper() and (len(like) == 1 or like[1:].islower()):
        return word[:1].upper() + word[1:].lower()
    return word
