"""Adversarial texts in the training set: whose are drawn, and with which label they are added.

Source: C. Szegedy et al., "Intriguing properties of neural networks", arXiv 1312.6199, train on adversarial images with
their true labels; on texts R. Jia and P. Liang (EMNLP 2017), M. Alzantot et al. (EMNLP 2018, no gain), S. Ren et al.
(ACL 2019, a gain).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from turncoat.data.example import Dataset, Example
from turncoat.errors import UsageError


def drawn(train_set: Dataset, share: float, seed: int) -> Dataset:
    """The examples to attack: `share` of all, to the nearest whole example (at least one).

    A larger share of the same seed holds the smaller one, so that one run of an attack serves all shares.

    Raises:
        UsageError: `share` is not in (0, 1].
    """
    if not 0 < share <= 1:
        raise UsageError(f"expected a share of the training examples in (0, 1], got {share}")
    return train_set.sample(max(1, int(share * len(train_set) + 0.5)), seed)


def augmented(train_set: Dataset, rounds: Sequence[Mapping[str, str]]) -> Dataset:
    """The training set, and behind it the adversarial texts of each round, with the gold labels of their originals.

    Args:
        rounds: for each round, adversarial texts by the id of their original; in the order of the training set,
            whatever the order given.

    Raises:
        UsageError: a text's original is not in the training set.
    """
    known = {example.id for example in train_set}
    for strange in (id for texts in rounds for id in texts if id not in known):
        raise UsageError(f"expected adversarial texts of examples of {train_set.name}, got one of {strange!r}")
    added = (
        Example(f"{example.id}/adversarial-{number}", texts[example.id], example.label)
        for number, texts in enumerate(rounds, 1)
        for example in train_set
        if example.id in texts
    )
    return replace(train_set, examples=(*train_set.examples, *added))
