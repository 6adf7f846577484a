"""What raters are given: blinded sheets, instructions, and a key that stays with the experimenter."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Literal

import numpy as np

from turncoat.disk import write_file
from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome

Task = Literal["fluency", "consistency", "label"]
TASKS: tuple[Task, ...] = ("fluency", "consistency", "label")
COLUMNS = ("number", "task", "text", "other text", "rating")
KEY, INSTRUCTIONS = "key.json", "instructions.md"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that starts so
MARK = "\ufeff"  # tells a spreadsheet that the file is in UTF-8


@dataclass(frozen=True)
class Unit:
    """One thing to rate, and what raters must not see.

    Attributes:
        number: position in the key; raters see it, in another order each.
        task: fluency of one text, consistency of two, or the class of one.
        id: the example.
        shown: the text or texts.
        adversarial: whether an attack wrote it (a control is the untouched original).
        gold: the example's class name.
        stratum: the group that results are split by.
    """

    number: int
    task: Task
    id: str
    shown: tuple[str, ...]
    adversarial: bool
    gold: str
    stratum: str = ""


def draw_units(
    outcomes: Sequence[Outcome],
    labels: Sequence[str],
    items: int = 100,
    controls: int = 25,
    tasks: Sequence[Task] = ("fluency", "consistency"),
    seed: int = 0,
    stratum: Callable[[Outcome], str] = lambda outcome: "",
) -> list[Unit]:
    """Units from `items` successes drawn at random, and `controls` untouched texts for fluency and label.

    Consistency shows original and adversarial text in random order. Controls are originals of attacked examples that
    were not drawn, as far as there are any.

    Raises:
        UsageError: the run has no success.
    """
    successes = [outcome for outcome in outcomes if outcome.status == "success"]
    if not successes:
        raise UsageError("expected a run with at least one success; there is nothing to rate")
    rng = np.random.default_rng(seed)
    drawn = [successes[i] for i in rng.permutation(len(successes))[:items]]
    taken = {outcome.id for outcome in drawn}
    others = [outcome for outcome in outcomes if outcome.id not in taken and outcome.status != "skipped"] or drawn
    untouched = [others[i] for i in rng.permutation(len(others))[:controls]]
    units: list[Unit] = []
    for task in tasks:
        for outcome in drawn:
            shown: tuple[str, ...] = (outcome.adversarial,)
            if task == "consistency":
                pair = (outcome.original, outcome.adversarial)
                shown = pair if rng.random() < 0.5 else pair[::-1]
            units.append(Unit(len(units), task, outcome.id, shown, True, labels[outcome.label], stratum(outcome)))
        for outcome in untouched if task != "consistency" else ():
            units.append(Unit(len(units), task, outcome.id, (outcome.original,), False, labels[outcome.label], ""))
    return units


def write_kit(units: Sequence[Unit], folder: Path, raters: int, labels: Sequence[str], seed: int = 0) -> None:
    """Write rater-1.csv ..., each in its own random order, instructions.md, and key.json (not for raters).

    Raises:
        UsageError: the folder already holds a kit, or there is no rater.
    """
    if raters < 1:
        raise UsageError(f"expected at least one rater, got {raters}")
    if (folder / KEY).exists():
        raise UsageError(f"{folder} already holds a kit; choose another folder, so that ratings cannot be lost")
    folder.mkdir(parents=True, exist_ok=True)
    for rater in range(1, raters + 1):
        order = np.random.default_rng([seed, rater]).permutation(len(units))
        tasks = {task: [units[i] for i in order if units[i].task == task] for task in TASKS}
        rows = [(unit.number, unit.task, *(*unit.shown, "")[:2]) for task in TASKS for unit in tasks[task]]
        write_sheet(folder / f"rater-{rater}.csv", COLUMNS, rows)
    write_file(_instructions(labels, {unit.task for unit in units}), folder / INSTRUCTIONS)
    key = {"labels": list(labels), "units": [asdict(unit) for unit in units]}
    write_file(json.dumps(key, ensure_ascii=False, indent=1) + "\n", folder / KEY)


def read_key(folder: Path) -> tuple[list[str], list[Unit]]:
    """Class names and units of a kit.

    Raises:
        UsageError: the folder holds no kit.
    """
    try:
        key = json.loads((folder / KEY).read_text(encoding="utf-8"))
        return key["labels"], [Unit(**{**unit, "shown": tuple(unit["shown"])}) for unit in key["units"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder}: expected a rating kit with {KEY} (turncoat rate kit): {error}") from error


def write_sheet(path: Path, columns: Sequence[str], rows: Iterable[tuple[int, *tuple[str, ...]]]) -> None:
    """Write rows, a number and texts each, and an empty last column for people to fill."""
    sheet = StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(columns)
    for number, *texts in rows:
        writer.writerow([number, *(f"'{text}" if text.startswith(FORMULA) else text for text in texts), ""])
    write_file(MARK + sheet.getvalue(), path)


def read_sheet(path: Path, units: int, column: str) -> list[tuple[int, str]]:
    """What people wrote into a column: number and content of each row that they filled, in the sheet's order.

    Args:
        units: all numbers are below it.

    Raises:
        UsageError: a number is not, or the sheet was saved in another encoding.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(row.get("number") or "", row.get(column) or "") for row in csv.DictReader(file)]
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected a CSV file in UTF-8; save the sheet so: {error}") from error
    if strange := [number for number, _ in rows if not number.isdecimal() or int(number) >= units]:
        raise UsageError(
            f"{path.name}: expected a number below {units}, got {strange[0]!r}; was the sheet's first column changed?"
        )
    return [(int(number), " ".join(content.split())) for number, content in rows if content.strip()]


def _instructions(labels: Sequence[str], tasks: set[Task]) -> str:
    parts = {
        "fluency": "**fluency**: read the text alone. 5 = a fluent native speaker wrote it; 4 = good; 3 = readable, "
        "not natural; 2 = hard to read; 1 = not English.",
        "consistency": "**consistency**: compare both texts. 5 = they say the same; 4 = nearly; 3 = parts differ; "
        "2 = they differ much; 1 = they say different or opposite things.",
        "label": f"**label**: write the class that the text belongs to: {', '.join(labels)}; or `unclear`.",
    }
    lines = [f"- {parts[task]}" for task in TASKS if task in tasks]
    return (
        "# How to rate\n\nFill the column `rating` of your own sheet, row by row, without talking to other raters. "
        "Leave a row empty if you cannot decide. Do not change other columns.\nSome texts were changed by a "
        "program, others were not; you are not told which. An apostrophe before a text only keeps spreadsheets from "
        "reading it as a formula.\n\n" + "\n".join(lines) + "\n"
    )
