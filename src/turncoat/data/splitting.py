"""Cutting a data set that has no official split: by a hash of each example's id, so that it is the same for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from turncoat.data.example import Example
from turncoat.errors import UsageError

SEED = 0


def shuffled(keys: Iterable[str], seed: int = SEED) -> list[str]:
    """The keys in an order that looks random and depends on the keys and the seed alone."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())


def cut(examples: Sequence[Example], shares: Mapping[str, float], split: str) -> tuple[Example, ...]:
    """One split of the examples, every class in the same proportion, in shuffled order.

    Args:
        examples: all of them, with distinct ids.
        shares: share of each split; the last one takes what rounding leaves.
        split: the one to return.
    """
    by_id = {example.id: example for example in examples}
    wanted = set()
    for label in sorted({example.label for example in examples}):
        order = shuffled(example.id for example in examples if example.label == label)
        start = 0
        for name, share in shares.items():
            end = len(order) if name == list(shares)[-1] else start + round(share * len(order))
            if name == split:
                wanted.update(order[start:end])
            start = end
    return tuple(by_id[key] for key in shuffled(wanted))


def check_split(name: str, split: str, splits: Iterable[str]) -> None:
    """
    Raises:
        UsageError: the data set has no such split.
    """
    known = tuple(splits)
    if split not in known:
        raise UsageError(f"{name} has no split {split!r} (it has: {', '.join(known)})")
