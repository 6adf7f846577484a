"""Everything turncoat raises on purpose.

    TurncoatError
    ├── UsageError           a name, value or combination that cannot work   (command line: exit 2)
    │   └── UnknownName      a name nobody registered; carries suggestions
    ├── MissingResource      data, words or weights that are not on this machine (exit 3)
    ├── BrokenData           a file whose rows cannot be read
    ├── VictimError          a victim that answered something that is not a verdict
    │   └── HardLabelOnly    probabilities asked of a victim that gives labels only
    └── BudgetSpent          thrown into an attack whose next question would exceed its budget

A message says what was expected, what came, where, and what to do.
"""

from __future__ import annotations


class TurncoatError(Exception):
    """Root of the tree; its message is meant for people."""


class UsageError(TurncoatError):
    """The request itself cannot work, whatever is installed."""


class UnknownName(UsageError):
    """A name that is in no registry."""


class MissingResource(TurncoatError):
    """Something must be installed, downloaded or pointed to first; the message holds the command."""


class BrokenData(TurncoatError):
    """A data file, or a row of it, cannot be used."""


class VictimError(TurncoatError):
    """A victim raised, or its answer is no verdict (wrong shape, not finite, not a distribution)."""


class HardLabelOnly(VictimError):
    """Probabilities were asked of a victim that only gives labels."""


class BudgetSpent(TurncoatError):
    """The next question would exceed the example's budget. Attacks catch it to return their best text."""
