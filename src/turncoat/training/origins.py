"""How a victim was trained, read from its card, so that the same training can be done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.models.card import Card
from turncoat.registry import DATASETS
from turncoat.training.recipes import RECIPES, Recipe

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Origin:
    """A training that can be done again.

    Attributes:
        recipe: how.
        seed: of the first weights, the order of the texts, and the choice of `rows`.
        data: name of the training set; "" if nobody knows.
        rows: texts of it that were learned from; None for all.
        unlabelled: texts without labels that it learned from too, which are not learned from again.
    """

    recipe: Recipe
    seed: int = 0
    data: str = ""
    rows: int | None = None
    unlabelled: int = 0

    def source(self) -> str:
        """The registered data set that the training set is a part of.

        Raises:
            UsageError: there is none of that name; the message says what to give.
        """
        name = self.data.partition("/")[0]
        if name in DATASETS.names():
            return name
        known = f"it was trained on {self.data}" if self.data else "nothing says what it was trained on"
        raise UsageError(f"{known}, which is no data set by name: give the data set or the file as DATA")

    def train_set(self, whole: Dataset) -> Dataset:
        """The part of `whole` that was learned from; all of it, if the victim learned from other data.

        Raises:
            UsageError: `whole` is smaller than it was then.
        """
        return whole.sample(self.rows if whole.name == self.data else None, self.seed)


def origin_of(card: Card) -> Origin:
    """What a card says.

    Raises:
        UsageError: it says no recipe that is known here.
    """
    training = card.training
    kinds = {kind.__name__: kind for kind in RECIPES.values()}
    if training.get("recipe") not in kinds:
        raise UsageError(
            f"the victim's card names no recipe of {', '.join(kinds)} (recipe: {training.get('recipe')!r}), so its "
            "training cannot be done again; say how to train with --recipe"
        )
    return Origin(
        _rebuild(kinds[training["recipe"]], training),
        seed=int(training.get("seed", 0)),
        data=str(training.get("data", "")),
        rows=training.get("rows"),
        unlabelled=int(training.get("unlabelled", 0)),
    )


def _rebuild(kind: type[Kind], table: Mapping[str, Any]) -> Kind:
    """A recipe, or a part of one, from a card: which leaves out what is None, and has lists for tuples."""
    values: dict[str, Any] = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        value = table.get(entry.name)
        if isinstance(value, Mapping) and entry.default_factory is not MISSING:
            value = _rebuild(type(entry.default_factory()), value)
        if value is not None or "None" in str(entry.type):
            values[entry.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
