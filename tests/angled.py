"""A world to search by hand with labels only: a linear victim, and texts whose similarity is the cosine of an angle."""

from __future__ import annotations

import numpy as np

from turncoat.text import Text

# A linear victim: F_0(x) = 0.35 + sum of the words' weights; class 0 as long as F_0 >= 0.5.
WEIGHTS = {
    "good": 0.10, "film": 0.02, "very": 0.05, "nice": 0.12, "plot": 0.01,
    "fine": 0.06, "decent": -0.04, "movie": 0.00, "sweet": -0.02, "neat": -0.01, "story": 0.03,
}  # fmt: skip
# Similarity is the cosine of the sum of these angles.
ANGLES = {"fine": 0.1, "decent": 0.3, "movie": 0.1, "sweet": 0.4, "neat": 0.2, "story": 0.1}
OPTIONS = {"good": ["fine", "decent"], "film": ["movie"], "nice": ["sweet", "neat"], "plot": ["story"]}
STRING = "Good film, very nice plot!"


def linear(string: str) -> float:
    return 0.35 + sum(WEIGHTS.get(word.lower(), 0.0) for word in Text(string).words)


def angled(string: str) -> tuple[float, float]:
    angle = sum(ANGLES.get(word.lower(), 0.0) for word in Text(string).words)
    return np.cos(angle), np.sin(angle)
