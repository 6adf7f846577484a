"""A small grammar of English questions: tokens as letters, phrases as regular expressions over them.

A constituency parser of the kind that the paper used cannot be installed offline. Here a question becomes a string
with `word/letter ` for each token; a phrase label (NP, PP, VERB ...) is a regular expression over such tokens, and so a
sequence of labels is one too: finding the first way to cut a question into phrases, longest ones first, with
backtracking, is what a regular expression does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from turncoat.attacks.addsent.tokens import WH_WORDS, Token
from turncoat.data.wordnet import ENDINGS

# Letters of closed classes, by word; then of tags.
WORDS = (
    dict.fromkeys(WH_WORDS, "w")
    | dict.fromkeys(("is", "are", "was", "were", "am", "isn't", "aren't", "wasn't", "weren't"), "b")
    | dict.fromkeys(("be", "been", "being"), "B")
    | dict.fromkeys(("do", "does", "did", "don't", "doesn't", "didn't"), "o")
    | dict.fromkeys(("have", "has", "had", "haven't", "hasn't", "hadn't"), "h")
    | {"that": "a", "to": "t", ",": "q", "there": "u"}
)
TAGS = {"VBN": "e", "VBG": "g", "MD": "m", "IN": "i", "TO": "t", "RP": "z", "CC": "k", "CD": "c", "POS": "s"} | {
    **dict.fromkeys(("VB", "VBD", "VBP", "VBZ"), "v"),
    **dict.fromkeys(("DT", "PDT", "PRP$"), "d"),
    **dict.fromkeys(("JJ", "JJR", "JJS"), "j"),
    **dict.fromkeys(("RB", "RBR", "RBS"), "r"),
    **dict.fromkeys(("NN", "NNS", "FW"), "n"),
    **dict.fromkeys(("NNP", "NNPS"), "p"),
    **dict.fromkeys(("PRP", "EX"), "u"),
    **dict.fromkeys("$£€%#&", "c"),
}


def letter(token: Token) -> str:
    """What a phrase may call the token."""
    if token.lower == "'s" and token.tag == "VBZ":
        return "b"
    if token.tag.startswith("NNP"):  # Doctor Who
        return "p"
    return WORDS.get(token.lower) or TAGS.get(token.tag, "x")


def coded(tokens: Sequence[Token]) -> str:
    """The tokens as `word/letter `, in lower case."""
    return "".join(f"{token.lower.replace('/', '|')}/{letter(token)} " for token in tokens)


def _one(letters: str) -> str:
    return rf"(?:\S+/[{letters}] )"


ADJECTIVE = rf"(?:{_one('r')}?{_one('jcegx')})"
ADJECTIVES = rf"(?:{ADJECTIVE}(?:{_one('kq')}*{ADJECTIVE})*)?"
NOUNS = rf"(?:{_one('npc')}(?:{_one('npcx')}|{_one('j')}(?={_one('npcj')}))*+)"
HEADED = rf"(?:{_one('d')}*{ADJECTIVES}{NOUNS}|{_one('d')}+{ADJECTIVES}(?!{_one('npcjx')})|{_one('c')})"
OWNED = rf"(?:{HEADED}(?:{_one('s')}{ADJECTIVES}{NOUNS}?)*)"
PLAIN = rf"(?:{_one('u')}|{OWNED})"
JOINED = rf"(?:{PLAIN}(?:{_one('q')}?{_one('k')}{PLAIN}|{_one('q')}{PLAIN})*)"
PP = rf"(?:{_one('r')}?{_one('it')}{_one('i')}?{_one('g')}?{JOINED})"
GROUP = rf"(?:{_one('r')}*(?:{_one('mhboveBg')}{_one('r')}*)+{_one('z')}?)"  # a verb with its helpers
THAT = r"(?:(?:who|whom|which|whose|where)/w |that/a )"
RELATIVE = rf"(?:{_one('q')}?{_one('i')}?{THAT}(?:{JOINED}{PP}*)?{GROUP}(?:{JOINED})?{PP}*)"
REDUCED = rf"(?:{_one('eg')}(?:{JOINED})?{PP}+)"

ASKED = rf"\S+/w (?:{_one('r')}?{_one('jr')})?(?:{ADJECTIVES}{NOUNS}(?:{_one('s')}{ADJECTIVES}{NOUNS})?)?"

LABELS = {
    "NP": rf"{JOINED}(?:{PP}|{RELATIVE})*",
    "SUBJ": rf"{JOINED}(?:{PP}|{RELATIVE}|{REDUCED})*",  # only where a verb must follow
    "BNP": rf"{JOINED}(?:of/i {JOINED})*",
    "NAME": rf"(?:{_one('u')}|{_one('d')}?{_one('pc')}+)",
    "PP": rf"{PP}+",
    "VP": rf"(?!{_one('o')}(?!\S+/r ))(?!{_one('m')}{PLAIN}){GROUP}(?:\S+/\w )*",
    "SBAR": rf"{_one('iaw')}(?:\S+/\w )+",
    "VERB": rf"(?:{_one('r')}*{_one('vehobB')}{_one('z')}?)",
    "VERBS": rf"(?:{_one('r')}*(?:{_one('veghoB')}{_one('r')}*)+{_one('z')}?)",
    "PART": rf"(?:{_one('r')}*{_one('B')}?{_one('r')}*{_one('eg')}{_one('z')}?)",
    "ADJ": rf"(?:{_one('r')}*{_one('j')})",
    "HOW": rf"(?:how/w (?!many/|much/){_one('r')}?{_one('jr')}(?!{_one('n')}))",
    "MANNER": rf"(?:how/w {_one('r')}?)",
    "PREP": rf"(?:{_one('it')}|\S+/z )",
    "BE": _one("b"),
    "DO": _one("o"),
    "AUX": _one("hm"),
    "REST": r"(?:\S+/\w )*",
    "SOME": r"(?:\S+/\w )+",
    "WH": _one("w"),
    "ONE": _one(r"\w"),
    "TWO": _one(r"\w"),
    "WHP": rf"{ASKED}(?:{PP})*",
    "WHAT": rf"(?!(?:when|where|why)/w ){ASKED}(?:{PP})*",
    "TIME": r"(?:(?:in|on|at|during)/i )?(?:what|which)/w (?:\S+/j )?"
    r"(?:years?|decades?|century|centuries|months?|day|date|season|time|era|period)/n (?:of/i (?:the/d )?\S+/[npc] )?",
    "INWHP": rf"(?:{_one('it')}{ASKED}(?:of/i {JOINED})*)",
    "LEAD": rf"(?:{_one('r')}?{_one('ig')}(?:(?!\S+/w )\S+/[^q] )*?{_one('npcjug')}{_one('q')}|(?:{PP})+{_one('q')}?)",
}


def retagged(tokens: Sequence[Token], is_verb: Callable[[str], bool]) -> tuple[Token, ...]:
    """The tokens of a question with tags mended that its word order shows to be wrong."""
    mended = list(tokens)
    for i in range(len(mended)):
        if new := _locally(i, mended):
            mended[i] = replace(mended[i], tag=new)
    asks = next((i for i, token in enumerate(mended) if letter(token) == "w"), None)
    if asks is not None:
        for i, new in _by_word_order(asks, mended, is_verb):
            mended[i] = replace(mended[i], tag=new)
    return tuple(mended)


def _locally(i: int, tokens: Sequence[Token]) -> str:
    """A better tag for a word between its neighbours, or ""."""
    token, own = tokens[i], letter(tokens[i])
    before, after = letter(tokens[i - 1]) if i else "", letter(tokens[i + 1]) if i + 1 < len(tokens) else ""
    if i and token.is_capitalised and (own in ("v", "e") or token.tag in ("JJR", "JJS")):
        return "NNP"
    if own == "v" and (before in ("j", "s") or (i and tokens[i - 1].lower in ("the", "a", "an", "of"))):
        return "NNS" if token.lower.endswith("s") else "NN"  # the kind of sports team
    if i and own == "w" and token.is_capitalised and tokens[i - 1].tag.startswith("NNP"):
        return "NNP"  # Doctor Who
    how = any(each.lower == "how" for each in tokens[max(i - 2, 0) : i])
    if own == "j" and before in ("w", "j") and after in ("o", "b", "h", "m") and not how:
        return "NN"  # Which young general did
    if (token.lower == "first" and after == "v" and before != "d") or (token.lower == "no" and after == "r"):
        return "RB"
    return ""


def _by_word_order(asks: int, tokens: Sequence[Token], is_verb: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Places with better tags for what follows the question word at `asks`."""
    letters = "".join(map(letter, tokens))
    after = asks + 1
    rest = letters[after:]
    helper = next((i for i in range(after, len(tokens)) if letters[i] in "bhmo"), None)
    if helper is not None and (letters[helper] == "o" or (letters[helper] == "m" and not set("vBh") & set(rest))):
        if (verb := _base_verb(helper + 1, tokens, letters, is_verb)) is not None:
            yield verb, "VB"
    elif tokens[asks].lower in ("who", "whom") and rest[:1] and rest[0] in "njeg" and not set(rest[1:]) & set("bho"):
        yield after, "VBD" if tokens[after].lower.endswith("ed") else "VBZ"  # Who funds ...
    elif helper is not None and letters[helper] in "bh":
        relative = next((i for i in range(helper, len(tokens)) if letters[i] in "wa"), len(tokens))
        yield from ((i, "VBN") for i in range(helper, relative) if tokens[i].tag == "VBD")  # When was the bridge built
    elif helper is None and "v" not in rest and "e" in rest:
        yield after + rest.index("e"), "VBD"  # What company made ...
    elif helper is None and "v" not in rest:
        plurals = [i for i in range(after, len(tokens) - 1) if tokens[i].tag == "NNS"]
        yield from ((i, "VBZ") for i in plurals[:1] if any(map(is_verb, _bases(tokens[i].lower))))  # What causes ...


def _base_verb(start: int, tokens: Sequence[Token], letters: str, is_verb: Callable[[str], bool]) -> int | None:
    """Where the verb after "did" stands: a word that is tagged so, else a noun that can be one, best before a break."""
    base = [i for i in range(start, len(tokens)) if is_verb(tokens[i].lower) and letters[i - 1] != "t"]
    if start + 1 in base and letters[start] == "u":  # did he light
        return start + 1
    tagged = [i for i in base if letters[i] in "veoh"]
    nouns = [i for i in base if i > start and letters[i] in "njr"]
    ended = [i for i in nouns if (letters[i + 1 : i + 2] or "x") in "itdruwaqpzx"]
    return next(iter([*tagged, *ended, *nouns]), None)


def _bases(word: str) -> list[str]:
    return [word[: -len(old)] + new for old, new in ENDINGS["v"] if word.endswith(old)]
