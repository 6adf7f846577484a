"""How much of the time of mining is spent in the victim: `universal_rules.py --speed-victim` uses it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from turncoat import load_victim
from turncoat.data.example import Dataset
from turncoat.models.forms import WordForm
from turncoat.models.networks import word_victim
from turncoat.models.victim import Victim, predict
from turncoat.rules.instances import find_instances
from turncoat.rules.mining import Mining, make_book
from turncoat.rules.trial import ask, choose
from turncoat.text import Text

TEXTS, GOES = 1000, 3
Result = TypeVar("Result")


def speed(folder: Path, train: Dataset, mining: Mining) -> list[dict[str, str]]:
    """One row: processor seconds of each step, and of the same distinct texts without mining; the fastest of three.

    Forwards alone are timed twice: of strings, as any user asks a model, and of texts that are numbers already, the
    least that a miner could need. Reading the data is done once, however many victims are then asked.
    """
    data = train.sample(min(TEXTS, len(train)), 1)
    find_instances(train.sample(5, 2), mining.substitutions)  # now word lists and tagger are loaded
    goes = [_seconds(lambda: find_instances(data, mining.substitutions)) for _ in range(GOES)]
    reading, instances = min(seconds for seconds, _ in goes), goes[0][1]
    trial = choose(data, instances, mining.min_count, mining.most_instances, mining.seed)
    answers = ask(trial, load_victim(str(folder)))
    counting, book = _seconds(lambda: make_book(trial, answers, [], mining))
    strings = [*{str(text) for question in trial.questions() for text in question}]
    texts, questions = [Text(string) for string in strings], trial.questions()
    asking = _least(folder, lambda victim: ask(trial, victim))
    as_strings = _least(folder, lambda victim: predict(victim, [texts]))
    as_numbers = _least(folder, lambda victim: predict(victim, questions))
    whole = reading + asking + counting
    return [
        {
            "victim": folder.name, "texts": str(len(data)), "distinct texts asked about": str(len(strings)),
            "rules": str(len(book)), "reading, s": f"{reading:.2f}", "asking, s": f"{asking:.2f}",
            "counting, s": f"{counting:.2f}", "forwards of strings, s": f"{as_strings:.2f}",
            "forwards of numbers, s": f"{as_numbers:.2f}",
            "forwards of strings / mining": f"{as_strings / whole:.2f}",
            "forwards of numbers / mining": f"{as_numbers / whole:.2f}",
            "forwards of numbers / asking": f"{as_numbers / asking:.2f}",
            "forwards of numbers / mining, 6 such members": f"{6 * as_numbers / (reading + 6 * asking + counting):.2f}",
        }
    ]  # fmt: skip


def _least(folder: Path, work: Callable[[Victim], object]) -> float:
    """Seconds of the fastest of several goes, each with a victim that has read nothing yet."""
    victims = [word_victim(load_victim(str(folder))) for _ in range(GOES)]
    for victim in victims:
        victim.form = WordForm(victim.form.vocabulary, victim.form.longest)  # stored victims share what they have read
    return min(_seconds(partial(work, victim))[0] for victim in victims)


def _seconds(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result
