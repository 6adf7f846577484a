"""The card of a victim that turncoat trained: what it is, how it was made, how good it is, and its checksum."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import tomli_w

from turncoat.disk import write_file
from turncoat.errors import BrokenData

FILE = "card.toml"


@dataclass(frozen=True)
class Accuracy:
    """`correct` of `n` examples were classified right."""

    correct: int
    n: int

    @property
    def share(self) -> float:
        return self.correct / self.n if self.n else 0.0


@dataclass(frozen=True)
class Card:
    """What is written beside a victim's weights.

    Attributes:
        kind: "cnn", "lstm", "transformer" or "linear".
        labels: class names, in the order of the probabilities.
        architecture: the sizes that rebuild the network.
        training: data set, its rows, seed, epochs, recipe and command.
        accuracy: by split.
        versions: of the packages that trained it.
        weights: name of the file with the weights.
        sha256: of that file.
    """

    kind: str
    labels: tuple[str, ...]
    architecture: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    accuracy: Mapping[str, Accuracy] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    weights: str = "model.safetensors"
    sha256: str = ""


def write_card(card: Card, folder: Path) -> Card:
    """Write the card beside its weights, with their checksum in it; gives the card that was written."""
    card = replace(card, sha256=_sha256(folder / card.weights))
    table = asdict(card) | {
        "labels": list(card.labels),
        "accuracy": {
            split: {"share": round(found.share, 4), "correct": found.correct, "n": found.n}
            for split, found in card.accuracy.items()
        },
    }
    write_file(tomli_w.dumps(table), folder / FILE)
    return card


def versions(*packages: str) -> dict[str, str]:
    """The versions of turncoat and of some packages on this machine."""
    return {package: _version(package) for package in ("turncoat", *packages)}


def read_card(folder: Path) -> Card:
    """The card of a victim's folder.

    Raises:
        BrokenData: the card cannot be read, or the weights are missing or not the ones it was written for.
    """
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        splits = {split: Accuracy(found["correct"], found["n"]) for split, found in table["accuracy"].items()}
        card = Card(**(table | {"labels": tuple(table["labels"]), "accuracy": splits}))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BrokenData(f"{path}: not a victim's card: {error}") from error
    weights = folder / card.weights
    if not weights.is_file():
        raise BrokenData(f"{path}: expected the weights in {weights}, but there is no such file")
    found = _sha256(weights)
    if found != card.sha256:
        raise BrokenData(
            f"{weights}: expected sha256 {card.sha256} (from {path.name}), got {found}; "
            "the weights were changed or cut short: copy the folder again or train anew"
        )
    return card


def kind_of(folder: Path) -> str | None:
    """The kind that a folder's card says, unchecked; None without a card that can be read."""
    try:
        return str(tomllib.loads((folder / FILE).read_text(encoding="utf-8"))["kind"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError):
        return None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
