"""The two panels that explain training on perturbed word vectors, drawn from a recipe.

After Figure 1 of T. Miyato, A. M. Dai, I. Goodfellow. ICLR 2017, arXiv 1605.07725: (a) the recurrent classifier, (b)
the same with normalised word vectors and a perturbation on each, but none on the mark at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from turncoat.errors import UsageError
from turncoat.evaluation.svg import INK, SERIES, draw
from turncoat.training.recipes import DocumentReader, Lstm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORDS = ("a", "great", "film")
WIDTH, STEP = 0.72, 1.0
ROWS = {"word": 0.0, "vector": 1.0, "reader": 2.1, "top": 3.1, "verdict": 4.0}


def embedding_diagram(recipe: Lstm | DocumentReader, words: tuple[str, ...] = WORDS) -> str:
    """SVG of both panels; sizes and ε are the recipe's.

    Raises:
        UsageError: no words.
    """
    if not words:
        raise UsageError("expected at least one word to draw")
    ended = isinstance(recipe, DocumentReader)
    places = len(words) + ended
    shift = (places + 0.7) * STEP

    def paint(axes: Axes) -> None:
        for panel in range(2):
            _panel(axes, recipe, (*words, "‹end›") if ended else words, panel * shift, perturbed=bool(panel))
        axes.set_xlim(-0.6, 2 * shift - 0.9 * STEP + 0.1)
        axes.set_ylim(-0.75, 4.5)
        axes.axis("off")

    about = (
        "Two panels. (a) Words become word vectors, a recurrent network reads them in order, and its last state is "
        f"classified. (b) The same with normalised vectors, each with a perturbation added; the norm of all "
        f"perturbations of a text together is {recipe.epsilon:g}."
    )
    return draw(paint, about, size=(1.15 * 2 * places + 1.2, 4.4))


def _panel(axes: Axes, recipe: Lstm | DocumentReader, words: tuple[str, ...], left: float, perturbed: bool) -> None:
    ended = isinstance(recipe, DocumentReader)
    last = left + (len(words) - 1) * STEP
    middle = left + (len(words) - 1) * STEP / 2
    for number, word in enumerate(words):
        x, mark = left + number * STEP, number + 1
        axes.text(x, ROWS["word"], word, ha="center", va="center", style="italic")
        _arrow(axes, x, ROWS["word"] + 0.2, x, ROWS["vector"] - 0.24)
        noisy = perturbed and not (ended and number == len(words) - 1)
        name = f"v̄{_small(mark)} + r{_small(mark)}" if noisy else f"{'v̄' if perturbed else 'v'}{_small(mark)}"
        _box(axes, x, ROWS["vector"], WIDTH, name, SERIES[1] if noisy else SERIES[0])
        _arrow(axes, x, ROWS["vector"] + 0.24, x, ROWS["reader"] - 0.24)
        _box(axes, x, ROWS["reader"], WIDTH, "LSTM", INK)
        if number:
            _arrow(axes, x - STEP + WIDTH / 2, ROWS["reader"], x - WIDTH / 2, ROWS["reader"])
    below = ROWS["reader"] + 0.24
    if isinstance(recipe, DocumentReader):
        _arrow(axes, last, below, last, ROWS["top"] - 0.24)
        _box(axes, last, ROWS["top"], WIDTH, f"ReLU {recipe.top}", INK)
        below = ROWS["top"] + 0.24
    _arrow(axes, last, below, last, ROWS["verdict"] - 0.2)
    axes.text(last, ROWS["verdict"], "y", ha="center", va="center", style="italic")
    sizes = f"{recipe.embedding} dimensions, {recipe.hidden} units"
    caption = f"(b) normalised and perturbed, ‖r‖₂ = {recipe.epsilon:g}" if perturbed else f"(a) {sizes}"
    axes.text(middle, -0.55, caption, ha="center", va="center")


def _box(axes: Axes, x: float, y: float, width: float, label: str, colour: str) -> None:
    corners = [x - width / 2, x + width / 2, x + width / 2, x - width / 2], [y - 0.24, y - 0.24, y + 0.24, y + 0.24]
    axes.fill(*corners, facecolor=colour, alpha=0.12, linewidth=0)
    axes.plot([*corners[0], corners[0][0]], [*corners[1], corners[1][0]], color=colour, linewidth=0.9)
    axes.text(x, y, label, ha="center", va="center", fontsize=9)


def _arrow(axes: Axes, x: float, y: float, to_x: float, to_y: float) -> None:
    axes.annotate("", (to_x, to_y), (x, y), arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.8})


def _small(number: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))
