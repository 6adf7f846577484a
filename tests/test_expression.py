"""Word sources written in a line."""

from __future__ import annotations

import pytest

from turncoat.errors import UnknownName, UsageError
from turncoat.substitutions.expression import read_substitutions
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.proposing import Both, Either, Substitutions
from turncoat.substitutions.vectors import Neighbours
from turncoat.substitutions.wordnet import WordNet

W, V, I = WordNet(), Neighbours(), WordNet(inflect=True)  # noqa: E741


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("wordnet", W),
        (" wordnet&vectors ", Both(W, V)),
        ("wordnet | vectors & wordnet-inflected", Either(W, Both(V, I))),
        ("(wordnet | vectors) & wordnet-inflected", Both(Either(W, V), I)),
        ("wordnet & vectors & wordnet", Both(Both(W, V), W)),
        ("content-words(wordnet | vectors)", WithoutStopWords(Either(W, V))),
        ("content-words((vectors)) | wordnet", Either(WithoutStopWords(V), W)),
    ],
)
def test_a_line_is_the_same_as_python(line: str, expected: Substitutions) -> None:
    assert read_substitutions(line) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "expected a name or .* got the end"),
        ("wordnet &", "expected a name or .* got the end"),
        ("& wordnet", "expected a name or .* got '&'"),
        ("wordnet vectors", "expected the end .* got 'vectors'"),
        ("(wordnet", r"expected \) .* got the end"),
        ("wordnet + vectors", r"expected a name, .* got '\+'"),
        ("content-words", "a narrowing source needs another"),
        ("content-words()", r"expected a name or .* got '\)'"),
    ],
)
def test_a_wrong_line_says_what_was_expected(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_substitutions(line)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="did you mean 'wordnet'"):
        read_substitutions("wordnt")
