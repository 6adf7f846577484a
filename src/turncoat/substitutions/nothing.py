"""No replacements, for attacks that add to a text and change none of its words."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.text import Text


@dataclass(frozen=True)
class Nothing(Substitutions):
    """No word may be replaced."""

    async def propose(self, text: Text, where: Where = None) -> Options:
        return [()] * len(text)
