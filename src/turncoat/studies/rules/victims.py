"""The victims of a zoo folder: who is here, whose family each belongs to, and the expert's ensembles among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from turncoat.errors import UsageError
from turncoat.models.card import FILE
from turncoat.models.classes import check_same_classes
from turncoat.models.loading import load_victim
from turncoat.models.victim import Victim
from turncoat.studies.transfer.published import EXPERT
from turncoat.studies.zoo_names import MINILM, ZOO, model_named

FAMILIES = {"W": "Word", "C": "Character", "WC": "ELMo", "sub-word": "BERT"}  # rows of Table 5, by input form
OTHERS = "Other"  # the family of models that are none of the zoo's
NAMES = (*map(str, ZOO), str(MINILM))
MINED, OTHER = "a", "b"  # instances: the one that rules are mined from, and the one that then is the target


def family(name: str) -> str:
    """A model's row in Table 5."""
    form = model_named(name).form
    return OTHERS if form is None else FAMILIES[form]


@dataclass(frozen=True)
class Target:
    """A victim that rules are tried on.

    Attributes:
        name: of the model; folder: of the instance that is asked.
        member: rules were mined from this model (another instance of it, if `instance` is the second one).
    """

    name: str
    folder: Path
    member: bool = False

    @property
    def family(self) -> str:
        return family(self.name)

    @property
    def instance(self) -> str:
        return self.folder.name

    @property
    def same_weights(self) -> bool:
        """Whether the very network that rules were mined from is the target."""
        return self.member and self.instance == MINED


def models_here(zoo: Path) -> tuple[str, ...]:
    """The models of a zoo folder that are trained, in the order of Table 7, all others last.

    Raises:
        UsageError: there is none.
    """
    found = sorted(card.parents[1].name for card in zoo.glob(f"*/{MINED}/{FILE}"))
    if not found:
        raise UsageError(f"{zoo}: expected models in folders such as {zoo / NAMES[0] / MINED}, found none")
    return tuple(sorted(found, key=lambda name: NAMES.index(name) if name in NAMES else len(NAMES)))


def targets(zoo: Path, models: Sequence[str], members: Sequence[str]) -> tuple[Target, ...]:
    """Models of a zoo folder; members are asked by their second instance, where there is one."""
    found = []
    for name in models:
        second = zoo / name / OTHER
        member = name in members
        taken = second if member and (second / FILE).is_file() else zoo / name / MINED
        found.append(Target(name, taken, member))
    return tuple(found)


@dataclass(frozen=True)
class Members:
    """Nested ensembles: that of size m has the first m of `names`.

    Attributes:
        names: models that are here.
        replaced: model wanted, and the one that was taken instead by the user's word.
        left_out: models wanted that are not here.
    """

    names: tuple[str, ...]
    replaced: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()

    def of(self, size: int) -> tuple[str, ...]:
        return self.names[:size]

    def __str__(self) -> str:
        notes = [f"{new} stands for {old}" for old, new in self.replaced]
        notes += [f"{name} is left out: not here" for name in self.left_out]
        return "; ".join([", ".join(self.names), *notes])


def members(
    here: Sequence[str], wanted: Sequence[str] = tuple(map(str, EXPERT)), instead: Mapping[str, str] | None = None
) -> Members:
    """The wanted models that are here, in their order; a missing one is left out unless `instead` names another.

    Raises:
        UsageError: a model to take instead is not here, is wanted anyway, or stands for one that is not missing.
    """
    names, replaced, left_out = [], [], []
    for name in wanted:
        if name in here:
            names.append(name)
        elif name in (instead or {}):
            replaced.append((name, (instead or {})[name]))
            names.append(replaced[-1][1])
        else:
            left_out.append(name)
    unused = set(instead or {}) - {old for old, _ in replaced}
    if unused or len(set(names)) < len(names) or not set(names) <= set(here):
        raise UsageError(
            f"expected to replace missing models ({', '.join(left_out) or 'none'}) by others that are here, "
            f"got {', '.join(f'{old}={new}' for old, new in (instead or {}).items())}; here: {', '.join(here)}"
        )
    return Members(tuple(names), tuple(replaced), tuple(left_out))


def load(folder: Path, labels: Sequence[str]) -> Victim:
    """A victim of a zoo folder, named after its model and instance.

    Raises:
        UsageError: its classes are not those of the data, in their order.
    """
    victim = load_victim(str(folder))
    check_same_classes("the data", labels, str(folder), victim.labels)
    victim.name = f"{folder.parent.name}/{folder.name}"
    return victim
