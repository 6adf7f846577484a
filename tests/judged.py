"""Turned texts made by hand, a run folder that holds them, and a WordNet and a lexicon to judge them by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from turncoat.data.wordnet_files import POS_FILES
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.publishing import read_run
from turncoat.evaluation.run import Run
from turncoat.text import Text


def turned(id: str, original: str, changes: dict[int, str], status: str = "success") -> Outcome:
    """A success, or another outcome, whose words at some positions were replaced."""
    return ended(id, original, str(Text(original).replace_all(changes)), status)


def ended(id: str, original: str, adversarial: str, status: str = "success") -> Outcome:
    """Any outcome; changes are what turns one text into the other."""
    text = Text(original)
    return Outcome(
        id=id, label=1, status=status, reason="flipped", original=original, adversarial=adversarial,  # type: ignore[arg-type]
        changes=text.diff(Text(adversarial)), words=len(text), queries=9, queries_logical=9, before=1,
        after=int(status != "success"),
    )  # fmt: skip


# Seven substitutions in three turned texts; what failed and what was skipped is never judged.
OUTCOMES = (
    turned("a", "A good film, the best.", {1: "bad", 2: "movie"}),
    turned("b", "They love the slow plot.", {1: "like", 2: "a", 3: "quick"}),
    turned("c", "It was great fun.", {2: "terrible", 3: "amusing"}),
    turned("d", "So good.", {1: "evil"}, status="failed"),
    ended("e", "Not read.", "Not read.", status="skipped"),
)


def kept(folder: Path, outcomes: Sequence[Outcome] = OUTCOMES, **config: Any) -> Run:
    """The outcomes as a run on disk."""
    run = RunFolder(folder)
    victim = {"name": "toy", "fingerprint": "toy", "labels": ["negative", "positive"]}
    settings = {"seed": 0, "attack": {"name": "pwws"}, "victim": victim, "data": {"name": "toys"}, **config}
    run.begin({"config": settings, "source": {"victim": "toy", "data": "toys"}})
    with run.writing() as keep:
        for outcome in outcomes:
            keep(outcome)
    return read_run(folder)


# Three pairs of opposed adjectives, the first and the last with a similar one on either side; all else opposes nothing.
# Fields: offset, topic, kind, number of words (hex), word and number ..., number of pointers, pointers.
WORDNET = {
    "a": """\
00000001 00 a 01 fast 0 002 & 00000002 s 0000 ! 00000003 a 0101 | quick
00000002 00 s 02 swift 0 quick 0 001 & 00000001 a 0000 | quick
00000003 00 a 01 slow 0 002 & 00000004 s 0000 ! 00000001 a 0101 | not fast
00000004 00 s 01 sluggish 0 001 & 00000003 a 0000 | not fast
00000005 00 a 02 wet 0 watery 0 001 ! 00000006 a 0101 | with water
00000006 00 a 01 dry 0 001 ! 00000005 a 0101 | without water
00000007 00 a 01 good 0 002 & 00000008 s 0000 ! 00000009 a 0101 | not bad
00000008 00 s 01 great 0 001 & 00000007 a 0000 | very good
00000009 00 a 01 bad 0 002 & 00000010 s 0000 ! 00000007 a 0101 | not good
00000010 00 s 01 terrible 0 001 & 00000009 a 0000 | very bad
""",
    "v": """\
00000001 29 v 01 increase 0 001 ! 00000002 v 0101 01 + 01 00 | grow
00000002 29 v 01 decrease 0 001 ! 00000001 v 0101 01 + 01 00 | shrink
""",
    "n": """\
00000001 03 n 01 thing 0 001 @ 00000002 n 0000 | one of them
00000002 03 n 01 entity 0 000 | anything
""",
    "r": "",
}


def mini_wordnet(folder: Path) -> Path:
    """The files of `WORDNET`."""
    for pos, lines in WORDNET.items():
        name = POS_FILES[pos]
        (folder / f"data.{name}").write_text(f"  1 licence\n{lines}")
        (folder / f"{name}.exc").write_text("")
        entries = [line.split() for line in lines.splitlines()]
        senses = [f"{word} {pos} 1 0 1 0 {e[0]}" for e in entries for word in e[4 : 4 + 2 * int(e[3], 16) : 2]]
        (folder / f"index.{name}").write_text("".join(f"{sense}\n" for sense in sorted(senses)))
    return folder


def lexicon(folder: Path) -> Path:
    """Valences of most words of `OUTCOMES`."""
    path = folder / "vader_lexicon.txt"
    valences = {"good": 1.9, "bad": -2.5, "love": 3.2, "like": 1.5, "great": 3.1, "terrible": -2.1, "fun": 2.3}
    path.write_text("".join(f"{word}\t{valence}\t0.5\t[]\n" for word, valence in valences.items()))
    return path
