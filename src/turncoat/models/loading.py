"""A victim from what a user types: a folder, a file, a function or a hub name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from turncoat.errors import BrokenData, UsageError, VictimError
from turncoat.models.callable import CallableVictim
from turncoat.models.card import FILE, Card, read_card
from turncoat.models.importing import import_function
from turncoat.models.victim import Victim
from turncoat.registry import VICTIMS

EXPECTED = (
    "a folder that turncoat trained (card.toml), a Hugging Face folder (config.json), a .skops file, "
    "a function (module:function) or a hub name"
)
OTHER_TASKS = {"reader": "reading", "translator": "translation"}  # tasks of victims that are no classifiers


def load_victim(spec: str, online: bool = False) -> Victim:
    """The victim that `spec` names.

    Args:
        spec: a victim that a plug-in offers, a folder with card.toml (ours) or config.json (Hugging Face), a .skops
            file, "module:function" (labels from the function's attribute `labels`, else numbers), or the name of a
            model on the hub.
        online: whether the hub may be asked; otherwise only its cache on this machine is.

    Raises:
        UsageError: `spec` is none of these, or what it names cannot be a victim.
        MissingResource: a hub model that is not on this machine.
        BrokenData: a stored victim that was damaged.
    """
    if spec in VICTIMS.names():
        return VICTIMS.get(spec)()  # type: ignore[no-any-return]
    path = Path(spec)
    if (path / FILE).is_file():
        card = read_card(path)
        if card.kind in OTHER_TASKS:
            raise UsageError(
                f"{path} is a {card.kind}, no classifier; name data of {OTHER_TASKS[card.kind]}, or --task"
            )
        if card.kind not in KINDS:
            raise BrokenData(f"{path / FILE}: expected one of the kinds {', '.join(KINDS)}, got {card.kind!r}")
        return KINDS[card.kind](path, card)
    if (path / "config.json").is_file():
        return _transformer(spec, online)
    if path.is_dir():
        raise UsageError(f"{path}: this folder has neither card.toml nor config.json; expected {EXPECTED}")
    if path.suffix == ".skops":
        from turncoat.models.scikit import load_sklearn

        return load_sklearn(path)
    if ":" in spec:
        return function_victim(import_function(spec), spec)
    if path.is_file() or not spec or path.is_absolute():
        raise UsageError(f"expected {EXPECTED}; got {spec!r}")
    return _transformer(spec, online)


def function_victim(function: Callable[[list[str]], Any], name: str = "") -> CallableVictim:
    """Any function from strings to probabilities; its classes are named by its attribute `labels`, else numbered.

    Raises:
        VictimError: asking it about one text to count its classes fails.
    """
    labels = getattr(function, "labels", None)
    if labels is None:
        labels = _numbers(function, name or "the function")
    return CallableVictim(function, [str(label) for label in labels], name)


def _numbers(function: Callable[[list[str]], Any], spec: str) -> list[str]:
    """Class names "0", "1", ...: one for each probability that the function gives."""
    try:
        row = function(["a text"])[0]
        if isinstance(row, str | int):
            raise TypeError(f"the answer is a label, {row!r}; give 1 for it and 0 for the others, and use --hard-label")
        return [str(number) for number in range(len(row))]
    except (Exception, SystemExit) as error:
        raise VictimError(
            f"{spec}: expected a row of probabilities for each string of a list, but asking about ['a text'] raised "
            f"{type(error).__name__}: {error}"
        ) from error


def _words(path: Path, card: Card) -> Victim:
    from turncoat.models.networks import load_words

    return load_words(path, card)


def _sequence(path: Path, card: Card) -> Victim:
    from turncoat.models.sequence_network import load_sequence

    return load_sequence(path, card)


def _linear(path: Path, card: Card) -> Victim:
    from turncoat.models.scikit import load_sklearn

    return load_sklearn(path / card.weights, card.labels)


def _transformer(spec: str, online: bool) -> Victim:
    from turncoat.models.transformer import load_transformer

    return load_transformer(spec, online)


KINDS: Mapping[str, Callable[[Path, Card], Victim]] = {
    "cnn": _words,
    "lstm": _words,
    "lstm-lm": _words,
    "linear": _linear,
    "sequence": _sequence,
    "transformer": lambda path, card: _transformer(str(path), online=False),
}
