"""Clean accuracy against accuracy under attack, a mark a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from turncoat.evaluation.svg import SERIES, draw
from turncoat.evaluation.visible import visible
from turncoat.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class Point:
    """A model under an attack: its name stands beside it, the attack decides colour and mark."""

    model: str
    attack: str
    clean: Interval
    robust: Interval


def robustness(points: Sequence[Point]) -> str:
    """The plot as SVG; bars are 95 % intervals."""
    attacks = list(dict.fromkeys(point.attack for point in points))

    def paint(axes: Axes) -> None:
        for point in points:
            number = attacks.index(point.attack)
            colour = SERIES[number % len(SERIES)]
            x, y = 100 * point.clean.estimate, 100 * point.robust.estimate
            axes.errorbar(
                [x], [y], xerr=_bars(point.clean), yerr=_bars(point.robust), fmt=MARKS[number % len(MARKS)],
                color=colour, markersize=5, linewidth=0.8, alpha=0.85,
            )  # fmt: skip
            axes.annotate(visible(point.model), (x, y), (4, 4), textcoords="offset points", fontsize=7, color=colour)
        for number, attack in enumerate(attacks):
            mark = MARKS[number % len(MARKS)]
            axes.plot([], [], mark, color=SERIES[number % len(SERIES)], label=f" {visible(attack)}")
        axes.set_xlabel("accuracy on clean texts, %")
        axes.set_ylabel("accuracy under attack, %")
        axes.set_ylim(bottom=0)

    told = "; ".join(
        f"{visible(p.model)} under {visible(p.attack)}: {100 * p.clean.estimate:.1f} clean, "
        f"{100 * p.robust.estimate:.1f} attacked"
        for p in points
    )
    return draw(paint, f"Accuracy on clean texts and under attack, in percent. {told}.", (6.4, 4.4))


def _bars(interval: Interval) -> list[list[float]]:
    low = interval.estimate if interval.low is None else interval.low
    high = interval.estimate if interval.high is None else interval.high
    return [[100 * (interval.estimate - low)], [100 * (high - interval.estimate)]]
