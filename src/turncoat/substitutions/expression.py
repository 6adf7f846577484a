"""Sources of words written in a line: "masked-lm & sememes", "content-words(wordnet | vectors)"."""

from __future__ import annotations

import re
from typing import NoReturn

from turncoat.errors import UsageError
from turncoat.registry import SUBSTITUTIONS
from turncoat.substitutions.proposing import Substitutions

SYMBOL = re.compile(r"\s*([\w.-]+|[&|()])")


def read_substitutions(line: str) -> Substitutions:
    """The source that a line describes: names (see `turncoat names`), `&` before `|`, parentheses; a narrowing source
    takes another in parentheses: "content-words(masked-lm & sememes)".

    Raises:
        UsageError: the line is no such expression.
        UnknownName: a name in it is not known.
    """
    reader = _Reader(line)
    source = reader.either()
    if reader.symbol:
        reader.refuse("the end")
    return source


class _Reader:
    """Recursive descent over the symbols of one line."""

    def __init__(self, line: str) -> None:
        self.line, self.end = line, 0
        self.symbol = ""
        self.advance()

    def advance(self) -> str:
        """The current symbol; reads the next one."""
        old, match = self.symbol, SYMBOL.match(self.line, self.end)
        if match is None and self.line[self.end :].strip():
            self.symbol = self.line[self.end :].strip()[0]
            self.refuse("a name, & | ( or )")
        self.end = match.end() if match else len(self.line)
        self.symbol = match.group(1) if match else ""
        return old

    def either(self) -> Substitutions:
        source = self.both()
        while self.symbol == "|":
            self.advance()
            source |= self.both()
        return source

    def both(self) -> Substitutions:
        source = self.one()
        while self.symbol == "&":
            self.advance()
            source &= self.one()
        return source

    def one(self) -> Substitutions:
        if self.symbol == "(":
            return self.inside()
        if not self.symbol or self.symbol in "&|)":
            self.refuse("a name or (")
        name = self.advance()
        factory = SUBSTITUTIONS.get(name)
        try:
            source: Substitutions = factory(self.inside()) if self.symbol == "(" else factory()
        except TypeError as error:
            raise UsageError(
                f"{name!r} in {self.line!r}: {error}; a narrowing source needs another: {name}(wordnet)"
            ) from error
        return source

    def inside(self) -> Substitutions:
        self.advance()
        source = self.either()
        if self.symbol != ")":
            self.refuse(")")
        self.advance()
        return source

    def refuse(self, expected: str) -> NoReturn:
        came = repr(self.symbol) if self.symbol else "the end"
        raise UsageError(f"expected {expected} in the word source {self.line!r}, got {came}")
