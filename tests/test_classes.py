"""Classes by name, index and case."""

from __future__ import annotations

import pytest

from turncoat.errors import UsageError
from turncoat.models.classes import check_same_classes, class_index


@pytest.mark.parametrize(
    ("label", "labels", "index"),
    [
        ("pos", ("neg", "pos"), 1),
        ("POS", ("neg", "pos"), 1),
        ("Pos", ("pos", "Pos"), 1),  # as it is written comes first
        (0, ("1", "0"), 0),
        ("0", ("1", "0"), 1),  # a name comes before an index
        ("1", ("neg", "pos"), 1),
    ],
)
def test_a_class_is_found(label: str | int, labels: tuple[str, ...], index: int) -> None:
    assert class_index(label, labels) == index


@pytest.mark.parametrize(
    ("label", "labels"), [("POS", ("pos", "Pos")), ("2", ("a", "b")), (-1, ("a", "b")), (None, ("a",)), ("c", ("a",))]
)
def test_no_class_or_more_than_one_is_refused(label: str | int | None, labels: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"expected one of the classes {', '.join(labels)}"):
        class_index(label, labels)


def test_the_same_classes_in_the_same_order() -> None:
    check_same_classes("a", ("Good", "bad"), "b", ("good", "BAD"))
    with pytest.raises(UsageError, match="classes of a and of b differ: good, bad and bad, good"):
        check_same_classes("a", ("good", "bad"), "b", ("bad", "good"))
