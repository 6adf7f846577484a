"""The abstract kind of task: which victims, data and attacks it takes by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

from turncoat.attacks.attack import Attack, TaskName
from turncoat.engine.query import Responders
from turncoat.errors import UsageError
from turncoat.evaluation.task import Task
from turncoat.registry import ATTACKS, READING_ATTACKS, Registry


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What only some tasks can be told; None (or False) where nothing was said.

    Attributes:
        target, from_class, hard_label: of classification; see `turncoat.attack`.
        eta, likeness: of translation.
    """

    target: str | int | None = None
    from_class: str | int | None = None
    hard_label: bool = False
    eta: float | None = None
    likeness: str | None = None

    def only(self, known: frozenset[str], task: TaskName) -> None:
        """
        Raises:
            UsageError: something was wished that the task does not know.
        """
        for each in fields(self):
            if getattr(self, each.name) not in (None, False) and each.name not in known:
                raise UsageError(f"{task} knows no {each.name.replace('_', '-')}; leave it out, or name another task")


@dataclass(frozen=True)
class Files:
    """How data files are read.

    Attributes:
        text, label, reference: columns of a table.
        strict: refuse a file that has broken rows.
        online: allow downloads from the hub.
    """

    text: str = "text"
    label: str = "label"
    reference: str = "reference"
    strict: bool = False
    online: bool = False


@dataclass(frozen=True)
class Ready:
    """All that an attack needs.

    Attributes:
        task: with attack and victim.
        data: all its examples.
        responders: the victim's answers.
        config: what run.toml says of this task beside what it says of all.
        measures_similarity: whether a sentence encoder is asked about every success.
    """

    task: Task[Any]
    data: Any
    responders: Responders
    config: Mapping[str, Any] = field(default_factory=dict)
    measures_similarity: bool = True


class Kind(ABC):
    """A kind of task.

    Attributes:
        name: of the task.
        victims, data: the classes of its victims and data sets.
        attacks: where its attacks are named; `usual_attack` is the one that is taken if nobody names one.
        wishes: what it can be told beyond what all tasks can.
    """

    name: ClassVar[TaskName]
    victims: ClassVar[type]
    data: ClassVar[type]
    attacks: ClassVar[Registry[Callable[[], Any]]] = ATTACKS
    usual_attack: ClassVar[str]
    wishes: ClassVar[frozenset[str]]

    @abstractmethod
    def names_victim(self, spec: str) -> bool:
        """Whether what a user types tells by itself that it is a victim of this kind."""

    @abstractmethod
    def names_data(self, source: str) -> bool:
        """The same of data."""

    @abstractmethod
    def load(self, spec: str, online: bool) -> Any:
        """A victim by what a user types."""

    @abstractmethod
    def from_function(self, function: Callable[..., Any]) -> Any:
        """A victim from any function."""

    @abstractmethod
    def read(self, source: str, split: str, files: Files) -> Any:
        """A data set by what a user types."""

    @abstractmethod
    def ready(self, victim: Any, data: Any, attack: Attack, wishes: Wishes, seed: int, encoder: bool) -> Ready:
        """Attack, victim and data put together; `encoder` says whether there is a sentence encoder.

        Raises:
            UsageError: they do not fit.
        """

    def expect(self, data: object) -> None:
        """
        Raises:
            UsageError: the data are not of this kind.
        """
        if not isinstance(data, self.data):
            raise UsageError(f"{self.name} needs a {self.data.__name__}, got a {type(data).__name__}")

    def victim(self, given: object, online: bool = False) -> Any:
        """The victim from whatever names or is one: a model, a folder, a hub name or a function.

        Raises:
            UsageError: it is none. MissingResource, BrokenData: it cannot be loaded.
        """
        if isinstance(given, self.victims):
            return given
        if isinstance(given, str | Path):
            return self.load(str(given), online)
        if callable(given):
            return self.from_function(given)
        noun = self.victims.__name__
        raise UsageError(f"{self.name} attacks a {noun} (or its name, or a function), got {type(given).__name__}")

    def attack(self, method: Attack | str | None) -> tuple[str, Attack]:
        """The name of an attack and the attack; the usual one for None.

        Raises:
            UnknownName: nobody offers the name. UsageError: the attack serves other tasks.
        """
        if isinstance(method, Attack):
            name, attack = type(method).__name__, method
        else:
            name = method or self.usual_attack
            named = [registry for registry in (ATTACKS, READING_ATTACKS) if name in registry.names()]
            attack = (self.attacks if self.attacks in named or not named else named[0]).get(name)()
        if self.name not in attack.tasks:
            raise UsageError(
                f"{name} serves {' and '.join(attack.tasks)}, not {self.name}; choose an attack that does "
                f"({', '.join(self.attacks.names())})"
            )
        return name, attack
