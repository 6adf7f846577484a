"""Step 1 of AddSent: the question is made to ask for something else (R. Jia, P. Liang. EMNLP 2017)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from turncoat.attacks.addsent.entities import ROMAN, entities
from turncoat.attacks.addsent.knowledge import Knowledge
from turncoat.attacks.addsent.tables import tables
from turncoat.attacks.addsent.tokens import Token
from turncoat.data.tagger import tag
from turncoat.substitutions.inflection import inflect
from turncoat.text import match_case

NAMED = frozenset(("PERSON", "LOCATION", "ORGANIZATION", "MISC"))
NUMERALS = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
SIGNS = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
    *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)


@dataclass(frozen=True)
class Mutated:
    """One word that was exchanged: its place among the tokens, and the rule that did it."""

    position: int
    old: str
    new: str
    rule: str


def mutate(question: Sequence[Token], knowledge: Knowledge) -> tuple[tuple[Token, ...], tuple[Mutated, ...]]:
    """The question with all words exchanged that a rule has a replacement for (the strategy `high-conf`).

    Tags stay those of the untouched question.
    """
    known = tables()["mutation"]
    types = entities(question, knowledge)
    used = {token.lower for token in question} | set(known["never"])
    mutated, changes = list(question), []
    for i, (token, kind) in enumerate(zip(question, types, strict=True)):
        initial = len(token.text) == 1 and token.text.isalpha()
        if not token.is_word or initial or token.lower in known["keep"]:
            continue
        for rule, words in _proposals(token, kind, knowledge):
            new = next((word for word in words if word.lower() not in used), None)
            if new is not None:
                mutated[i] = replace(token, text=new if rule == "table" else match_case(new, token.text))
                used.add(new.lower())
                changes.append(Mutated(i, token.text, mutated[i].text, rule))
                break
    return tuple(mutated), tuple(changes)


def _proposals(token: Token, kind: str, knowledge: Knowledge) -> Iterator[tuple[str, Sequence[str]]]:
    """Rules with what they propose, best first, in the order in which they are tried."""
    for rule, propose in RULES:
        yield rule, propose(token, kind, knowledge)


def _from_table(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    table: dict[str, str] = tables()["mutation"]["table"]
    return [table[token.text]] if token.text in table else []


def _opposite(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    if token.tag not in ("NN", "JJ", "JJR", "JJS"):
        return []
    words = knowledge.opposites(token.lower, "n" if token.tag == "NN" else "a")
    return [inflect(word, token.tag) or word for word in words]


def _near_number(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    near = _near(token, knowledge) if _is_number(token) else []
    return [word for word in near if ROMAN.fullmatch(word.upper())] if ROMAN.fullmatch(token.text) else near


def _next_number(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    return [_successor(token.text)] if _is_number(token) and _successor(token.text) else []


def _near_name_same_tag(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    if token.tag not in ("NNP", "NNPS"):
        return []
    return [word for word in _near(token, knowledge) if _lone_tag(word.capitalize()) == token.tag]


def _near_name(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    return _near(token, knowledge) if token.tag in ("NNP", "NNPS") else []


def _near_entity(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    if kind not in NAMED or token.tag not in ("NN", "NNS", "JJ", "JJR", "JJS"):
        return []
    return [word for word in _near(token, knowledge) if _lone_tag(word) == token.tag]


def _entity_type(token: Token, kind: str, knowledge: Knowledge) -> Sequence[str]:
    known = tables()["mutation"]
    kind = kind if kind in NAMED and token.tag[:2] in ("NN", "JJ", "RB", "VB") else token.tag
    if token.text.isupper() and kind in known["stand_in_abbreviation"]:
        return [known["stand_in_abbreviation"][kind]]
    return [known["stand_in"][kind]] if kind in known["stand_in"] else []


RULES: tuple[tuple[str, Callable[[Token, str, Knowledge], Sequence[str]]], ...] = (
    ("table", _from_table),
    ("antonym", _opposite),
    ("near-number", _near_number),
    ("next-number", _next_number),
    ("near-name-same-tag", _near_name_same_tag),
    ("near-name", _near_name),
    ("near-entity", _near_entity),
    ("entity-type", _entity_type),
)


def _near(token: Token, knowledge: Knowledge) -> list[str]:
    """Near words, without those whose stem begins the token's stem or is begun by it."""
    own = _stem(token.lower)
    stems = ((word, _stem(word)) for word in knowledge.near(token.lower))
    return [word for word, stem in stems if not own.startswith(stem) and not stem.startswith(own)]


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    """C. Paice's Lancaster stem."""
    stem: str = _stemmer().stem(word.replace(".", ""))
    return stem


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]
    from nltk.stem.lancaster import LancasterStemmer

    return LancasterStemmer()


@lru_cache(maxsize=1 << 14)
def _lone_tag(word: str) -> str:
    return tag((word,), ("", ""))[0]


def _is_number(token: Token) -> bool:
    return token.tag == "CD" or token.text[0].isdigit() or ROMAN.fullmatch(token.text) is not None


def _successor(number: str) -> str:
    """The next number, written the same way; "" for one in words."""
    if ROMAN.fullmatch(number):
        return _roman(_value(number) + 1)
    if match := re.fullmatch(r"(\d+)(st|nd|rd|th)", number):
        return _ordinal(int(match[1]) + 1)
    if match := re.fullmatch(r"(\d*?)(\d{1,15})(s?)", number):
        return f"{match[1]}{int(match[2]) + 1}" if not match[3] else f"{match[1]}{int(match[2]) + 10}s"
    if re.fullmatch(r"\d{1,3}(,\d{3})+", number):
        return f"{int(number.replace(',', '')) + 1:,}"
    if match := re.fullmatch(r"(.*\D)(\d{1,15})(\D*)", number):
        return f"{match[1]}{str(int(match[2]) + 1).zfill(len(match[2]))}{match[3]}"
    return ""


def _ordinal(value: int) -> str:
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def _value(roman: str) -> int:
    digits = [NUMERALS[sign] for sign in roman]
    return sum(-each if each < after else each for each, after in zip(digits, [*digits[1:], 0], strict=True))


def _roman(value: int) -> str:
    signs = []
    for worth, sign in SIGNS:
        signs.append(sign * (value // worth))
        value %= worth
    return "".join(signs)
