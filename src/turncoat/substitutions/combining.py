"""CEA's candidates (Eq. 8): what a masked language model and a dictionary of sememes say together."""

from __future__ import annotations

from typing import Literal, get_args

from turncoat.errors import UsageError
from turncoat.substitutions.masked_lm import MaskedLM
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.proposing import Substitutions
from turncoat.substitutions.sememes import Sememes

Combine = Literal["intersection", "union", "mlm_only", "sememe_only"]


def candidates(combine: Combine = "intersection", k: int = 50) -> Substitutions:
    """Replacements of content words; by default "content-words(masked-lm & sememes)".

    On a machine without these resources any other source will do: `WithoutStopWords(WordNet(inflect=True))`, or
    `--candidates "content-words(wordnet-inflected)"`. `WithoutNumbers` is the switch that leaves numbers alone.

    Args:
        combine: "intersection" or "union" of both sources, the masked language model's order first; or one alone.
        k: how many words the masked language model may propose.

    Raises:
        UsageError: `combine` or `k` is none of these.
    """
    fitting, alike = MaskedLM(k=k), Sememes()
    match combine:
        case "intersection":
            return WithoutStopWords(fitting & alike)
        case "union":
            return WithoutStopWords(fitting | alike)
        case "mlm_only":
            return WithoutStopWords(fitting)
        case "sememe_only":
            return WithoutStopWords(alike)
    raise UsageError(f"expected combine to be one of {', '.join(get_args(Combine))}, got {combine!r}")
