"""A text and its adversarial twin as pieces that stayed and pieces that changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from turncoat.evaluation.outcome import Outcome
from turncoat.text import Text


@dataclass(frozen=True)
class Piece:
    """A stretch of the original and what stands there in the adversarial text; equal if nothing changed."""

    old: str
    new: str

    @property
    def changed(self) -> bool:
        return self.old != self.new


def pieces(outcome: Outcome) -> tuple[Piece, ...]:
    """The whole text in order, neighbouring unchanged stretches joined.

    If the outcome's changes do not explain its adversarial text, that text is one changed piece.
    """
    if outcome.original == outcome.adversarial:
        return (Piece(outcome.original, outcome.original),) if outcome.original else ()
    span = added_span(outcome.original, outcome.adversarial)
    if span is not None and not any(change.old for change in outcome.changes):
        added = Piece("", outcome.adversarial[slice(*span)])
        return _around(added, outcome.original, first=span[0] == 0)
    joined = tuple(_join(_pieces(outcome)))
    explained = "".join(piece.new for piece in joined)
    if _solid(explained) != _solid(outcome.adversarial):
        return (Piece(outcome.original, outcome.adversarial),)
    return joined


def added_span(original: str, adversarial: str) -> tuple[int, int] | None:
    """Where in the adversarial text that stands which was put behind, or else before, the whole original."""
    size = len(adversarial) - len(original)
    if size > 0 and adversarial.startswith(original):
        return len(original), len(adversarial)
    return (0, size) if size > 0 and adversarial.endswith(original) else None


def word_pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Two strings side by side, by the fewest edits of whole words as blanks cut them; blanks become single."""
    from rapidfuzz.distance import Levenshtein

    before, after = old.split(), new.split()
    found: list[Piece] = []
    for edit in Levenshtein.opcodes(before, after):
        if found:
            found.append(Piece(" ", " "))
        stretches = before[edit.src_start : edit.src_end], after[edit.dest_start : edit.dest_end]
        found.append(Piece(*map(" ".join, stretches)))
    return tuple(_join(iter(found)))


def shorten(whole: tuple[Piece, ...], around: int = 160) -> tuple[Piece, ...]:
    """The pieces with long unchanged stretches cut to `around` characters beside each change."""
    return tuple(_join(_cut(whole, around)))


def _around(added: Piece, kept: str, first: bool) -> tuple[Piece, ...]:
    whole = (Piece(kept, kept),) if kept else ()
    return (added, *whole) if first else (*whole, added)


def _pieces(outcome: Outcome) -> Iterator[Piece]:
    text = Text(outcome.original)
    inserted: dict[int, list[str]] = {}
    replaced: dict[int, str] = {}
    for change in outcome.changes:
        if change.old:
            replaced[change.position] = change.new
        else:
            inserted.setdefault(change.position, []).append(change.new)
    yield Piece(text.gaps[0], text.gaps[0])
    for i, (word, gap) in enumerate(zip(text.words, text.gaps[1:], strict=True)):
        for new in inserted.get(i, ()):
            yield Piece("", f"{new} ")
        yield Piece(word, replaced.get(i, word))
        yield Piece(gap, gap)
    for new in inserted.get(len(text), ()):
        yield Piece("", f" {new}")


def _join(parts: Iterator[Piece]) -> Iterator[Piece]:
    stretch = ""
    for piece in parts:
        if not piece.changed:
            stretch += piece.old
            continue
        if stretch:
            yield Piece(stretch, stretch)
            stretch = ""
        yield piece
    if stretch:
        yield Piece(stretch, stretch)


def _cut(whole: tuple[Piece, ...], around: int) -> Iterator[Piece]:
    for i, piece in enumerate(whole):
        before, after = i > 0, i < len(whole) - 1  # whether a change stands there
        keep = around * max(1, before + after)
        if piece.changed or len(piece.old) <= keep + around:
            yield piece
            continue
        head = piece.old[:around] if before or not after else ""
        tail = piece.old[-around:] if after else ""
        yield Piece(f"{head} … {tail}", f"{head} … {tail}")


def _solid(string: str) -> str:
    """Without white space, which the places of insertions and deletions do not settle."""
    return "".join(string.split())
