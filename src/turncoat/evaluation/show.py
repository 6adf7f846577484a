"""One outcome for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text as Line

from turncoat.evaluation.diffing import Piece, pieces
from turncoat.evaluation.metrics import class_name
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.telling import told
from turncoat.evaluation.visible import visible

STYLES = {"success": "bold green", "failed": "bold yellow", "skipped": "dim"}


def show_outcome(outcome: Outcome, labels: Sequence[str]) -> Line:
    """What happened, the text with [-old-]{+new+} words, and what its task tells besides.

    A `rich.text.Text`, so that nothing in the example is read as markup; hidden characters are spelled out. Without
    colours the brackets still tell old from new.

    Raises:
        UsageError: the outcome has a label without a name.
    """
    line = Line()
    line.append(outcome.status, style=STYLES[outcome.status])
    line.append(f" {visible(outcome.id)}  gold {visible(class_name(labels, outcome.label))}, verdict ")
    line.append(_verdict(outcome.before, outcome.probabilities_before, labels))
    if outcome.after is not None:
        line.append(f" → {_verdict(outcome.after, outcome.probabilities_after, labels)}")
    line.append(f"  ({visible(outcome.reason.replace('_', ' '))})\n")
    if outcome.status != "skipped":
        line.append(_cost(outcome) + "\n", style="dim")
    line.append("\n")
    _append(line, pieces(outcome))
    for term, content in told(outcome):
        line.append(f"\n{term}: ", style="dim")
        _append(line, content)
    return line


def _append(line: Line, content: Sequence[Piece]) -> None:
    for piece in content:
        if not piece.changed:
            line.append(visible(piece.old))
            continue
        if piece.old:
            line.append(f"[-{visible(piece.old)}-]", style="red strike")
        if piece.new:
            line.append(f"{{+{visible(piece.new)}+}}", style="bold green")


def _verdict(label: int, probabilities: Sequence[float] | None, labels: Sequence[str]) -> str:
    name = visible(class_name(labels, label))
    return name if probabilities is None else f"{name} {100 * probabilities[label]:.1f} %"


def _cost(outcome: Outcome) -> str:
    parts = [
        f"{len(outcome.changes)} of {outcome.words} words changed",
        f"{outcome.queries} questions ({outcome.queries_logical} with repeats)",
    ]
    if outcome.similarity is not None:
        parts.append(f"similarity {outcome.similarity:.3f}")
    return ", ".join(parts)
