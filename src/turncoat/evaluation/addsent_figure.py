"""The steps of AddSent as a figure, after Figure 2 of R. Jia, P. Liang. EMNLP 2017."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from turncoat.attacks.addsent.writing import Trace
from turncoat.evaluation.svg import INK, SERIES, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, NARROW, GAP, LINE = 10.0, 4.8, 0.55, 0.34  # of the boxes, in the figure's own units
UNREPAIRED = "nothing was left after the automatic filter"


def addsent_figure(trace: Trace, repaired: str) -> str:
    """SVG of question and answer, the steps 1 to 3, and the repaired sentence ("" if the filter dropped it)."""
    changes = ", ".join(f"{each.old} → {each.new}" for each in trace.mutations)
    left, right = NARROW / 2, WIDE - NARROW / 2
    boxes = [  # row, middle, width, caption, content, colour
        (0, left, NARROW, "Question", trace.question, INK),
        (0, right, NARROW, "Answer", trace.answer, INK),
        (1, left, NARROW, f"1  changed question ({changes})", trace.mutated, SERIES[0]),
        (1, right, NARROW, f"2  fake answer ({trace.answer_rule})", trace.fake, SERIES[1]),
        (2, WIDE / 2, WIDE, f"3  statement ({trace.conversion_rule})", trace.sentence, SERIES[2]),
        (3, WIDE / 2, WIDE, "4  AddSent-auto: mended by rules, read by nobody", repaired or UNREPAIRED, SERIES[3]),
    ]
    wrapped = [
        (row, x, w, _wrap(caption, w), _wrap(content, w), colour) for row, x, w, caption, content, colour in boxes
    ]
    heights = [max(len(b[3]) + len(b[4]) for b in wrapped if b[0] == row) * LINE + 0.35 for row in range(4)]
    tops = [-sum(heights[:row]) - row * GAP for row in range(5)]

    def paint(axes: Axes) -> None:
        for row, x, width, caption, content, colour in wrapped:
            _box(axes, x, tops[row], width, heights[row], colour)
            _text(axes, x, tops[row] - 0.18, caption, content)
        for row, starts, ends in (
            (0, (left, right), (left, right)),
            (1, (left, right), (left, right)),
            (2, (5,), (5,)),
        ):
            for start, end in zip(starts, ends, strict=True):
                axes.annotate(
                    "", (end, tops[row + 1]), (start, tops[row] - heights[row]),
                    arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.8},
                )  # fmt: skip
        axes.set_xlim(-0.1, WIDE + 0.1)
        axes.set_ylim(tops[4] + GAP - 0.1, 0.1)
        axes.axis("off")

    about = (
        f"How a distracting sentence is written. {' '.join(str(trace).split())} 4 repaired: {repaired or UNREPAIRED}"
    )
    return draw(paint, about, size=(7.2, 0.72 * -tops[4]))


def _wrap(string: str, width: float) -> list[str]:
    return textwrap.wrap(string, int(width * 10.5)) or [""]


def _box(axes: Axes, x: float, top: float, width: float, height: float, colour: str) -> None:
    xs = [x - width / 2, x + width / 2, x + width / 2, x - width / 2]
    ys = [top, top, top - height, top - height]
    axes.fill(xs, ys, facecolor=colour, alpha=0.1, linewidth=0)
    axes.plot([*xs, xs[0]], [*ys, ys[0]], color=colour, linewidth=0.9)


def _text(axes: Axes, x: float, top: float, caption: list[str], content: list[str]) -> None:
    for i, line in enumerate([*caption, *content]):
        is_caption = i < len(caption)
        axes.text(
            x, top - i * LINE, line, ha="center", va="top", fontsize=7 if is_caption else 9,
            style="normal" if is_caption else "italic",
        )  # fmt: skip
