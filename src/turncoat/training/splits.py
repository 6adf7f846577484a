"""Data to train, choose and judge a victim by."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.data.datasets import is_file, read
from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.training.holding_out import hold_out


@dataclass(frozen=True)
class Splits:
    """Three parts that share no example: `dev` chooses the epoch, `test` judges."""

    train: Dataset
    dev: Dataset
    test: Dataset


def read_splits(
    source: str,
    text_column: str = "text",
    label_column: str = "label",
    strict: bool = False,
    online: bool = False,
) -> Splits:
    """The splits of a data set, or a file cut in three. A data set without a dev split lends 10 % of its train split.

    Cuts keep the share of every class and are the same every time. Takes the arguments of `data.datasets.read`.
    """
    if is_file(source):
        rest, test = hold_out(read(source, "", text_column, label_column, strict))
        return Splits(*hold_out(rest), test)
    train, test = (read(source, split, strict=strict, online=online) for split in ("train", "test"))
    try:
        return Splits(train, read(source, "dev", strict=strict, online=online), test)
    except UsageError:  # it has no dev split
        return Splits(*hold_out(train), test)
