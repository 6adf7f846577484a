"""Which substitutions turned verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from turncoat.evaluation.outcome import Outcome


@dataclass(frozen=True)
class Substitution:
    """One replacement, over all attacked examples of a run.

    Attributes:
        old, new: in lower case, for the case follows the text; "" for insertion or deletion.
        used: how often it stands in a final text.
        in_successes: how often in one that turned the verdict.
        ids: some examples that it helped to turn.
    """

    old: str
    new: str
    used: int
    in_successes: int
    ids: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of its uses that stand in successes."""
        return self.in_successes / self.used


@dataclass
class _Tally:
    used: int = 0
    in_successes: int = 0
    ids: list[str] = field(default_factory=list)


def substitutions(outcomes: Sequence[Outcome], most: int = 20, ids: int = 3) -> tuple[Substitution, ...]:
    """The `most` effective substitutions, with up to `ids` examples each.

    Order: times used in successes, then their share, then old and new word.
    """
    tallies: dict[tuple[str, str], _Tally] = {}
    for outcome in outcomes:
        if outcome.status == "skipped":
            continue
        for change in outcome.changes:
            tally = tallies.setdefault((change.old.lower(), change.new.lower()), _Tally())
            tally.used += 1
            if outcome.status == "success":
                tally.in_successes += 1
                if outcome.id not in tally.ids and len(tally.ids) < ids:
                    tally.ids.append(outcome.id)
    table = [Substitution(*words, t.used, t.in_successes, tuple(t.ids)) for words, t in tallies.items()]
    table.sort(key=lambda s: (-s.in_successes, -s.share, s.old, s.new))
    return tuple(entry for entry in table[:most] if entry.in_successes)
