"""Why small changes add up: the exact worst case of a linear model, and the survey's example of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from turncoat.continuous.sizes import check_eps


@dataclass(frozen=True)
class LinearExample:
    """A logistic classifier P(y = 1 | x) = σ(wᵀx), an input, and the change ε of each component that turns it."""

    w: tuple[float, ...]
    x: tuple[float, ...]
    eps: float

    def probabilities(self) -> tuple[float, float]:
        """P(y = 1) of x, and of x + ε sign(w)."""
        w, x = torch.tensor(self.w, dtype=torch.float64), torch.tensor(self.x, dtype=torch.float64)
        return (w @ x).sigmoid().item(), (w @ (x + self.eps * w.sign())).sigmoid().item()


# Section 2.2 of the survey, after lecture 9 of Stanford's CS231n (2016). Our copy of the survey has lost the last three
# elements of w and one of the two 2s side by side in x: these are reconstructed, so that both of its percentages come
# out, 5 % (wᵀx = -3) and 88 % (wᵀx' = 2).
SURVEY_EXAMPLE = LinearExample(w=(-1, -1, 1, -1, 1, -1, 1, 1, -1, 1), x=(2, -1, 3, -2, 2, 2, 1, -4, 5, 1), eps=0.5)


def largest_shift(w: Tensor, eps: float) -> Tensor:
    """Largest change of wᵀx under ‖η‖∞ <= ε, (...) for w (..., m): ε‖w‖₁ = ε · m · mean |w|, so it grows with m.

    Source: Goodfellow et al. 2015 (see `fgsm`), section 3.
    """
    check_eps(eps)
    return eps * w.abs().sum(-1)
