"""Classes by name: the one that somebody typed, and whether two lists are of the same ones."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.errors import UsageError


def class_index(label: str | int | None, labels: Sequence[str]) -> int:
    """Index of a class by its name, in other case if no other name is the same then, or by its index.

    Raises:
        UsageError: there is no such class.
    """
    if isinstance(label, str):
        if label in labels:
            return labels.index(label)
        alike = [i for i, name in enumerate(labels) if name.lower() == label.lower()]
        if len(alike) == 1:
            return alike[0]
    if str(label).isdecimal() and int(str(label)) < len(labels):
        return int(str(label))
    raise UsageError(f"expected one of the classes {', '.join(labels)} (or its index), got {label!r}")


def check_same_classes(first: str, labels: Sequence[str], other: str, its_labels: Sequence[str]) -> None:
    """Make sure that two number the same classes in the same order; case does not matter.

    Args:
        first, other: whose classes these are.

    Raises:
        UsageError: they do not; both lists are shown.
    """
    if [name.lower() for name in labels] != [name.lower() for name in its_labels]:
        raise UsageError(
            f"the classes of {first} and of {other} differ: {', '.join(labels)} and {', '.join(its_labels)}; "
            "take victims that number the same classes in the same order"
        )
