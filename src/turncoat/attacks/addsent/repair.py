"""AddSent-auto: what stands in for the paper's step 4, in which people mended and approved the sentences.

Nobody has read a sentence that comes from here: it is never to be called human-approved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from turncoat.attacks.addsent.conversion import FALLBACK, INVERTED
from turncoat.attacks.addsent.tables import tables
from turncoat.attacks.addsent.tokens import WH_WORDS
from turncoat.attacks.addsent.writing import Trace
from turncoat.data.stopwords import is_stop_word
from turncoat.goals.answer_overlap import f1, normalised
from turncoat.text import Text

VOWEL = re.compile(  # sounds that want "an"; "uni" is one sound in "unit", not in "unimportant"
    r"(?!uni(?![nm])|use|usa|eu|one\b|u\b|u\.)(?:[aeiou]|hours?\b|hono|heir|8|11(?:th)?\b|18(?:th)?\b)", re.IGNORECASE
)
CONSONANT = re.compile(r"[bcdgjkpqtvwyz]|uni[^nm]|use|eu|one\b", re.IGNORECASE)  # the rest may be said either way: FBI
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
NUMBERED = frozenset(("type-of", "in-type-of", "how-many", "in-how-many", "whose", "in-whose"))


def repaired(trace: Trace) -> tuple[str, ...]:
    """Different wordings of the raw sentence, at most three, with small slips mended.

    The sentence itself; "the city of Chicago" as "Chicago"; "Chicago is the city" as "The city is Chicago".
    """
    versions = [trace.sentence]
    if trace.filler_rule in ("what-np", "in-what-np"):
        preposition = f"{trace.phrase.split(' ')[0]} " if trace.filler_rule == "in-what-np" else ""
        versions.append(_exchanged(trace.sentence, trace.phrase, f"{preposition}{trace.fake}"))
    if match := re.fullmatch(
        rf"({re.escape(_capital(trace.fake))}) (is|are|was|were) ((?:the|an?) .*)\.", versions[-1]
    ):
        versions.append(f"{_capital(match[3])} {match[2]} {trace.fake}.")
    return tuple(dict.fromkeys(_mended(version, trace) for version in versions))


def why_unfit(sentence: str, trace: Trace, golds: Sequence[str]) -> str:
    """Why the sentence may answer the question, or is no statement; "" if nothing speaks against it.

    Rules alone: "inverted" (the order of a question is left), "right" (the fake answer shares a word with a gold one),
    "gold" (a gold answer stands in the sentence), "same" (all content words of the question do).
    """
    begins = trace.question.split(" ")[0].lower()
    if trace.conversion_rule == INVERTED or (trace.conversion_rule == FALLBACK and begins in WH_WORDS):
        return "inverted"
    if f1(trace.fake, golds) > 0:
        return "right"
    words = f" {normalised(sentence)} "
    if any(f" {normalised(gold)} " in words for gold in golds if normalised(gold)):
        return "gold"
    return "same" if _content(trace.question) <= _content(sentence) else ""


def automatic(trace: Trace, golds: Sequence[str]) -> tuple[str, ...]:
    """The repaired sentences that nothing speaks against."""
    return tuple(sentence for sentence in repaired(trace) if not why_unfit(sentence, trace, golds))


def _mended(sentence: str, trace: Trace) -> str:
    for constants in tables()["answers"].values():
        noun = constants["last-NN"]
        if trace.fake == noun and trace.filler_rule not in NUMBERED:  # "hamster" is no sentence's subject by itself
            sentence = re.sub(rf"(?<!the )(?<!a )\b{noun}\b", f"the {noun}", sentence, count=1, flags=re.IGNORECASE)
    sentence = re.sub(rf"\b[Ii]n (?={DAY} {MONTH}\b|{MONTH} {DAY}\b(?!\d))", "on ", sentence)
    sentence = re.sub(r"(?<=s)['’]s\b", "'", sentence) if trace.fake.endswith("s") else sentence
    sentence = re.sub(r"\b(the|a|an|of|in|to|by) (?:\1 )+", r"\1 ", sentence, flags=re.IGNORECASE)
    sentence = re.sub(r"\b(the|a|an) (?=(?:the|an?) )", "", sentence, flags=re.IGNORECASE)
    sentence = re.sub(r"(^[Aa]|\ba)n? (?=(\w+))", _article, sentence)
    if trace.fake.endswith("ly"):  # "by silently"
        sentence = re.sub(rf"\bby (?={re.escape(trace.fake)}\b)", "", sentence)
    return _capital(sentence)


def _article(match: re.Match[str]) -> str:
    had = "n" in match[0]
    return f"{match[1]}{'n' if VOWEL.match(match[2]) or (had and not CONSONANT.match(match[2])) else ''} "


def _exchanged(sentence: str, old: str, new: str) -> str:
    return _capital(re.sub(re.escape(old), lambda _: new, sentence, count=1, flags=re.IGNORECASE))


def _capital(string: str) -> str:
    return string[:1].upper() + string[1:]


def _content(string: str) -> frozenset[str]:
    return frozenset(word.lower() for word in Text(string).words if not is_stop_word(word))
