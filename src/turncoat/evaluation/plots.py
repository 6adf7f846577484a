"""The plots of a report, as inline SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from turncoat.evaluation.metrics import turned
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.svg import SERIES, draw
from turncoat.evaluation.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHES = ("-", "--", "-.", ":")  # lines differ in more than their colour
LOGARITHMIC_FROM = 1000
LONGEST_NAME = 32
SQUARE = 0.48 * np.array([[-1, 1, 1, -1], [-1, -1, 1, 1]])


def success_by_questions(runs: Mapping[str, Sequence[Outcome]]) -> str:
    """Share of the attacked examples turned with at most so many unique questions, a curve a run."""
    return _cumulative(
        runs,
        lambda outcome: outcome.queries,
        "unique questions to the victim, at most",
        "Share of attacked texts turned, by number of questions",
    )


def success_by_changed_words(runs: Mapping[str, Sequence[Outcome]]) -> str:
    """Share of the attacked examples turned with at most so many changed words, a curve a run."""
    return _cumulative(
        runs,
        lambda outcome: len(outcome.changes),
        "changed words, at most",
        "Share of attacked texts turned, by number of changed words",
    )


def turned_labels(outcomes: Sequence[Outcome], labels: Sequence[str]) -> str:
    """How many successes went from each gold label to each new one.

    Raises:
        UsageError: an outcome has a label without a name.
    """
    entries = turned(outcomes, labels)
    places = {label: i for i, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), int)
    for entry in entries:
        counts[places[entry.gold], places[entry.to]] = entry.count
    names = [_short(label) for label in labels]
    longest = max(map(len, names), default=0)
    steep = sum(map(len, names)) > 40

    def paint(axes: Axes) -> None:
        strongest = max(1, counts.max())
        for (gold, to), count in np.ndenumerate(counts):
            if count:
                # half as strong at most, so that the number stays readable on it in light and dark
                alpha = 0.08 + 0.42 * count / strongest
                axes.fill(to + SQUARE[0], gold + SQUARE[1], color=SERIES[0], alpha=alpha, linewidth=0)
                axes.text(to, gold, str(count), ha="center", va="center")
        axes.set_xlim(-0.5, len(labels) - 0.5)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_xticks(range(len(labels)), names, rotation=45 if steep else 0, ha="right" if steep else "center")
        axes.set_yticks(range(len(labels)), names)
        axes.set_xlabel("verdict after the attack")
        axes.set_ylabel("gold label")
        axes.grid(False)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)

    listed = "; ".join(f"{visible(entry.gold)} to {visible(entry.to)}: {entry.count}" for entry in entries)
    size = (4 + 0.08 * longest, min(9.0, 1.2 + 0.5 * len(labels)) + (0.06 * longest if steep else 0.2))
    return draw(paint, f"Number of texts turned from gold label to new label. {listed or 'None'}.", size)


def _cumulative(
    runs: Mapping[str, Sequence[Outcome]], cost: Callable[[Outcome], int], xlabel: str, description: str
) -> str:
    costs = {
        name: sorted(cost(outcome) for outcome in outcomes if outcome.status == "success")
        for name, outcomes in runs.items()
    }
    attacked = {name: sum(o.status != "skipped" for o in outcomes) for name, outcomes in runs.items()}
    most = max([cost(o) for outcomes in runs.values() for o in outcomes if o.status != "skipped"], default=1)
    logarithmic = most > LOGARITHMIC_FROM
    end = most + max(0.5, most / 20)  # lets the last step be seen

    def paint(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator, ScalarFormatter

        first = max(1, min([values[0] for values in costs.values() if values], default=1)) if logarithmic else 0
        for i, (name, values) in enumerate(costs.items()):
            shares = 100 * np.arange(len(values) + 1) / max(1, attacked[name])
            axes.step(
                [first, *values, end],
                [*shares, shares[-1]],
                where="post",
                color=SERIES[i % len(SERIES)],
                linestyle=DASHES[i % len(DASHES)],
                linewidth=1.8,
                label=f" {_short(name)}" if len(costs) > 1 else None,  # matplotlib hides labels that begin with "_"
            )
        axes.set_ylim(0, 102)
        axes.set_ylabel("turned, % of attacked texts")
        axes.set_xlabel(xlabel)
        if logarithmic:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(ScalarFormatter())
        else:
            axes.set_xlim(0, end)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))

    reached = "; ".join(f"{visible(name)}: {len(values)} of {attacked[name]} turned" for name, values in costs.items())
    return draw(paint, f"{description}. {reached}.")


def _short(name: str) -> str:
    name = visible(name)
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
