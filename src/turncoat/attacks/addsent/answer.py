"""Step 2 of AddSent: a fake answer of the same type as the right one (R. Jia, P. Liang. EMNLP 2017)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from turncoat.attacks.addsent.entities import entities
from turncoat.attacks.addsent.knowledge import Knowledge
from turncoat.attacks.addsent.tables import tables
from turncoat.attacks.addsent.tokens import Token, tokens, written

AnswerList = Literal["addsent", "addsent-mod"]

NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
SCALES = {"thousand": "million", "million": "thousand", "billion": "thousand", "trillion": "thousand"}
UNREADABLE = 10  # stands for a number whose value is not known


@dataclass(frozen=True)
class Gold:
    """The right answer as the rules see it.

    Attributes:
        text: as written.
        tokens, types: of the answer, read in its paragraph.
        question: what it answers, in lower case.
        determiner: "the", "a" or "", of the shortest gold answer that has one.
    """

    text: str
    tokens: tuple[Token, ...]
    types: tuple[str, ...]
    question: str
    determiner: str


def gold(paragraph: str, answers: Sequence[str], starts: Sequence[int], question: str, knowledge: Knowledge) -> Gold:
    """The shortest gold answer whose tokens give it back as it is written; the shortest if none does."""
    by_length = sorted(zip(answers, starts, strict=True), key=lambda pair: len(pair[0]))
    read = tokens(paragraph)
    types = entities(read, knowledge)
    chosen: list[tuple[str, list[int]]] = []
    for answer, start in by_length:
        inside = [i for i, each in enumerate(read) if each.start < start + len(answer) and _end(each) > start]
        chosen.append((answer, inside))
    text, places = next(((a, p) for a, p in chosen if p and written([read[i] for i in p]) == a.strip()), chosen[0])
    firsts = [answer.split(" ")[0].lower() for answer, _ in by_length]
    determiner = next((("the" if first == "the" else "a") for first in firsts if first in ("the", "a", "an")), "")
    return Gold(text, tuple(read[i] for i in places), tuple(types[i] for i in places), question.lower(), determiner)


def fake_answer(right: Gold, answers: AnswerList = "addsent") -> tuple[str, str]:
    """A fake answer, and the rule that gave it: the first of 26 that applies."""
    for rule, give in RULES:
        if (fake := give(right, tables()["answers"][answers])) is not None:
            return fake, rule
    raise AssertionError("the last rule always applies")


def _end(token: Token) -> int:
    return token.start + len(token.text)


Rule = Callable[[Gold, dict[str, str]], str | None]


def _date(right: Gold, constants: dict[str, str]) -> str | None:
    if not right.types or any(kind != "DATE" for kind in right.types):
        return None
    fake = _rewritten(right.tokens, _other_date)
    return fake if fake != right.text else None


def _other_date(token: Token) -> str:
    months: list[str] = tables()["entities"]["months"]
    if token.lower in months:
        return months[(months.index(token.lower) + 6) % 12].capitalize()
    if match := re.fullmatch(r"(\d+)(['’]?s)", token.text):  # a decade
        return f"{int(match[1]) - 20}{match[2]}"
    if match := re.fullmatch(r"(\d+)(st|nd|rd|th)?", token.text):
        value = int(match[1])
        other = value - 25 if value > 50 else value - 11 if value > 15 else value + 11
        return f"{other}{_ordinal_ending(other) if match[2] else ''}"
    return token.text


def _number(right: Gold, constants: dict[str, str]) -> str | None:
    if "NUMBER" not in right.types and not any(_value(each.text) is not None for each in right.tokens):
        return None
    kinds = iter(right.types)
    seen = False

    def other(token: Token) -> str:
        nonlocal seen
        kind, (head, dash, tail) = next(kinds), token.text.partition("-")
        if head.lower() in SCALES:
            new: str | None = SCALES[head.lower()]
        else:
            new = _other_number(head, unreadable=kind == "NUMBER" and token.tag == "CD" and token.is_word)
        seen = seen or new is not None
        return token.text if new is None else f"{new}{dash}{tail}"

    fake = _rewritten(right.tokens, other)
    return fake if seen else None


def _other_number(word: str, unreadable: bool) -> str | None:
    value = _value(word)
    if value is None and not unreadable:
        return None
    if value is not None and 1000 < value < 2500 and value == int(value):
        return str(int(value) - 75)
    digits = word if word[:1].isdigit() else str(UNREADABLE if value is None else int(value))
    return f"{max((int(digits[0]) + 5) % 10, 1)}{digits[1:]}"


def _value(word: str) -> float | None:
    if word.lower() in NUMBER_WORDS:
        return float(NUMBER_WORDS.index(word.lower()))
    plain = word.replace(",", "")
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain) else None


def _rewritten(stretch: Sequence[Token], other: Callable[[Token], str]) -> str:
    return "".join(token.before + other(token) for token in stretch).strip()


def _ordinal_ending(value: int) -> str:
    return "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")


def _whole(kind: str, key: str) -> Rule:
    """All tokens are of one type."""
    return lambda right, constants: constants[key] if right.types and set(right.types) == {kind} else None


def _abbreviation(right: Gold, constants: dict[str, str]) -> str | None:
    return constants["abbreviation"] if right.text.isupper() else None


def _asked(words: str, key: str) -> Rule:
    """The question begins with these words."""
    return lambda right, constants: constants[key] if right.question.startswith(f"{words} ") else None


def _first(tag: str) -> Rule:
    return lambda right, constants: constants[f"first-{tag}"] if right.tokens and right.tokens[0].tag == tag else None


def _last(tag: str, determined: bool) -> Rule:
    def give(right: Gold, constants: dict[str, str]) -> str | None:
        if not right.tokens or right.tokens[-1].tag != tag:
            return None
        word = constants[f"last-{tag}"]
        return f"{right.determiner} {word}" if determined and right.determiner else word

    return give


def _rules() -> Iterator[tuple[str, Rule]]:
    yield from (("date", _date), ("number", _number))
    yield from ((kind.lower(), _whole(kind, kind.lower())) for kind in ("PERSON", "LOCATION", "ORGANIZATION", "MISC"))
    yield "abbreviation", _abbreviation
    yield from ((words.replace(" ", "-"), _asked(words, words.replace(" ", "-"))) for words in ASKED)
    yield from ((f"first-{tag}", _first(tag)) for tag in ("VB", "VBD", "VBG", "VBP", "VBZ"))
    yield from ((f"last-{tag}", _last(tag, determined=True)) for tag in ("NN", "NNP", "NNS", "NNPS"))
    yield from ((f"last-{tag}", _last(tag, determined=False)) for tag in ("JJ", "JJR", "JJS", "RB", "VBG"))
    yield "catch-all", lambda right, constants: constants["catch-all"]


ASKED = ("who", "when", "where", "how many")
RULES = tuple(_rules())
