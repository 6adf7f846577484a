"""Giving a base form the ending that its place in a sentence asks for."""

from __future__ import annotations

from functools import lru_cache

COMPARISON = ("JJR", "JJS", "RBR", "RBS")
INFLECTED = frozenset(("NNS", "NNPS", "VBD", "VBG", "VBN", "VBZ", *COMPARISON))


@lru_cache(maxsize=1 << 16)
def inflect(lemma: str, penn: str) -> str | None:
    """The form of a base word that a Penn Treebank tag asks for ("stroll", "VBD" -> "strolled"); None if it has none.

    Regular endings are put on words that the dictionary does not have, except in comparison ("beautifuler").
    """
    if penn not in INFLECTED:
        return lemma
    from lemminflect import getInflection

    tag = penn.replace("NNPS", "NNS")
    forms: tuple[str, ...] = getInflection(lemma, tag, inflect_oov=penn not in COMPARISON)
    return forms[0] if forms else None
