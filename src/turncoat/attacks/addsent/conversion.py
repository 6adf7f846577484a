"""Step 3 of AddSent: a question and an answer become a statement (R. Jia, P. Liang. EMNLP 2017)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from turncoat.attacks.addsent.grammar import LABELS, coded
from turncoat.attacks.addsent.tables import tables
from turncoat.attacks.addsent.tokens import Token, written
from turncoat.substitutions.inflection import inflect

ITEM = re.compile(r"([A-Z]+)(\d?)(?:\[([^\]]+)\])?")
FILLED = frozenset(("WHP", "WHAT", "TIME", "INWHP"))
TENSES = {"did": "VBD", "does": "VBZ", "do": "VBP"}
FALLBACK, INVERTED = "fallback", "fallback-inverted"  # the second leaves the order of a question

Part = tuple[str, str]  # label on the right side, and what is done to it ("DO": takes the tense of "do")


@dataclass(frozen=True)
class Pattern:
    """One line of a table: `left` fits the coded question, `right` names its parts in the order of the statement."""

    id: str
    left: re.Pattern[str]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Conversion:
    """A statement, and how it came about.

    Attributes:
        rule, filler: the rules of the whole, and of the question phrase ("" if it has none).
        phrase: the question phrase with the answer in it.
    """

    sentence: str
    rule: str
    filler: str
    phrase: str


def convert(question: Sequence[Token], words: Sequence[Token], answer: str) -> Conversion | None:
    """The statement by the first pattern that fits, else by the fallback; None without a question word.

    Args:
        question: what the patterns look at.
        words: the same tokens as they are written (some may be mutated).
    """
    last = len(question) - 1
    kept = [i for i, token in enumerate(question) if token.text != "?" and not (i == last and token.text in ".!")]
    question, words = [question[i] for i in kept], [words[i] for i in kept]
    code = coded(question)
    for pattern in patterns():
        if match := pattern.left.fullmatch(code):
            return _stated(pattern, match, words, answer)
    return _in_place(code, words, answer)


def _stated(pattern: Pattern, match: re.Match[str], words: Sequence[Token], answer: str) -> Conversion:
    parts, filler, filled = [], "", answer
    if match["LEAD"]:
        parts.append(written(_stretch(match, "LEAD", words)).rstrip(",") + ",")
    for item in pattern.right:
        name, _, how = item.partition("+")
        if name == "A":
            parts.append(_done(answer, match["DO"]) if how else answer)
        elif name not in match.groupdict():
            parts.append(_in_tense(name, match["DO"]) if how else name)
        elif name in FILLED:
            filled, filler = fill(_stretch(match, name, words), match[name], answer)
            if filler.startswith("in-") and parts[-1:] == ["in"]:  # the phrase brings its own preposition
                parts.pop()
            parts.append(filled)
        elif name == "HOW":
            parts.append(written(_stretch(match, name, words)[1:]))
        else:
            text = written(_stretch(match, name, words))
            parts.append(_in_tense(text, match["DO"]) if how else text)
    return Conversion(finished(parts, words), pattern.id, filler, filled)


def fill(phrase: Sequence[Token], code: str, answer: str) -> tuple[str, str]:
    """The question phrase with the answer in it, and the rule that put it there."""
    for pattern in fillers():
        if match := pattern.left.fullmatch(code):
            parts = [
                answer if name == "A" else written(_stretch(match, name, phrase)) if name in match.groupdict() else name
                for name in pattern.right
            ]
            return _joined(
                [_uncapitalised(part, phrase) if i == 0 else part for i, part in enumerate(parts)]
            ), pattern.id
    return answer, "answer"


def _in_place(code: str, words: Sequence[Token], answer: str) -> Conversion | None:
    """The rightmost question phrase replaced where it stands; that of a relative clause only as a last resort."""
    found = list(re.finditer(rf"(?:(?<=\s)|^){LABELS['INWHP']}|(?:(?<=\s)|^){LABELS['WHP']}", code))
    if not found:
        return None
    asking = [match for match in found if not _is_relative(match)]
    match = (asking or found)[-1]
    first, last = code.count(" ", 0, match.start()), code.count(" ", 0, match.end())
    filled, filler = fill(words[first:last], match.group(), answer)
    parts = [written(words[:first]), filled, written(words[last:])]
    return Conversion(finished(parts, words), INVERTED if _asks_still(code, match) else FALLBACK, filler, filled)


def _asks_still(code: str, match: re.Match[str]) -> bool:
    """Whether a helping verb stands before its subject once the question phrase is filled where it stands."""
    before, after = code[: match.start()], code[match.end() :]
    if re.search(r"/[vbhmo] ", before):  # the sentence has its verb already: "He saw it in what?"
        return False
    fronted = re.match(r"\S+/[it] |why/|where/|when/|how/", match.group()) or "/i " in before
    subject = r"(?=\S+/[dnpcu] )"
    helped = re.search(rf"\S+/o {subject}", after)
    return bool(helped or (fronted and re.search(rf"^(?:[^q]*? )??\S+/[bhm] {subject}", after)))


def _is_relative(match: re.Match[str]) -> bool:
    alone = match.group().count(" ") == 1 and not match.group().startswith(("what/", "how/", "why/"))
    return alone and re.search(r"/[npq] $", match.string[: match.start()]) is not None


def finished(parts: Sequence[str], words: Sequence[Token]) -> str:
    """The parts as one sentence: with a capital, without question marks, with a full stop."""
    sentence = _joined(
        [part if i == 0 else _uncapitalised(part, words[:1]) for i, part in enumerate(filter(None, parts))]
    )
    sentence = sentence.replace("?", "").strip(" .,;:")
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _joined(parts: Sequence[str]) -> str:
    return re.sub(r" (['’]s\b|[,;:.)%])", r"\1", " ".join(part for part in parts if part))


def _uncapitalised(part: str, first: Sequence[Token]) -> str:
    """A part that begins with the question's first word loses its capital inside the sentence, unless it is a name."""
    if first and part.startswith(first[0].text) and not first[0].tag.startswith("NNP") and first[0].text[1:].islower():
        return part[:1].lower() + part[1:]
    return part


