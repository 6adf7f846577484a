"""Types of named things, by rules on tags, capitals, cue words and WordNet's names: a stand-in for a trained tagger.

Types are those of CoreNLP: PERSON, LOCATION, ORGANIZATION, MISC, DATE and NUMBER (percentages and sums of money too).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from turncoat.attacks.addsent.knowledge import Knowledge
from turncoat.attacks.addsent.tables import tables
from turncoat.attacks.addsent.tokens import Token

YEAR = re.compile(r"1\d{3}|20\d\d")
DECADE = re.compile(r"1?\d{1,2}0['’]?s")
ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)", re.IGNORECASE)
ROMAN = re.compile(r"(?=..)(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")  # above 89 they look like abbreviations (CD, MC)
TOPIC_TYPES = {"person": "PERSON", "location": "LOCATION", "group": "ORGANIZATION", "object": "LOCATION"}


def entities(tokens: Sequence[Token], knowledge: Knowledge) -> tuple[str, ...]:
    """The type of each token, "" for none."""
    types = [_number_or_date(tokens, i) for i in range(len(tokens))]
    for i, token in enumerate(tokens[1:-1], 1):  # "June 4, 1950", "25 %"
        if token.text == "," and types[i - 1] == types[i + 1] == "DATE":
            types[i] = "DATE"
    for first, last in _names(tokens, types):
        kind = _type_of_name(tokens, first, last, knowledge)
        types[first:last] = [kind] * (last - first)
    return tuple(types)


def _number_or_date(tokens: Sequence[Token], i: int) -> str:
    known, token = tables()["entities"], tokens[i]
    around = {tokens[k].lower for k in (i - 1, i + 1) if 0 <= k < len(tokens)}
    is_number = token.tag == "CD" or token.text[0].isdigit()
    months = set(known["months"])
    if token.is_capitalised and token.lower in (*months, *known["days"]):
        modal = token.lower in ("may", "march") and not any(
            word[:1].isdigit() or word in ("in", "of") for word in around
        )
        return "" if modal else "DATE"
    if DECADE.fullmatch(token.text) or token.lower in ("century", "centuries"):
        return "DATE"
    if is_number and (around & months or around & set(known["eras"])):
        return "DATE"
    if YEAR.fullmatch(token.text) and not (i + 1 < len(tokens) and tokens[i + 1].tag in ("NNS", "%", "CD")):
        return "DATE"
    if is_number and not ORDINAL.fullmatch(token.text):
        return "NUMBER"
    if token.text in "%$£€" or token.lower in ("percent", "million", "billion", "trillion", "thousand"):
        return "NUMBER"
    return ""


def _names(tokens: Sequence[Token], types: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words; a number may follow them ("Super Bowl 50")."""

    def named(i: int) -> bool:
        token = tokens[i]
        if not token.is_word or types[i] == "DATE" or not token.is_capitalised or token.lower == "i":
            return False
        begins = i == 0 or tokens[i - 1].text in '.?!"“'
        return token.tag.startswith("NNP") or ROMAN.fullmatch(token.text) is not None or not begins

    def joins(i: int) -> bool:
        """University of Kenya, John W. Smith"""
        if i + 1 >= len(tokens) or not named(i + 1):
            return False
        before = tokens[i - 1]
        return (tokens[i].lower == "of" and before.lower in cues) or (tokens[i].text == "." and len(before.text) == 1)

    known = tables()["entities"]
    cues = {*known["organizations"], *known["places"], *known["titles"]}
    i = 0
    while i < len(tokens):
        first = i
        while i < len(tokens) and (named(i) or (i > first and joins(i))):
            i += 1
        if i > first and i < len(tokens) and types[i] == "NUMBER" and tokens[i].text.isdigit():
            i += 1
        if i > first:
            yield first, i
        i += i == first


def _type_of_name(tokens: Sequence[Token], first: int, last: int, knowledge: Knowledge) -> str:
    known = tables()["entities"]
    words = [token.lower for token in tokens[first:last]]
    after_article = first > 0 and tokens[first - 1].lower in ("the", "a", "an")
    organizations, places = set(known["organizations"]), set(known["places"])
    if last - first == 1 and tokens[first].tag.startswith("JJ"):
        return "MISC"
    if {words[-1], words[0]} & organizations:
        return "ORGANIZATION"
    if words[-1] in places or words[0] in known["directions"]:
        return "LOCATION"
    if words[0] in known["titles"] and len(words) > 1:
        return "PERSON"
    if words[-1][0].isdigit():
        return "MISC"
    kinds = [kind for kind in knowledge.named(" ".join(words)) if not (after_article and kind == "person")]
    if typed := next((TOPIC_TYPES[kind] for kind in kinds if kind in TOPIC_TYPES), ""):
        return typed
    if words[0] in knowledge.given_names and len(words) <= 4 and not after_article:
        return "PERSON"
    if len(words) == 1 and tokens[first].text.isupper() and len(words[0]) > 1:
        return "ORGANIZATION"
    if len(words) > 1 and "person" in knowledge.named(words[-1]) and not after_article:
        return "PERSON"
    return "MISC" if kinds or ROMAN.fullmatch(tokens[last - 1].text) else ""
