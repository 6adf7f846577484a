"""Reviews so small that a tiny model learns them in seconds: one word tells whether the film is good or bad."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from turncoat.data.example import Dataset, Example

GOOD, BAD = ("good", "great", "fine"), ("bad", "dull", "poor")
FILLERS = ("a", "an", "the", "film", "movie", "plot", "is", "was", "very")


def reviews(split: str, size: int, fillers: Sequence[str] = FILLERS) -> Dataset:
    """`size` texts, bad and good ones in turn; another size gives other texts."""
    rng = np.random.default_rng(size)

    def example(i: int) -> Example:
        verdict = rng.choice(GOOD if i % 2 else BAD)
        words = rng.choice(fillers, rng.integers(2, 7)).tolist()
        words.insert(int(rng.integers(len(words) + 1)), str(verdict))
        return Example(f"{split}-{i}", " ".join(words), i % 2)

    return Dataset(f"reviews/{split}", tuple(map(example, range(size))), ("bad", "good"))
