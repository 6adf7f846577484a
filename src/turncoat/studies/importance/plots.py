"""The heat maps of word importance, as inline SVG: models down, words or substitutes across."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from turncoat.evaluation.svg import INK, SERIES, draw
from turncoat.evaluation.visible import visible
from turncoat.studies.importance.run import Importance, Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HURTS, HELPS = SERIES[1], SERIES[0]
STRONGEST = 0.6  # the number stays readable on it in light and dark
SQUARE = np.array([[-0.5, 0.5, 0.5, -0.5], [-0.5, -0.5, 0.5, 0.5]])


def word_map(importance: Importance) -> str:
    """Figure 5: each word of the text made unknown."""
    title = f"By how much log F({visible(importance.label)}) falls when a word is made unknown"
    return _heat_map(importance, importance.words, importance.text.words, title)


def substitute_map(importance: Importance) -> str:
    """Figure 6: each substitute of one word, with the unknown word first.

    Raises:
        ValueError: no word was replaced.
    """
    if importance.position is None:
        raise ValueError("expected substitutes of a word")
    word = importance.text.words[importance.position]
    values = np.column_stack([importance.words[:, importance.position], importance.swaps])
    title = f"By how much log F({visible(importance.label)}) falls when {visible(word)} is replaced"
    return _heat_map(importance, values, ("(unknown)", *importance.substitutes), title)


def _heat_map(importance: Importance, values: Scores, columns: Sequence[str], title: str) -> str:
    largest = max(float(np.nanmax(np.abs(values), initial=0)), 0.01)
    models = [visible(model) for model in importance.models]

    def paint(axes: Axes) -> None:
        for (row, column), value in np.ndenumerate(values):
            if np.isnan(value):
                axes.plot(column, row, "x", color=INK, markersize=4)
                continue
            _square(axes, column, row, value, largest)
            axes.text(column, row, f"{value + 0.0:.2f}".replace("-0.00", "0.00"), ha="center", va="center", fontsize=7)
        for end in (-largest, largest):
            axes.fill([], [], color=_colour(end), alpha=STRONGEST, linewidth=0, label=f" {end:.2f}")
        if np.isnan(values).any():
            axes.plot([], [], "x", color=INK, markersize=4, linestyle="", label=" not seen by the model")
        _name_families(axes, importance.families)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(models) - 0.5, -0.5)
        axes.set_xticks(range(len(columns)), [visible(column) for column in columns], rotation=90)
        axes.set_yticks(range(len(models)), models)
        axes.grid(False)
        axes.tick_params(length=0, labelsize=8)
        axes.spines[:].set_visible(False)

    ends = f" from {np.nanmin(values):.2f} to {np.nanmax(values):.2f}" if np.isfinite(values).any() else ""
    description = f"{title}: {len(models)} models by {len(columns)} columns, values{ends}."
    names = max(map(len, models)) * 0.075
    letters = max(map(len, columns), default=0) * 0.075
    return draw(paint, description, (1.6 + names + 0.42 * len(columns), 0.8 + letters + 0.26 * len(models)))


def _square(axes: Axes, column: int, row: int, value: float, largest: float) -> None:
    """Colour by sign; strength by the root of the size, so that one large value does not leave the rest blank."""
    alpha = STRONGEST * np.sqrt(abs(value) / largest)
    if alpha > 0.02:
        axes.fill(column + SQUARE[0], row + SQUARE[1], color=_colour(value), alpha=round(alpha, 2), linewidth=0)


def _colour(value: float) -> str:
    return HURTS if value > 0 else HELPS


def _name_families(axes: Axes, families: Sequence[str]) -> None:
    """A line between families, and their names on the right."""
    start = 0
    for family, run in groupby(families):
        stop = start + len(list(run))
        if start:
            axes.axhline(start - 0.5, color=INK, linewidth=1)
        axes.text(1.01, (start + stop - 1) / 2, family, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
        start = stop
