"""Which pieces of a tokenizer's vocabulary are whole words, and where in a text."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast


class WholeWords:
    """The pieces that a masked language model may put into a hole as a word.

    A word is one piece of letters only that starts a word: without "##" (WordPiece), or with the marker of a blank
    before it ("Ġfilm", "▁film") where a blank is. Where none is and the marker would be missing ("film" at the text's
    start or behind a bracket), words and endings look alike: only pieces that also exist with the marker count.

    Args:
        size: length of the model's row of logits, which may be longer than the vocabulary.

    Attributes:
        words: (size,) str objects, as the model writes them, without marker.
        groups: (size,) one number for all case variants of a word.
        allowed: (2, size) bool: row 1 where the marker stands, row 0 where it does not; see `marked`.
        variants: most case variants of any word.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, size: int) -> None:
        self._backend = tokenizer.backend_tokenizer
        self._unknown = tokenizer.mask_token_id if tokenizer.unk_token_id is None else tokenizer.unk_token_id
        self._known: dict[tuple[str, str], tuple[int, ...]] = {}
        # What stands before an "a" in the tokenizer's eyes: nothing (WordPiece), or the marker of a blank.
        start, self.marker = (word[:-1] for word, _ in self._backend.pre_tokenizer.pre_tokenize_str("a a"))
        self._marked_at_start = start == self.marker
        pieces = [str(tokenizer.convert_ids_to_tokens(i)) for i in range(min(size, len(tokenizer)))]
        words = [self._backend.decoder.decode([piece]).strip() for piece in pieces]
        special = set(tokenizer.all_special_tokens)
        is_word = [word.isalpha() and piece not in special for word, piece in zip(words, pieces, strict=True)]
        vocabulary = set(pieces)
        self.words = np.full(size, "", dtype=object)
        self.words[: len(words)] = words
        self.allowed = np.zeros((2, size), bool)
        for i, piece in enumerate(pieces):
            has_marker = piece.startswith(self.marker)
            self.allowed[1, i] = is_word[i] and has_marker
            self.allowed[0, i] = is_word[i] and (
                not self.marker or (not has_marker and self.marker + piece in vocabulary)
            )
        self._group: dict[str, int] = {}
        self.groups = np.array([self._group.setdefault(w.lower(), len(self._group)) for w in self.words], np.int64)
        self.variants = max(max(Counter(self.groups[row].tolist()).values(), default=1) for row in self.allowed)

    def marked(self, before: str) -> bool:
        """Whether the model marks a word that comes right after `before`."""
        return before[-1].isspace() if before else self._marked_at_start

    def pieces(self, word: str, before: str) -> tuple[int, ...]:
        """The pieces of a word that comes right after `before`; at least one."""
        lead = before[-1:]
        lead = "a " if lead.isspace() else lead
        key = (lead, word)
        if key not in self._known:
            found = self._backend.encode(lead + word, add_special_tokens=False)
            own = [number for number, (_, end) in zip(found.ids, found.offsets, strict=True) if end > len(lead)]
            self._known[key] = tuple(own or [self._unknown])
        return self._known[key]

    def others(self, ranked: NDArray[np.int64], original: str, before: str) -> list[str]:
        """The words of ranked pieces, best first: each once whatever its case, and never the original one."""
        ranked = ranked[self.allowed[int(self.marked(before)), ranked]]
        groups = self.groups[ranked]
        firsts = np.sort(np.unique(groups, return_index=True)[1])
        pieces = self.pieces(original, before)  # "café" is "cafe" to a model that drops accents
        own = {self._group.get(original.lower()), int(self.groups[pieces[0]]) if len(pieces) == 1 else None}
        return [self.words[ranked[i]] for i in firsts if int(groups[i]) not in own]