def _in_tense(verb: str, do: str) -> str:
    """A base verb, with what stands around it, in the tense that "do" had; a denied one keeps its "do"."""
    do = do.partition("/")[0]
    if do not in TENSES:
        return f"{do} {verb}"
    words = verb.split(" ")
    place = next((i for i, word in enumerate(words) if not word.endswith("ly") and word != "first"), 0)
    base = words[place].lower()
    if base.endswith("s") and not base.endswith(("ss", "us", "as", "is", "os")):  # a slip: "What does it stands for"
        base = base.removesuffix("s")
    words[place] = inflect(base, TENSES[do]) or words[place]
    return " ".join(words)


def _done(answer: str, do: str) -> str:
    """What somebody did: a fake answer that is a verb takes the tense, any other is an object."""
    for constants in tables()["answers"].values():
        if answer in (constants[f"first-{tag}"] for tag in ("VB", "VBD", "VBG", "VBP", "VBZ")):
            return _in_tense(constants["first-VB"], do)
    return f"{do.partition('/')[0]} {answer}"


def _stretch(match: re.Match[str], name: str, words: Sequence[Token]) -> Sequence[Token]:
    code = match.string
    return words[code.count(" ", 0, match.start(name)) : code.count(" ", 0, match.end(name))]


@cache
def patterns() -> tuple[Pattern, ...]:
    """The table of statements, each pattern also after a leading phrase ("In 1999, ...")."""
    return tuple(_read("patterns.txt", rf"(?P<LEAD>{LABELS['LEAD']})?"))


@cache
def fillers() -> tuple[Pattern, ...]:
    """The table of question phrases."""
    return tuple(_read("fillers.txt", ""))


def _read(file: str, before: str) -> list[Pattern]:
    lines = files("turncoat.attacks.addsent").joinpath(file).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
    return [Pattern(id, re.compile(before + _expression(left)), tuple(right.split())) for id, left, right in rows]


def _expression(left: str) -> str:
    return "".join(map(_item, re.findall(r"[A-Z]+\d?\[[^\]]+\]|\S+", left)))


def _item(item: str) -> str:
    match = ITEM.fullmatch(item)
    if not match:
        return rf"{item}/\w "
    label, number, begins = match.groups()
    begin = rf"(?=(?:{begins.replace(' ', '|')})/\w )" if begins else ""
    return rf"(?P<{label}{number}>{begin}{LABELS[label]})"
