"""How a model stands while it is asked about perturbations: a model of one input, without dropout, left as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import MethodType

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

Model = Callable[[Tensor], Tensor]
"""Logits (n, classes) of inputs (n, ...).

The modules of an `nn.Module`, of a method of one, and of a `Given` are found and put into the mode that a perturbation
needs; whoever passes another callable sees to that himself.
"""


@dataclass(frozen=True)
class Given:
    """A model of vectors (n, words, dimensions) and lengths (n,), with the lengths filled in."""

    model: Callable[[Tensor, Tensor], Tensor]
    lengths: Tensor

    def __call__(self, vectors: Tensor) -> Tensor:
        return self.model(vectors, self.lengths)


@contextmanager
def evaluating(model: object) -> Iterator[None]:
    """Everything in evaluation mode: dropout off, batch normalisation by its running statistics."""
    with _set([(module, "training", False) for module in _modules(model)]):
        yield


@contextmanager
def quiet(model: object) -> Iterator[None]:
    """Dropout off and running statistics left alone; all else stays as it is.

    Batch normalisation in training mode goes on by the statistics of the batch, and a recurrent network in training
    mode can still be differentiated by its inputs on a GPU.
    """
    changes: list[tuple[nn.Module, str, object]] = []
    for module in _modules(model):
        if isinstance(module, _DropoutNd):
            changes.append((module, "training", False))
        elif isinstance(module, _BatchNorm):
            changes.append((module, "track_running_stats", False))
        elif isinstance(module, nn.RNNBase):
            changes.append((module, "dropout", 0.0))
    with _set(changes):
        yield


@contextmanager
def unrecorded(model: object) -> Iterator[None]:
    """Running statistics left alone; all else stays as it is, dropout too.

    Batch normalisation goes on by the statistics of the batch in training mode, and by the running ones in evaluation.
    """
    normalising = [module for module in _modules(model) if isinstance(module, _BatchNorm)]
    with _set([(module, "track_running_stats", False) for module in normalising]):
        yield


def _modules(model: object) -> list[nn.Module]:
    while isinstance(model, Given | MethodType):
        model = model.model if isinstance(model, Given) else model.__self__
    return [*model.modules()] if isinstance(model, nn.Module) else []


@contextmanager
def _set(changes: list[tuple[nn.Module, str, object]]) -> Iterator[None]:
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    try:
        for module, name, value in changes:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
