"""What an outcome tells beside its text: question and answers, or the translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from turncoat.evaluation.diffing import Piece, word_pieces
from turncoat.evaluation.outcome import Outcome

Told = tuple[str, tuple[Piece, ...]]


def told(outcome: Outcome) -> tuple[Told, ...]:
    """Terms, each with a text in pieces that stayed and pieces that changed; nothing for classifiers."""
    if "question" in outcome.details:
        return tuple(_reading(outcome))
    return tuple(_translation(outcome)) if "reference" in outcome.details else ()


def _reading(outcome: Outcome) -> Iterator[Told]:
    details = outcome.details
    before, after = details["answer_before"], details["answer_after"]
    yield "Question", _unchanged(details["question"])
    yield "Gold answers", _unchanged(" | ".join(details["answers"]))
    yield "Answer", (Piece(before, after),) if before or after else ()
    where = ", touching the added sentence" if details["in_sentence"] else ""
    yield "F1", _unchanged(f"{details['f1_before']:.2f} → {details['f1_after']:.2f}{where}")
    if "steps" in outcome.trace:
        yield from _steps(outcome.trace["steps"])


def _steps(steps: Mapping[str, Any]) -> Iterator[Told]:
    """How AddSent came to its sentence, each step with its rules."""
    rules = ", ".join(each["rule"] for each in steps["mutations"])
    yield "1 Mutation", (*word_pieces(steps["question"], steps["mutated"]), *_unchanged(f" ({rules})"))
    yield "2 Fake answer", (Piece(steps["answer"], steps["fake"]), *_unchanged(f" ({steps['answer_rule']})"))
    yield "3 Statement", _unchanged(f"{steps['sentence']} ({steps['conversion_rule']})")


def _translation(outcome: Outcome) -> Iterator[Told]:
    details = outcome.details
    yield "Translation", word_pieces(details["translation_before"], details["translation_after"])
    yield "Reference", _unchanged(details["reference"])
    parts = f"1 - {details['bleu']:.3f} BLEU × {details['likeness']:.3f} likeness"
    yield "Distortion", _unchanged(f"{details['score']:.3f} = {parts}")


def _unchanged(string: str) -> tuple[Piece, ...]:
    return (Piece(string, string),) if string else ()
