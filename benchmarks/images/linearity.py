"""Why small steps go far: networks are nearly linear, and images have many dimensions (row 4-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from images.drawing import curves
from images.measures import by_fgsm, mistaken
from images.nets import Study
from images.telling import Row, Section, Verdict, above, below, rate, together
from study import number
from turncoat.intervals import mean, median
from turncoat.models.images import Dense
from turncoat.training.image_plan import Pool

STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25)
MODERATE = 0.1
SMALLER = (4, 2, 1)  # pixels that become one, in either direction
IMAGES = 500
FORETOLD = "foretold shift, ε‖w‖₁"


def linearity(study: Study) -> Section:
    """The whole part."""
    shifts = study.shelf.table("linearity/shifts-by-image", lambda: _shifts(study))
    sizes = study.shelf.table("linearity/sizes-by-image", lambda: _by_size(study))
    by_step = {name: _by_step(each) for name, each in shifts.items()}
    return Section(
        "Linearity and dimensions",
        "Shift: how far the best other class gains on the gold class when an image moves by ε sign(w), w being the "
        "gradient of that difference of logits; a linear model shifts by ε‖w‖₁ = ε m mean|w|, for m pixels. "
        f"Medians over the first {IMAGES} test images, one network each; intervals: bootstrap over these images. "
        "Smaller images: means of 4 x 4 and of 2 x 2 pixels; a softmax regression each.",
        {
            "linearity of the shift": [
                {"model": model, "ε": str(eps), FORETOLD: number(median(foretold), 3),
                 "measured": number(median(measured), 3)}
                for model, each in by_step.items()
                for eps, (foretold, measured) in zip(STEPS, each, strict=True)
            ],
            "dimensions and FGSM": [_row(each) for each in sizes],
        },
        _verdicts(by_step["maxout"], sizes),
        {
            "linearity.svg": curves(
                {name: tuple(np.median(each, axis=2).T) for name, each in by_step.items()},
                FORETOLD, "measured shift", "Measured against foretold shift of the logits, by model",
                diagonal=True, logarithmic=True,
            ),
            "dimensions.svg": curves(
                {f"{each['m']} pixels": (STEPS, [eps * float(np.median(each["norms"])) for eps in STEPS])
                 for each in sizes},
                "ε", "shift of the logits", "Shift of the logits by size of the step, for three numbers of pixels",
            ),
        },
    )  # fmt: skip


def _row(found: Mapping[str, Any]) -> Row:
    return {
        "pixels m": str(found["m"]),
        "mean size of w": number(mean(np.array(found["norms"]) / found["m"]), 4),
        f"shift at ε = {MODERATE}": number(median(found["shifts"]), 2),
        "clean error": rate(*found["clean"]),
        f"FGSM error, ε = {MODERATE}": rate(*found["fgsm"]),
    }


def _by_step(found: Mapping[str, Any]) -> NDArray[np.float64]:
    """Foretold and measured shifts of each image (steps, 2, n)."""
    measured = np.array(found["measured"])
    return np.stack([np.outer(STEPS, found["norms"]), measured], axis=1)


def _verdicts(maxout: NDArray[np.float64], sizes: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    foretold, measured = maxout[STEPS.index(MODERATE)]
    ratio = median(measured / foretold)
    shifts = [np.array(each["shifts"]) for each in sizes]
    further = [median(more - less) for less, more in pairwise(shifts)]
    medians = ", ".join(f"m = {each['m']}: {number(median(each['shifts']), 2)}" for each in sizes)
    return [
        Verdict(
            "4-08", f"a maxout network is nearly linear: its shift at ε = {MODERATE} is within 20 % of the linear one",
            f"{number(ratio, 2)} of it (median over images)", together([above(ratio, 0.8), below(ratio, 1.2)]),
        ),
        Verdict(
            "4-08", "the same ε shifts the activation further in more dimensions",
            f"{medians}; the same image shifts further by {' and '.join(number(each, 2) for each in further)} (median)",
            together([above(each) for each in further]),
        ),
    ]  # fmt: skip


def _shifts(study: Study) -> Mapping[str, Any]:
    x, y = study.digits.x[:IMAGES], study.digits.y[:IMAGES]
    models = {
        "softmax regression": study.softmax("ten", study.digits.train, Dense(widths=(x.shape[1], 10))),
        "FC100-100-10": study.szegedy("FC100-100-10"),
        "maxout": study.maxout("clean", 0),
    }
    return {name: _shift(network, x, y) for name, network in models.items()}


def _shift(network: nn.Module, x: Tensor, y: Tensor) -> dict[str, Any]:
    """‖w‖₁ of each image (n,), and how far it shifts at each step (steps, n)."""
    leaf = x.clone().requires_grad_()
    logits = network(leaf)
    best = logits.detach().scatter(1, y[:, None], -torch.inf).argmax(1)
    (slope,) = torch.autograd.grad(_lead(logits, best, y).sum(), leaf)
    with torch.no_grad():
        start = _lead(logits, best, y)
        measured = [_lead(network(x + eps * slope.sign()), best, y) - start for eps in STEPS]
    return {"norms": slope.abs().sum(1).tolist(), "measured": [each.tolist() for each in measured]}


def _lead(logits: Tensor, best: Tensor, gold: Tensor) -> Tensor:
    return (logits.gather(1, best[:, None]) - logits.gather(1, gold[:, None]))[:, 0]


def _by_size(study: Study) -> list[dict[str, Any]]:
    found = []
    for factor in SMALLER:
        pool = Pool(_smaller(study.digits.train.inputs, factor), study.digits.train.labels)
        x, y = _smaller(study.digits.x, factor), study.digits.y
        network = study.softmax(f"smaller-{factor}", pool, Dense(widths=(x.shape[1], 10)))
        clean, fgsm = mistaken(network, x, y), mistaken(network, by_fgsm(network, x, y, MODERATE), y)
        shift = _shift(network, x[:IMAGES], y[:IMAGES])
        found.append({
            "m": x.shape[1], "clean": (clean["wrong"], clean["n"]), "fgsm": (fgsm["wrong"], fgsm["n"]),
            "norms": shift["norms"], "shifts": shift["measured"][STEPS.index(MODERATE)],
        })  # fmt: skip
    return found


def _smaller(x: Tensor, factor: int) -> Tensor:
    side = round(x.shape[1] ** 0.5)
    return avg_pool2d(x.view(-1, 1, side, side), factor).flatten(1)
