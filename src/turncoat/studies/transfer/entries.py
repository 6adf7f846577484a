"""The victims of a study: each model with its instances, from whatever a user types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from turncoat.errors import UsageError
from turncoat.models.card import FILE
from turncoat.models.loading import load_victim
from turncoat.models.victim import Victim
from turncoat.studies.model import Model
from turncoat.studies.zoo_names import model_named, place

FIRST, SECOND = "a", "b"  # the instances of a model, and their folders in a zoo


@dataclass(frozen=True)
class Entry:
    """A model of a study. Its instances are loaded when they are asked for, so that many need not fit into memory.

    Attributes:
        model: what it is.
        first: the instance that is attacked, and that is shown the texts made for other models: a victim, or what
            `load_victim` takes.
        second: one that was trained anew, which is shown the texts made for the first; None if there is none.
    """

    model: Model
    first: Victim | str
    second: Victim | str | None = None

    def __post_init__(self) -> None:
        if Path(self.model.name).name != self.model.name:
            raise UsageError(f"expected a name that a folder may have, got {self.model.name!r}; use NAME=victim")

    def instances(self) -> dict[str, Victim | str]:
        """Those it has, by `FIRST` and `SECOND`."""
        return {FIRST: self.first} | ({} if self.second is None else {SECOND: self.second})

    def load(self, instance: str = FIRST, online: bool = False) -> Victim:
        """One of its instances.

        Raises:
            UsageError, MissingResource, BrokenData: see `load_victim`.
        """
        found = self.instances()[instance]
        return found if isinstance(found, Victim) else load_victim(found, online)


@dataclass
class Loader:
    """Loads one victim after the other.

    The last one stays in memory until the next one is there: what both share is then not loaded or read again.
    """

    online: bool = False
    _last: Victim | None = None

    def load(self, entry: Entry, instance: str = FIRST) -> Victim:
        """An instance of a model; see `Entry.load`."""
        self._last = entry.load(instance, self.online)
        return self._last


def by_form(entries: Sequence[Entry]) -> list[Entry]:
    """Models that read alike next to each other."""
    return sorted(entries, key=lambda entry: str(entry.model.form))


def find_entries(specs: Sequence[str]) -> tuple[Entry, ...]:
    """What was typed, models of the zoo first: folders of a zoo, models in it, or any victims.

    A folder with subfolders `NAME/a` (and `NAME/b`) holds models; a folder with a subfolder `a` is one, named like the
    folder. So is one that is named like a model of the zoo and was not trained; the study will note that it failed.
    Anything else is a victim, "NAME=victim" or "NAME=victim,second instance"; without a name, it has its own.

    Raises:
        UsageError: no victim, or two of one name.
    """
    found = [entry for spec in specs for entry in _entries(spec)]
    entries = tuple(sorted(found, key=lambda entry: place(entry.model)))
    names = [entry.model.name for entry in entries]
    if not names or len(set(names)) < len(names):
        repeated = ", ".join(sorted({name for name in names if names.count(name) > 1}))
        raise UsageError(
            f"expected victims, each name once, got {f'{repeated} again' if names else 'none'}; give names with "
            "NAME=victim"
        )
    return entries


def _entries(spec: str) -> Iterator[Entry]:
    folder = Path(spec)
    if folder.is_dir() and not _is_victim(folder):
        named = model_named(folder.resolve().name).has_factors  # a model of the zoo, trained or not
        own = named or _is_victim(folder / FIRST)
        models = [folder] if own else sorted(each for each in folder.iterdir() if _is_victim(each / FIRST))
        if not models:
            raise UsageError(
                f"{folder}: expected a zoo (NAME/{FIRST}/{FILE}), a model of it ({FIRST}/{FILE}) or a victim ({FILE})"
            )
        yield from map(_of_zoo, models)
        return
    name, equals, victims = spec.partition("=")
    first, comma, second = victims.partition(",") if equals else (spec, "", "")
    model = model_named(name if equals else Path(spec).name.removesuffix(".skops"))
    yield Entry(model, first, second if comma else None)


def _of_zoo(folder: Path) -> Entry:
    second = folder / SECOND
    return Entry(model_named(folder.resolve().name), str(folder / FIRST), str(second) if _is_victim(second) else None)


def _is_victim(folder: Path) -> bool:
    return (folder / FILE).is_file() or (folder / "config.json").is_file()
