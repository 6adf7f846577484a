"""Step 4 of AddSent by people: five mend a sentence, three others vote on what came out of it.

Source: R. Jia, P. Liang. "Adversarial Examples for Evaluating Reading Comprehension Systems." EMNLP 2017. A folder goes
through three states: repairers' sheets, voters' sheets, and the file of approved sentences that `AddSent(approved=...)`
reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from turncoat.attacks.add_sent import AddSent
from turncoat.data.reading import ReadingExample
from turncoat.disk import write_file
from turncoat.errors import UsageError
from turncoat.evaluation.rating.sheets import read_sheet, write_sheet
from turncoat.goals.answer_overlap import normalised

CANDIDATES, BALLOT = "candidates.json", "ballot.json"
MOST = 5  # sentences a question
NEEDED = 2  # yes votes
WORDS = {"yes": True, "y": True, "no": False, "n": False}


@dataclass(frozen=True)
class Candidate:
    """A sentence to be mended or voted on.

    Attributes:
        paragraph, question: what it will be added to, and what it must not answer.
        sentence: as it stands.
        fake: the fake answer, which must stay in it.
    """

    paragraph: str
    question: str
    sentence: str
    fake: str


@dataclass(frozen=True)
class Voted:
    """A mended sentence with its votes."""

    candidate: Candidate
    yes: int
    no: int


def raw_sentence(example: ReadingExample) -> Candidate | None:
    """What step 3 writes for a question; None where there is nothing to write.

    Raises:
        MissingResource: see `AddSent.sentences`.
    """
    made, trace = AddSent(repair="none").sentences(example.text, example.question, example.answers, example.starts)
    return Candidate(example.text, example.question, made[0], trace["steps"]["fake"]) if made else None


def write_repair_kit(candidates: Sequence[Candidate], folder: Path, repairers: int = 5, seed: int = 0) -> None:
    """Write repairer-1.csv ..., each in its own random order, repairing.md, and the candidates.

    Raises:
        UsageError: nothing to mend, nobody to do it, or the folder already holds a kit.
    """
    if not candidates or repairers < 1:
        raise UsageError(f"expected sentences and repairers, got {len(candidates)} and {repairers}")
    if (folder / CANDIDATES).exists():
        raise UsageError(f"{folder} already holds a kit; choose another folder, so that work cannot be lost")
    folder.mkdir(parents=True, exist_ok=True)
    shown = [(each.question, each.sentence, each.fake) for each in candidates]
    for number in range(1, repairers + 1):
        columns = ("number", "question", "sentence", "keep these words", "mended sentence")
        write_sheet(folder / f"repairer-{number}.csv", columns, _shuffled(shown, [seed, number]))
    write_file(REPAIRING, folder / "repairing.md")
    write_file(_json(candidates), folder / CANDIDATES)


def has_ballot(folder: Path) -> bool:
    """Whether there are sheets to vote on."""
    return (folder / BALLOT).exists()


def write_ballot(folder: Path, voters: int = 3, seed: int = 0) -> int:
    """Collect what the repairers wrote, at most five sentences a question, and write voter-1.csv ... and voting.md.

    Returns:
        How many sentences there are to vote on.

    Raises:
        UsageError: no repair kit, a damaged sheet, nothing mended, no voter, or votes already begun.
    """
    candidates = _read(folder / CANDIDATES)
    if voters < 1 or has_ballot(folder):
        raise UsageError(f"{folder}: expected at least one voter ({voters}) and no ballot so far")
    mended: dict[tuple[str, str], dict[str, Candidate]] = {}
    for sheet in sorted(folder.glob("repairer-*.csv")):
        for number, sentence in sorted(read_sheet(sheet, len(candidates), "mended sentence")):
            old = candidates[number]
            if f" {normalised(old.fake)} " not in f" {normalised(sentence)} ":
                raise UsageError(f"{sheet.name}, row {number}: expected the words {old.fake!r} in {sentence!r}")
            own = mended.setdefault((old.paragraph, old.question), {})
            if len(own) < MOST:
                own.setdefault(sentence, Candidate(old.paragraph, old.question, sentence, old.fake))
    ballot = [each for own in mended.values() for each in own.values()]
    if not ballot:
        raise UsageError(f"{folder}: nobody has mended anything yet; fill the last column of repairer-1.csv, ...")
    shown = [(each.question, each.sentence) for each in ballot]
    for voter in range(1, voters + 1):
        columns = ("number", "question", "sentence", "yes or no")
        write_sheet(folder / f"voter-{voter}.csv", columns, _shuffled(shown, [seed, voter]))
    write_file(VOTING, folder / "voting.md")
    write_file(_json(ballot), folder / BALLOT)
    return len(ballot)


def count_votes(folder: Path) -> list[Voted]:
    """The sentences of the ballot, in its order, with their votes.

    Raises:
        UsageError: no ballot, a damaged sheet, a vote that is neither yes nor no, or no vote at all.
    """
    ballot = _read(folder / BALLOT)
    votes: list[list[bool]] = [[] for _ in ballot]
    for sheet in sorted(folder.glob("voter-*.csv")):
        for number, word in read_sheet(sheet, len(ballot), "yes or no"):
            if word.lower() not in WORDS:
                raise UsageError(f"{sheet.name}, row {number}: expected yes, no or nothing, got {word!r}")
            votes[number].append(WORDS[word.lower()])
    if not any(votes):
        raise UsageError(f"{folder}: nobody has voted yet; fill the last column of voter-1.csv, ...")
    return [Voted(each, sum(own), len(own) - sum(own)) for each, own in zip(ballot, votes, strict=True)]


def approved(voted: Iterable[Voted], unanimous: bool = False) -> list[Voted]:
    """Those with two yes votes or more; `unanimous`: with three or more, and no other vote."""
    return [each for each in voted if each.yes >= NEEDED + unanimous and not (unanimous and each.no)]


def write_approved(voted: Iterable[Voted], path: Path) -> None:
    """The file that `AddSent(approved=...)` reads."""
    rows = [
        {"paragraph": v.candidate.paragraph, "question": v.candidate.question, "sentence": v.candidate.sentence}
        | {"yes": v.yes, "no": v.no}
        for v in voted
    ]
    write_file(json.dumps({"sentences": rows}, ensure_ascii=False, indent=1) + "\n", path)


def _shuffled(rows: Sequence[tuple[str, ...]], seed: Sequence[int]) -> list[tuple[int, *tuple[str, ...]]]:
    return [(int(i), *rows[i]) for i in np.random.default_rng(seed).permutation(len(rows))]


def _json(candidates: Sequence[Candidate]) -> str:
    return json.dumps([asdict(each) for each in candidates], ensure_ascii=False, indent=1) + "\n"


def _read(path: Path) -> list[Candidate]:
    try:
        rows: list[Mapping[str, str]] = json.loads(path.read_bytes())
        return [Candidate(**row) for row in rows]
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"{path.parent}: expected an approval kit with {path.name} (turncoat rate approve): {error}"
        ) from error


REPAIRING = """# How to mend

Each row has a sentence that a program wrote. Write it in the last column as a fluent writer of English would, changing
as little as you can. Keep the words of the column `keep these words`. The sentence need not be true, and you need not
understand it. If it is fine, copy it. If it cannot be saved, leave the row empty. Do not change other columns, and do
not talk to other repairers. An apostrophe before a text only keeps spreadsheets from reading it as a formula.
"""

VOTING = """# How to vote

Write `yes` in the last column if the sentence is grammatical English AND does not answer the question, else `no`. The
sentence need not be true. It answers the question if somebody who trusts it would give an answer. Leave a row empty if
you cannot decide. Do not change other columns, and do not talk to other voters. Whoever mended sentences must not vote.
An apostrophe before a text only keeps spreadsheets from reading it as a formula.
"""
