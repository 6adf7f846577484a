"""The study's figures, as SVG or PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from matplotlib import rc_context
from matplotlib.figure import Figure
from torch import Tensor, nn

from turncoat.data.synthetic import Plane
from turncoat.evaluation.svg import SERIES, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLAIN = {"svg.fonttype": "none", "svg.hashsalt": "turncoat", "font.size": 10}
MARKS = ("o", "s", "^", "D", "v", "x")
GRID = 60


@dataclass(frozen=True)
class Panel:
    """One image (rows, columns) and what stands above and below it; `signed` ones are grey at 0."""

    pixels: Tensor
    above: str
    below: str
    signed: bool = False


def panels(rows: Sequence[Sequence[Panel]], joints: Sequence[str], form: str) -> bytes:
    """Rows of images, joined by signs, as "svg" or "png"."""
    columns = max(map(len, rows))
    with rc_context(PLAIN):
        figure = Figure(figsize=(2.5 * columns, 2.9 * len(rows)), layout="constrained")
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for axes, panel in ((grid[i, j], panel) for i, row in enumerate(rows) for j, panel in enumerate(row)):
            size = float(panel.pixels.abs().max()) or 1.0
            low, high = (-size, size) if panel.signed else (0.0, 1.0)
            axes.imshow(panel.pixels.numpy(), cmap="gray_r", vmin=low, vmax=high)
            axes.set_title(panel.above, fontsize=10)
            axes.set_xlabel(panel.below)
            axes.set_xticks([])
            axes.set_yticks([])
        for row in grid:
            for axes, joint in zip(row[1:], joints, strict=False):
                axes.text(-0.1, 0.5, joint, transform=axes.transAxes, ha="center", va="center", fontsize=16)
        return _saved(figure, form)


def contours(found: Mapping[str, tuple[nn.Module, Plane]]) -> str:
    """Probability of class 1 over each plane, with the training points: three panels a row."""
    rows = -(-len(found) // 3)
    with rc_context(PLAIN):
        figure = Figure(figsize=(8, 2.7 * rows), layout="constrained")
        for axes, (name, (network, plane)) in zip(
            figure.subplots(rows, 3, squeeze=False).flat, found.items(), strict=False
        ):
            across = [
                np.linspace(low - 0.6, high + 0.6, GRID)
                for low, high in zip(plane.flat.min(0), plane.flat.max(0), strict=True)
            ]
            flat = np.stack(np.meshgrid(*across), axis=-1).reshape(-1, 2).astype(np.float32)
            with torch.no_grad():
                shares = network(torch.from_numpy(flat @ plane.axes)).softmax(-1)[:, 1].numpy().reshape(GRID, GRID)
            axes.contourf(*across, shares, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.6)
            axes.contour(*across, shares, levels=[0.5], colors="black", linewidths=1)
            for label, mark in ((0, "o"), (1, "s")):
                axes.scatter(*plane.flat[plane.labels == label].T, marker=mark, color="black", s=14)
            axes.set_title(name, fontsize=10)
            axes.set_xticks([])
            axes.set_yticks([])
        return _saved(figure, "svg").decode()


def curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    xlabel: str,
    ylabel: str,
    about: str,
    diagonal: bool = False,
    logarithmic: bool = False,
) -> str:
    """Points joined by lines, one series a name; with the diagonal as what was foretold."""

    def paint(axes: Axes) -> None:
        for i, (name, (x, y)) in enumerate(lines.items()):
            axes.plot(x, y, color=SERIES[i % len(SERIES)], marker=MARKS[i % len(MARKS)], markersize=4, label=name)
        if diagonal:
            ends = [0.0, max(max(x) for x, _ in lines.values())]
            if logarithmic:
                ends[0] = min(min(each for each in x if each > 0) for x, _ in lines.values())
            axes.plot(ends, ends, color="#010203", linewidth=0.8, linestyle=":", label="foretold")
        if logarithmic:
            axes.set_xscale("log")
            axes.set_yscale("log")
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)

    return draw(paint, about)


def _saved(figure: Figure, form: str) -> bytes:
    file = io.BytesIO()
    about = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    figure.savefig(file, format=form, dpi=150, metadata=about)
    return file.getvalue()
