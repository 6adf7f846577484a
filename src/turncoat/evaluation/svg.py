"""A matplotlib figure as inline SVG that follows the page: its fonts, its light or dark colours."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# matplotlib must be given colours; these stand for what the page decides, and are replaced in the SVG.
# The fallbacks are Okabe and Ito's colours, which the colour-blind can tell apart.
INK = "#010203"
SERIES = ("#010a01", "#010a02", "#010a03", "#010a04", "#010a05", "#010a06")
FALLBACKS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
THEME = {INK: "currentColor"} | {
    colour: f"var(--series-{i}, {fallback})"
    for i, (colour, fallback) in enumerate(zip(SERIES, FALLBACKS, strict=True), 1)
}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "turncoat",
    "text.parse_math": False,
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": INK,
    "grid.alpha": 0.12,
    "grid.linewidth": 0.8,
    "xtick.major.width": 0.6,
    "ytick.major.size": 0,
    "legend.frameon": False,
}


def draw(paint: Callable[[Axes], None], description: str, size: tuple[float, float] = (5.2, 3.4)) -> str:
    """The SVG of one pair of axes that `paint` has drawn on; equal input gives equal bytes.

    Args:
        paint: draws on the axes.
        description: read out to those who cannot see the plot.
        size: width and height in inches, as proportions; the page scales it.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    file = io.StringIO()
    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the page brings its own fonts
        figure = Figure(figsize=size, layout="constrained")
        paint(figure.add_subplot())
        names = figure.axes[0].get_legend_handles_labels()[1]
        if names:
            figure.legend(loc="outside upper left", ncols=2 if max(map(len, names)) < 20 else 1)
        figure.savefig(
            file, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return _inline(file.getvalue(), description)


def _inline(svg: str, description: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' id="[A-Za-z]\w*_\d+"', "", svg)  # numbered groups: several plots share a page
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:href", "href")
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    for colour, themed in THEME.items():
        svg = svg.replace(colour, themed)
    return svg.replace("<svg", f'<svg role="img" aria-label={quoteattr(description)}', 1)
