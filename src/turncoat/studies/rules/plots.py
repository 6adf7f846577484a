"""Curves of the study of universal rules, as inline SVG: success by cap, and by the size of the ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from turncoat.evaluation.plots import DASHES
from turncoat.evaluation.svg import INK, SERIES, draw
from turncoat.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Points = Sequence[tuple[float, Interval]]


def curves(title: str, across: str, lines: Mapping[str, Points], published: Mapping[str, Sequence[float]]) -> str:
    """Success in percent with its 95 % bands, and what was published as dotted lines.

    Args:
        across: what the horizontal axis counts.
        lines: for each line, its points by that.
        published: percent, at the places of the first line's points.
    """

    def paint(axes: Axes) -> None:
        for i, (name, points) in enumerate(lines.items()):
            places = [place for place, _ in points]
            middle, low, high = (
                [np.nan if end is None else 100 * end for end in ends]
                for ends in zip(*((p.estimate, p.low, p.high) for _, p in points), strict=True)
            )
            line, colour = DASHES[i % len(DASHES)], SERIES[i % len(SERIES)]
            axes.plot(places, middle, color=colour, linestyle=line, linewidth=1.8, marker="o", label=f" {name}")
            axes.fill_between(places, low, high, color=colour, alpha=0.12, linewidth=0)
        for name, values in published.items():
            places = [place for place, _ in next(iter(lines.values()))][: len(values)]
            axes.plot(places, values[: len(places)], color=INK, linestyle=":", linewidth=1.2, label=f" {name}")
        axes.set_xlabel(across)
        axes.set_ylabel("texts turned, %")
        axes.set_ylim(bottom=0)

    listed = "; ".join(
        f"{name}: " + ", ".join(f"{100 * value.estimate:.1f} % at {place:g}" for place, value in points)
        for name, points in lines.items()
    )
    return draw(paint, f"{title}. {listed}.")
