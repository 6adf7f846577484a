"""What hardening changed: shares with intervals, and paired tests against the victim and against the control."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.evaluation.metrics import stands
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.evaluation.significance import holm, mcnemar
from turncoat.intervals import Interval, mean, proportion
from turncoat.models.victim import Victim, decide
from turncoat.text import Text

Model = Literal["before", "hardened", "control"]
MODELS: tuple[Model, ...] = ("before", "hardened", "control")
CLEAN, SUCCESS, STANDING, OLD, QUESTIONS = (
    "clean accuracy", "success", "accuracy under attack", "old texts", "questions",
)  # fmt: skip

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Contrast:
    """The hardened model against another one on the same examples.

    Attributes:
        other: which.
        difference: hardened - other, with a paired bootstrap interval.
        p: two-sided, by McNemar's exact test.
        p_holm: corrected for all contrasts of the table.
    """

    other: Model
    difference: Interval
    p: float
    p_holm: float


@dataclass(frozen=True)
class Row:
    """One measure of all models.

    Attributes:
        measure: what was measured.
        attack: under which attack; "" for none.
        over: on which examples.
        cells: by model; None where there is nothing to measure.
        counts: on how many examples, by model.
        better: 1 if more is better, -1 if less is; 0 for neither.
        contrasts: none where the models are measured on different examples.
    """

    measure: str
    attack: str
    over: str
    cells: Mapping[Model, Interval | None]
    counts: Mapping[Model, int]
    better: int
    contrasts: tuple[Contrast, ...] = field(default=())

    def verdict(self, other: Model) -> str:
        """Whether the hardened model is "better" or "worse" than another, or "undecided" (corrected p of 0.05 or more);
        "" where that was not tested.
        """
        found = next((each for each in self.contrasts if each.other == other), None)
        if found is None or found.p_holm >= 0.05:
            return "undecided" if found else ""
        return "better" if found.difference.estimate * self.better > 0 else "worse"


def measure(models: Mapping[Model, Victim], test_set: Dataset, runs: Mapping[Model, Sequence[Run]]) -> list[Row]:
    """All rows: clean accuracy, then for each attack success, accuracy under it, its old texts, and its questions.

    Args:
        models: all three.
        test_set: clean texts; the attacked ones are among them.
        runs: of the attacks against each model, in the same order, on the same examples.
    """
    rows = [_clean(models, test_set)]
    for trio in zip(*(runs[model] for model in MODELS), strict=True):
        rows += _under(dict(zip(MODELS, trio, strict=True)), models)
    flat = [contrast.p for row in rows for contrast in row.contrasts]
    corrected = iter(holm(flat))
    return [
        replace(row, contrasts=tuple(replace(contrast, p_holm=next(corrected)) for contrast in row.contrasts))
        for row in rows
    ]


def right(victim: Victim, dataset: Dataset) -> Flags:
    """Which examples a victim reads rightly (examples,)."""
    labels = decide(victim, [[Text(example.text) for example in dataset]])[0]
    return np.asarray(labels == [example.label for example in dataset])


def shared(measured: str, attack: str, over: str, flags: Mapping[Model, Flags], better: int) -> Row:
    """A row of shares of the same examples, with its paired tests."""
    cells = {model: proportion(int(found.sum()), len(found)) for model, found in flags.items()}
    counts = {model: len(found) for model, found in flags.items()}
    contrasts = tuple(contrast(model, flags["hardened"], found) for model, found in flags.items() if len(found))
    kept = tuple(each for each in contrasts if each is not None and each.other != "hardened")
    return Row(measured, attack, over, cells, counts, better, kept)


def contrast(other: Model, hardened: Flags, found: Flags) -> Contrast | None:
    """The paired difference and test of two models; None without examples."""
    difference = mean(hardened.astype(np.float64) - found)
    if difference is None:
        return None
    p = mcnemar(int((found & ~hardened).sum()), int((hardened & ~found).sum()))
    return Contrast(other, difference, p, p)


def _clean(models: Mapping[Model, Victim], test_set: Dataset) -> Row:
    flags = {model: right(models[model], test_set) for model in MODELS}
    return shared(CLEAN, "", f"all {len(test_set)} test texts", flags, 1)


def _under(runs: Mapping[Model, Run], models: Mapping[Model, Victim]) -> Iterator[Row]:
    """The rows of one attack."""
    attack, size = runs["before"].attack, len(runs["before"])
    tables = {model: {outcome.id: outcome for outcome in runs[model].outcomes} for model in MODELS}
    attacked = {model: [o for o in runs[model].outcomes if o.status != "skipped"] for model in MODELS}
    counts = {model: len(attacked[model]) for model in MODELS}
    turned = {model: sum(o.status == "success" for o in attacked[model]) for model in MODELS}
    rates = {model: proportion(turned[model], counts[model]) for model in MODELS}
    yield Row(SUCCESS, attack, "texts that the model itself reads rightly", rates, counts, -1)
    standing = {model: np.array([stands(tables[model][id]) for id in tables["before"]], bool) for model in MODELS}
    yield shared(STANDING, attack, f"all {size} attacked texts", standing, 1)
    yield _old(attack, tables, models)
    asked = {model: mean([o.queries for o in attacked[model]]) for model in MODELS}
    yield Row(QUESTIONS, attack, "a text that the model itself reads rightly, mean", asked, counts, 0)


def _old(attack: str, tables: Mapping[Model, Mapping[str, Outcome]], models: Mapping[Model, Victim]) -> Row:
    """Texts that turned the victim before: how many turn the new models, which read all the originals rightly."""
    new: tuple[Model, ...] = ("hardened", "control")
    old = [
        outcome for id, outcome in tables["before"].items()
        if outcome.status == "success" and all(tables[model][id].before == outcome.label for model in new)
    ]  # fmt: skip
    golds, texts = [outcome.label for outcome in old], [Text(outcome.adversarial) for outcome in old]
    flags = {model: decide(models[model], [texts])[0] != golds if old else np.zeros(0, bool) for model in new}
    return shared(OLD, attack, "texts that turned the victim, originals read rightly by both", flags, -1)
