"""Whether an attack's new words stand in a given word source: the strata of a rating."""

from __future__ import annotations

from collections.abc import Callable

from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome
from turncoat.substitutions.expression import read_substitutions
from turncoat.text import Text


def origin(source: str) -> Callable[[Outcome], str]:
    """Tells of an outcome: "all", "some" or "none" of its new words are proposed by the source.

    Raises:
        UsageError: the source must ask a model; only dictionaries can be asked here.
    """
    proposing = read_substitutions(source)

    def tell(outcome: Outcome) -> str:
        work = proposing.propose(Text(outcome.original), [change.position for change in outcome.changes])
        try:
            work.send(None)
        except StopIteration as end:
            options = end.value
        else:
            work.close()
            raise UsageError(f"{source!r} asks a model; name a dictionary, such as sememes or wordnet")
        there = [
            change.new.lower() in {word.lower() for word in options[change.position]} for change in outcome.changes
        ]
        return f"all in {source}" if all(there) else f"some in {source}" if any(there) else f"none in {source}"

    return tell
