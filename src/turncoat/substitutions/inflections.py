"""Other forms of the same word: run, runs, ran, running."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from turncoat.data.tagger import tag, wordnet_pos
from turncoat.errors import UsageError
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text

CLASSES = {"n": "NOUN", "v": "VERB", "a": "ADJ"}  # parts of speech that inflect, by lemminflect's names


@dataclass(frozen=True)
class Inflections(Substitutions):
    """All inflected forms of nouns, verbs and adjectives, in the order of their Penn tags (JJ, JJR, ..., VBZ).

    Source: the candidates of Morpheus (S. Tan, S. Joty, M.-Y. Kan, R. Socher, ACL 2020), from LemmInflect as there.

    Differences from the paper's code: forms stand in a fixed order, not in a random one; a word that has no lemma of
    its part of speech has no forms, where the code takes a lemma of another at random.

    Attributes:
        pos: parts of speech: n, v, a.
    """

    pos: tuple[str, ...] = tuple(CLASSES)

    def __post_init__(self) -> None:
        if unknown := set(self.pos) - set(CLASSES):
            raise UsageError(f"expected parts of speech among {', '.join(CLASSES)}, got {', '.join(sorted(unknown))}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        tags = tag(text.words, text.gaps)
        kinds = [wordnet_pos(penn) for penn in tags]
        return [
            forms(word.lower(), kind) if kind in self.pos else () for word, kind in zip(text.words, kinds, strict=True)
        ]


@lru_cache(maxsize=1 << 16)
def forms(word: str, pos: str | None) -> tuple[str, ...]:
    """Inflected forms of a lower-case word (with the word itself, if it is one) as a noun, verb or adjective."""
    from lemminflect import getAllInflections, getAllLemmas

    kind = CLASSES.get(pos or "")
    lemmas = getAllLemmas(word, upos=kind).get(kind, ()) if kind else ()
    if not lemmas:
        return ()
    by_tag: dict[str, tuple[str, ...]] = getAllInflections(lemmas[0], upos=kind)
    return tuple(dict.fromkeys(form for penn in sorted(by_tag) for form in by_tag[penn]))
