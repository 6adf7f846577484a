"""How one example ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from turncoat.text import Change

Status = Literal["success", "failed", "skipped"]


@dataclass(frozen=True)
class Outcome:
    """One line of `outcomes.jsonl`.

    Attributes:
        id: the example's id.
        label: gold class index.
        status: "skipped" if the victim was wrong from the start (or already at the target).
        reason: why the search stopped.
        original: the untouched text.
        adversarial: the text that the search ended in; the original if nothing was changed or the example was skipped.
        changes: replaced words, (position, old, new), positions counted in words without punctuation.
        words: number of words of the original, without punctuation.
        queries: unique questions to the victim (cache misses); queries_logical counts repeats too.
        before: victim's label on the original; after: on the adversarial text, asked afresh (None if skipped).
        probabilities_before, probabilities_after: (classes,), None for hard-label victims or skipped examples.
        similarity: cosine of the sentence vectors of both texts; None if no encoder was used or nothing changed hands.
        trace: what the attack kept.
        details: what belongs to the task: question and answers, or reference and translations; see `evaluation.reading`
            and `evaluation.translating`.
    """

    id: str
    label: int
    status: Status
    reason: str
    original: str
    adversarial: str
    changes: tuple[Change, ...]
    words: int
    queries: int
    queries_logical: int
    before: int
    after: int | None = None
    probabilities_before: tuple[float, ...] | None = None
    probabilities_after: tuple[float, ...] | None = None
    similarity: float | None = None
    trace: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changed_share(self) -> float:
        """Share of the words that were changed."""
        return len(self.changes) / self.words if self.words else 0.0

    def to_json(self) -> str:
        """One line, keys in the order of the fields; `details` only if there are any."""
        fields = asdict(self)
        if not fields["details"]:
            del fields["details"]
        return json.dumps(fields, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Outcome:
        """Inverse of `to_json`.

        Raises:
            ValueError, KeyError, TypeError: the line is no outcome.
        """
        fields = json.loads(line)
        fields["changes"] = tuple(Change(**change) for change in fields["changes"])
        for name in ("probabilities_before", "probabilities_after"):
            if fields[name] is not None:
                fields[name] = tuple(fields[name])
        return cls(**fields)
