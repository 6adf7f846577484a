"""Showing what cannot be seen: control characters, directional overrides, lone surrogates."""

from __future__ import annotations

import regex

# Joiners (U+200C, U+200D) stay: they build emoji and Persian words. Line breaks and tabs stay white space.
HIDDEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFDD0-\uFDEF\uFFFE\uFFFF--[\n\t\u200C\u200D]]", regex.V1)


def visible(string: str) -> str:
    """The string with every hidden character as its code point, "[U+202E]".

    What an attack hides in a text shows, nothing in it can steer a terminal or turn the line around, and the result
    can be written as UTF-8.
    """
    return str(HIDDEN.sub(lambda match: f"[U+{ord(match.group()):04X}]", string))
