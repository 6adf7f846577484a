"""Outcomes as the rows that a report's table shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from turncoat.evaluation.diffing import Piece, pieces
from turncoat.evaluation.metrics import class_name
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.telling import told
from turncoat.evaluation.visible import visible


def row(outcome: Outcome, labels: Sequence[str]) -> dict[str, Any]:
    """Plain values for the page's script; hidden characters are spelled out.

    `diff` holds [text] for what stayed and [old, new] for what changed; `told` holds pairs of a term and such a list.

    Raises:
        UsageError: the outcome has a label without a name.
    """
    return {
        "id": visible(outcome.id),
        "status": outcome.status,
        "reason": visible(outcome.reason.replace("_", " ")),
        "gold": visible(class_name(labels, outcome.label)),
        "before": visible(class_name(labels, outcome.before)),
        "after": None if outcome.after is None else visible(class_name(labels, outcome.after)),
        "probability_before": _own(outcome.probabilities_before, outcome.before),
        "probability_after": _own(outcome.probabilities_after, outcome.after),
        "probabilities_before": outcome.probabilities_before,
        "probabilities_after": outcome.probabilities_after,
        "changed": len(outcome.changes),
        "words": outcome.words,
        "questions": outcome.queries,
        "repeated": outcome.queries_logical,
        "similarity": outcome.similarity,
        "diff": [_piece(piece) for piece in pieces(outcome)],
        "told": [[term, [_piece(piece) for piece in content]] for term, content in told(outcome)],
    }


def _own(probabilities: Sequence[float] | None, label: int | None) -> float | None:
    """The probability of the verdict itself."""
    return None if probabilities is None or label is None else probabilities[label]


def _piece(piece: Piece) -> list[str]:
    return [visible(piece.old), visible(piece.new)] if piece.changed else [visible(piece.old)]
