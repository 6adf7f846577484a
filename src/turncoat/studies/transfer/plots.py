"""The figures of the transfer study, as inline SVG: the heat map of a matrix, and the curves of the ensembles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from turncoat.evaluation.plots import DASHES
from turncoat.evaluation.svg import INK, SERIES, draw
from turncoat.studies.ensembles.curves import Curves
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import FEWEST, TransferMatrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

SHADES = 25
MOST_NAMES = 26  # models on an axis that are named one by one
KEY = (0.2, 0.4, 0.6, 0.8, 1.0)


def heat_map(matrix: TransferMatrix, title: str = "Transfer rates") -> str:
    """The matrix as a picture, sources down and targets across: the stronger the colour, the higher the rate.

    Rates are rounded up to 25 shades; a missing one is a cross, an unreliable one (on few texts) has a dot.
    """
    shades = np.ceil(np.nan_to_num(matrix.rates) * SHADES - 1e-9).astype(int)
    missing, unreliable = np.argwhere(np.isnan(matrix.rates)), np.argwhere(matrix.unreliable)

    def paint(axes: Axes) -> None:
        from matplotlib.patches import PathPatch

        for shade in np.unique(shades[shades > 0]):
            squares = _cells(shades == shade)
            axes.add_patch(PathPatch(squares, facecolor=SERIES[0], alpha=shade / SHADES, linewidth=0))
        for value in KEY:
            axes.fill([], [], color=SERIES[0], alpha=value, linewidth=0, label=f" {value:.0%}")
        if len(missing):
            axes.plot(missing[:, 1], missing[:, 0], "x", color=INK, markersize=2, label=" missing")
        if len(unreliable):
            axes.plot(unreliable[:, 1], unreliable[:, 0], ".", color=INK, markersize=1.5, label=f" < {FEWEST} texts")
        axes.set_xlim(-0.5, len(matrix.targets) - 0.5)
        axes.set_ylim(len(matrix.sources) - 0.5, -0.5)
        axes.set_aspect("equal")
        axes.set_xlabel("target")
        axes.set_ylabel("source, attacked")
        axes.set_xticks(*_ticks(matrix.targets), rotation=90)
        axes.set_yticks(*_ticks(matrix.sources))
        axes.grid(False)
        axes.tick_params(length=0, labelsize=7)
        axes.spines[:].set_visible(False)

    known = matrix.rates[np.isfinite(matrix.rates)]
    span = f" from {known.min():.2f} to {known.max():.2f}, mean {known.mean():.2f}" if len(known) else ""
    description = (
        f"{title}: {len(matrix.sources)} sources by {len(matrix.targets)} targets, {len(known)} rates{span}; "
        f"{len(missing)} missing, {len(unreliable)} on fewer than {FEWEST} texts."
    )
    most = max(len(matrix.sources), len(matrix.targets))
    cell = 0.17 if most <= MOST_NAMES else 0.11  # inches; room for a name
    rows, columns = (min(7.5, 2.2 + cell * len(side)) for side in (matrix.sources, matrix.targets))
    return draw(paint, description, (columns, rows + 0.4))


def ensemble_plot(curves: Curves, title: str = "Transfer of ensembles") -> str:
    """One panel of Figure 1: mean rate outside the ensemble by its size, with 95 % bands, and the two dotted lines."""

    def paint(axes: Axes) -> None:
        for i, (name, points) in enumerate(curves.curves.items()):
            sizes = list(points)
            rates, low, high = (
                [np.nan if end is None else 100 * end for end in ends]
                for ends in zip(*((p.estimate, p.low, p.high) for p in points.values()), strict=True)
            )
            line = DASHES[i % len(DASHES)]
            axes.plot(sizes, rates, color=SERIES[i], linewidth=1.8, linestyle=line, marker="o", label=f" {name}")
            axes.fill_between(sizes, low, high, color=SERIES[i], alpha=0.12, linewidth=0)
        for name, mean, colour in ((" mean base rate", curves.base, 5), (" mean, single pairs", curves.single, 4)):
            axes.axhline(100 * mean.estimate, color=SERIES[colour], linestyle=":", linewidth=1.4, label=name)
        axes.set_xticks(sorted({size for points in curves.curves.values() for size in points}))
        axes.margins(x=0.1)
        axes.set_xlabel("models in the ensemble")
        axes.set_ylabel("models outside turned, % of texts")

    listed = "; ".join(
        f"{name}: " + ", ".join(f"{100 * point.estimate:.1f} % with {size}" for size, point in points.items())
        for name, points in curves.curves.items()
    )
    lines = (
        f"mean base rate {100 * curves.base.estimate:.1f} %, mean of single pairs {100 * curves.single.estimate:.1f} %"
    )
    return draw(paint, f"{title}. {listed}; {lines}.")


def _cells(chosen: NDArray[np.bool_]) -> Path:
    """Squares of the chosen cells as one path; neighbours in a row are one rectangle."""
    from matplotlib.path import Path

    steps = np.diff(np.pad(chosen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    (rows, starts), (_, ends) = np.nonzero(steps == 1), np.nonzero(steps == -1)
    x, y = np.stack([starts, ends, ends, starts, starts], 1) - 0.5, rows[:, None] + [-0.5, -0.5, 0.5, 0.5, -0.5]
    codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], len(rows))
    return Path(np.stack([x.ravel(), y.ravel()], axis=1), codes)


def _ticks(models: Sequence[Model]) -> tuple[list[float], list[str]]:
    """Names of the models; of many, those of each run of one architecture and depth, at its middle."""
    if len(models) <= MOST_NAMES:
        return list(map(float, range(len(models)))), list(map(str, models))
    places, names = [], []
    for (architecture, layers), run in groupby(enumerate(models), lambda each: (each[1].architecture, each[1].layers)):
        indices = [i for i, _ in run]
        places.append(float(np.mean(indices)))
        names.append((architecture or "others") if layers is None else f"{architecture}-{layers}")
    return places, names
