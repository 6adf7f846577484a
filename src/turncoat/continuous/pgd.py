"""PGD, projected gradient descent from random starts (Madry et al., ICLR 2018): the honest test of a defence."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Generator, Tensor

from turncoat.continuous.modes import Model, evaluating
from turncoat.continuous.noise import in_ball, uniform
from turncoat.continuous.sizes import Box, check_eps, check_inside, inside, l2, unit
from turncoat.continuous.slopes import logits_and_slope, losses
from turncoat.errors import UsageError

Norm = Literal["linf", "l2"]


def pgd(
    model: Model,
    x: Tensor,
    labels: Tensor,
    generator: Generator,
    *,
    eps: float,
    norm: Norm = "linf",
    steps: int = 40,
    step: float | None = None,
    starts: int = 1,
    box: Box | None = None,
) -> Tensor:
    """The worst input that was seen within ε of each x[i], shaped as `x`. Untargeted; carries no gradient.

    Source: A. Madry, A. Makelov, L. Schmidt, D. Tsipras, A. Vladu. "Towards Deep Learning Models Resistant to
    Adversarial Attacks." ICLR 2018, arXiv 1706.06083. Climbs the loss from `starts` random points of the ball; after
    each step the input is put back into ball and box. The model is asked in evaluation mode, starts * (steps + 1)
    times forward and backward.

    Differences from the paper:
        - All inputs seen are compared, the starts and the clean one included, not the last ones alone: a misclassified
          one is worse than any other, then the higher loss is.

    Args:
        x: inputs (n, ...).
        labels: gold classes (n,).
        generator: draws the starts.
        eps: radius of the ball, in units of `x`.
        norm: of the ball; a step goes along the gradient's sign for "linf", along the gradient itself for "l2".
        step: length of a step; None for 2.5 ε / steps, which can reach the other end of the ball.
        box: ends that components must stay between, `PIXELS` for images.

    Raises:
        UsageError: parameters that cannot work, or inputs outside the box.
    """
    check_eps(eps)
    check_inside(x, box)
    if norm not in get_args(Norm) or steps < 1 or starts < 1:
        raise UsageError(
            f"expected norm to be one of {', '.join(get_args(Norm))} and steps and starts of at least 1, "
            f"got {norm!r}, {steps} and {starts}"
        )
    length = 2.5 * eps / steps if step is None else step
    centre = x.detach()
    with evaluating(model), torch.no_grad():
        worst = _Worst(centre, model(centre), labels)
        for _ in range(starts):
            noise = (uniform if norm == "linf" else in_ball)(centre, eps, generator)
            point = inside(centre + noise, box)
            for _ in range(steps):
                logits, slope = logits_and_slope(model, point, labels)
                worst.see(point, logits)
                point = point + length * (slope.sign() if norm == "linf" else unit(slope))
                point = inside(centre + _into_ball(point - centre, eps, norm), box)
            worst.see(point, model(point))
    return worst.inputs


def _into_ball(perturbation: Tensor, eps: float, norm: Norm) -> Tensor:
    if norm == "linf":
        return perturbation.clamp(-eps, eps)
    too_long = (l2(perturbation) > eps).view(-1, *[1] * (perturbation.dim() - 1))
    return torch.where(too_long, unit(perturbation) * eps, perturbation)


class _Worst:
    """The worst input seen for each example."""

    def __init__(self, inputs: Tensor, logits: Tensor, labels: Tensor) -> None:
        self.inputs, self._labels = inputs.clone(), labels
        self._wrong, self._losses = self._judge(logits)

    def see(self, inputs: Tensor, logits: Tensor) -> None:
        wrong, found = self._judge(logits)
        worse = (wrong & ~self._wrong) | ((wrong == self._wrong) & (found > self._losses))
        self.inputs[worse] = inputs[worse]
        self._wrong = wrong | self._wrong
        self._losses = torch.where(worse, found, self._losses)

    def _judge(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        return logits.argmax(-1) != self._labels, losses(logits, self._labels)
