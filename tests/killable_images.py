"""A training of images that is to be killed by tests: python killable_images.py CHECKPOINT"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

from turncoat.models.images import Maxout
from turncoat.training import checkpoint
from turncoat.training.image_objectives import FastGradient
from turncoat.training.image_plan import Plan, Pool
from turncoat.training.images import fit

SIZES = Maxout(inputs=6, units=(5,), pieces=2, classes=3, keep_inputs=0.8, spread=0.3)
PLAN = Plan(epochs=6, batch=8, rate=0.1, momentum=0.9)


def images(n: int = 30) -> Pool:
    """Three classes, each bright in two of six pixels."""
    labels = torch.arange(n) % 3
    pixels = 0.4 * torch.rand(n, 6, generator=torch.Generator().manual_seed(1))
    for label in range(3):
        pixels[labels == label, 2 * label : 2 * label + 2] += 0.5
    return Pool(pixels, labels)


IMAGES = images()


def objective() -> FastGradient:
    return FastGradient(eps=0.1)


def tell(epoch: int, epochs: int, loss: float, watched: float | None) -> None:
    sys.stdout.write(f"epoch {epoch}\n")
    sys.stdout.flush()
    time.sleep(0.2)


if __name__ == "__main__":
    checkpoint.SECONDS = 0.0
    place = checkpoint.Checkpoint(Path(sys.argv[1]))
    fit(SIZES.build(0), IMAGES, objective(), PLAN, seed=4, checkpoint=place, progress=tell)
