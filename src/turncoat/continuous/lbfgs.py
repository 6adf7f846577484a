"""The L-BFGS attack: the smallest change of an image that makes a target class win (Szegedy et al. 2013)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

from turncoat.continuous.modes import Model, evaluating
from turncoat.continuous.sizes import PIXELS, check_inside
from turncoat.continuous.slopes import logits_and_slope, losses, verdicts
from turncoat.errors import UsageError

Penalty = Literal["l2", "squared_l2"]
Vector = NDArray[np.float64]

TENFOLDS = 20  # by then c is so large that the image itself is the minimum


@dataclass(frozen=True, kw_only=True)
class PenaltySearch:
    """How the weight c of the norm is searched for.

    Attributes:
        penalty: N(η): "l2" is sqrt(Σ η² + 1e-12); "squared_l2" is Σ η², smooth at 0.
        first: the c that is tried first.
        tenths: how often it is divided by 10 when it fails.
        bisections: steps, in log space, between the largest c that succeeded and the smallest that failed.
        iterations: at most, of one minimisation.
    """

    penalty: Penalty = "l2"
    first: float = 1e-2
    tenths: int = 6
    bisections: int = 10
    iterations: int = 1000

    def __post_init__(self) -> None:
        if self.penalty not in get_args(Penalty):
            raise UsageError(f"expected penalty to be one of {', '.join(get_args(Penalty))}, got {self.penalty!r}")
        if self.first <= 0 or self.tenths < 0 or self.bisections < 0 or self.iterations < 1:
            raise UsageError(
                "expected first above 0, tenths and bisections of at least 0 and iterations of at least 1, got "
                f"{self.first}, {self.tenths}, {self.bisections} and {self.iterations}"
            )


@dataclass(frozen=True)
class Minimal:
    """What was found for each image.

    Attributes:
        x: the images with the smallest perturbations that succeeded; a failure's is the original (n, ...).
        reached: whether the target wins (n,).
        c: the weight that gave it; 0 for a failure (n,).
        gradients: forward and backward passes spent (n,).
    """

    x: Tensor
    reached: Tensor
    c: Tensor
    gradients: Tensor


def lbfgs(model: Model, x: Tensor, targets: Tensor, search: PenaltySearch = PenaltySearch()) -> Minimal:
    """Smallest ‖η‖₂ with f(x + η) = target and x + η in [0, 1]^m, one image after the other.

    Source: C. Szegedy, W. Zaremba, I. Sutskever, J. Bruna, D. Erhan, I. Goodfellow, R. Fergus. "Intriguing properties
    of neural networks." arXiv 1312.6199. White box, targeted. Minimises c N(η) + J(x + η, target) under the box by
    L-BFGS-B from η = 0. As c weighs the norm, a larger c gives a smaller η: sought is the largest c that succeeds.
    The model is asked in evaluation mode, one image at a time. The minimiser counts in 64-bit floats, the model in its
    own type; success is what the model says of the image in that type.

    Differences from the paper:
        - It says "minimum c", which with c on the norm would be the largest perturbation.
        - Of all η that succeeded the smallest is returned, should a smaller one have come up at a smaller c.

    Args:
        x: images within [0, 1] (n, ...). Images that are misclassified anyway are for the caller to leave out.
        targets: the classes that shall win (n,).

    Raises:
        UsageError: an image lies outside [0, 1], or has its target's verdict already.
    """
    check_inside(x, PIXELS)
    with evaluating(model):
        there = torch.nonzero(verdicts(model, x) == targets).flatten().tolist()
        if there:
            raise UsageError(f"expected targets other than the verdicts, got the same for rows {there[:10]}")
        found = [_Image(model, x[i], targets[i : i + 1], search) for i in range(len(x))]
        for image in found:
            image.attack()
    return Minimal(
        torch.stack([image.best for image in found]) if found else x.clone(),
        torch.tensor([image.c > 0 for image in found], dtype=torch.bool),
        torch.tensor([image.c for image in found], dtype=torch.float64),
        torch.tensor([image.gradients for image in found], dtype=torch.int64),
    )


def minimise(model: Model, x: Tensor, target: Tensor, c: float, search: PenaltySearch) -> tuple[Tensor, int]:
    """The image that minimises c N(η) + J(x + η, target) for one image x (...) and target (1,), and passes spent.

    Of the model in its own mode.
    """
    clean = x.detach().cpu().numpy().astype(np.float64).ravel()

    def value(flat: Vector) -> tuple[float, Vector]:
        point = _image(flat, x)[None]
        logits, slope = logits_and_slope(model, point, target)
        norm, norm_slope = _penalty(flat - clean, search.penalty)
        slope_there = slope.cpu().numpy().astype(np.float64).ravel()
        return c * norm + losses(logits, target).item(), c * norm_slope + slope_there

    result: Any = minimize(
        value, clean, method="L-BFGS-B", jac=True, bounds=[PIXELS] * clean.size, options={"maxiter": search.iterations}
    )
    return _image(result.x, x), int(result.nfev)


class _Image:
    """One image's search: the smallest success so far, and what was spent."""

    def __init__(self, model: Model, x: Tensor, target: Tensor, search: PenaltySearch) -> None:
        self._model, self._x, self._target, self._search = model, x, target, search
        self.best, self.c, self.gradients = x.detach().clone(), 0.0, 0
        self._length = float("inf")

    def attack(self) -> None:
        low = high = self._search.first
        if self._succeeds(low):
            for _ in range(TENFOLDS):
                high *= 10
                if not self._succeeds(high):
                    break
                low = high
        else:
            for _ in range(self._search.tenths):
                low /= 10
                if self._succeeds(low):
                    break
                high = low
            else:
                return
        for _ in range(self._search.bisections):
            middle = float(np.sqrt(low * high))
            low, high = (middle, high) if self._succeeds(middle) else (low, middle)

    def _succeeds(self, c: float) -> bool:
        point, passes = minimise(self._model, self._x, self._target, c, self._search)
        self.gradients += passes
        if verdicts(self._model, point[None]) != self._target:
            return False
        length = (point - self._x).norm().item()
        if length < self._length:
            self.best, self.c, self._length = point, c, length
        return True


def _image(flat: Vector, like: Tensor) -> Tensor:
    return torch.from_numpy(flat).to(like).view_as(like)


def _penalty(eta: Vector, penalty: Penalty) -> tuple[float, Vector]:
    """N(η) and its gradient."""
    squares = float(eta @ eta)
    if penalty == "squared_l2":
        return squares, 2 * eta
    norm = float(np.sqrt(squares + 1e-12))
    return norm, eta / norm
