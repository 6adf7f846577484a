"""MNIST as tensors, and the pools that networks learn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from images.sizes import Sizes
from turncoat.data.mnist import Images, load_mnist
from turncoat.training.image_plan import Pool


@dataclass(frozen=True)
class Digits:
    """Images and classes.

    Attributes:
        train: all that may be learnt from; its last `held_out` choose epochs.
        x, y: the test split, flat (n, pixels) and (n,).
    """

    train: Pool
    held_out: int
    x: Tensor
    y: Tensor

    @property
    def fitting(self) -> Pool:
        """The training images without those held out."""
        return part(self.train, 0, len(self.train.labels) - self.held_out)

    @property
    def choosing(self) -> Pool:
        """Those held out."""
        return part(self.train, len(self.train.labels) - self.held_out, len(self.train.labels))


def part(pool: Pool, start: int, stop: int) -> Pool:
    return Pool(pool.inputs[start:stop], pool.labels[start:stop])


def chosen(pool: Pool, rows: Tensor) -> Pool:
    return Pool(pool.inputs[rows], pool.labels[rows])


def balanced(pool: Pool, size: int, seed: int) -> Pool:
    """`size` images at most, as many of each class (up to one)."""
    generator = torch.Generator().manual_seed(seed)
    classes = pool.labels.unique()
    rows = [torch.nonzero(pool.labels == label).flatten() for label in classes]
    taken = [each[torch.randperm(len(each), generator=generator)[: size // len(classes)]] for each in rows]
    return chosen(pool, torch.cat(taken).sort().values)


def digits(sizes: Sizes, train: Images | None = None, test: Images | None = None) -> Digits:
    """MNIST, unless other images are given."""
    train, test = train or load_mnist("train"), test or load_mnist("test")
    x, y = (torch.from_numpy(each)[: sizes.train] for each in (train.pixels, train.labels))
    held = (torch.from_numpy(each)[: sizes.test] for each in (test.pixels, test.labels))
    return Digits(Pool(x.flatten(1), y), sizes.held_out, next(held).flatten(1), next(held))
