"""Outcomes as a table for pandas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from turncoat.evaluation.outcome import Outcome

if TYPE_CHECKING:
    import pandas


def to_frame(outcomes: Sequence[Outcome]) -> pandas.DataFrame:
    """One row an outcome, one column a field, and `changed` and `changed_share`.

    `changes`, the probabilities and `trace` stay Python objects.
    """
    import pandas

    names = [field.name for field in fields(Outcome)]
    rows = [
        {name: getattr(outcome, name) for name in names}
        | {"changed": len(outcome.changes), "changed_share": outcome.changed_share}
        for outcome in outcomes
    ]
    return pandas.DataFrame(rows, columns=[*names, "changed", "changed_share"])
