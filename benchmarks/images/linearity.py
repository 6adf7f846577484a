"""Why small steps go far: networks are nearly linear, and images have many dimensions (row 4-08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from images.drawing import curves
from images.measures import by_fgsm, mistaken
from images.nets import Study
from images.telling import Row, Section, Verdict, rate
from turncoat.models.images import Dense
from turncoat.training.image_plan import Pool

STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25)
MODERATE = 0.1
SMALLER = (4, 2, 1)  # pixels that become one, in either direction
IMAGES = 500
FORETOLD = "foretold shift, ε‖w‖₁"


def linearity(study: Study) -> Section:
    """The whole part."""
    shifts = study.shelf.table("linearity/shifts", lambda: _shifts(study))
    sizes = study.shelf.table("linearity/sizes", lambda: _by_size(study))
    return Section(
        "Linearity and dimensions",
        "Shift: how far the best other class gains on the gold class when an image moves by ε sign(w), w being the "
        "gradient of that difference of logits; a linear model shifts by ε‖w‖₁ = ε m mean|w|, for m pixels. "
        f"Medians over the first {IMAGES} test images. Smaller images: means of 4 x 4 and of 2 x 2 pixels; a softmax "
        "regression each.",
        {
            "linearity of the shift": [
                {"model": model, "ε": str(eps), FORETOLD: f"{foretold:.3f}", "measured": f"{measured:.3f}"}
                for model, each in shifts.items()
                for eps, foretold, measured in zip(STEPS, each["foretold"], each["measured"], strict=True)
            ],
            "dimensions and FGSM": [_row(each) for each in sizes],
        },
        _verdicts(shifts["maxout"], sizes),
        {
            "linearity.svg": curves(
                {name: (each["foretold"], each["measured"]) for name, each in shifts.items()},
                FORETOLD, "measured shift", "Measured against foretold shift of the logits, by model",
                diagonal=True, logarithmic=True,
            ),
            "dimensions.svg": curves(
                {f"{each['m']} pixels": (STEPS, each["curve"]) for each in sizes},
                "ε", "shift of the logits", "Shift of the logits by size of the step, for three numbers of pixels",
            ),
        },
    )  # fmt: skip


def _row(found: Mapping[str, Any]) -> Row:
    return {
        "pixels m": str(found["m"]),
        "mean size of w": f"{found['mean w']:.4f}",
        f"shift at ε = {MODERATE}": f"{found['shift']:.2f}",
        "clean error": rate(*found["clean"]),
        f"FGSM error, ε = {MODERATE}": rate(*found["fgsm"]),
    }


def _verdicts(maxout: Mapping[str, list[float]], sizes: list[dict[str, Any]]) -> list[Verdict]:
    at = STEPS.index(MODERATE)
    ratio, growing = maxout["measured"][at] / maxout["foretold"][at], [each["shift"] for each in sizes]
    return [
        Verdict(
            "4-08", f"a maxout network is nearly linear: its shift at ε = {MODERATE} is within 20 % of the linear one",
            f"{ratio:.2f} of it", "confirmed" if 0.8 <= ratio <= 1.2 else "refuted",
        ),
        Verdict(
            "4-08", "the same ε shifts the activation further in more dimensions",
            ", ".join(f"m = {each['m']}: {each['shift']:.2f}" for each in sizes),
            "confirmed" if growing == sorted(growing) else "refuted",
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


def _shift(network: nn.Module, x: Tensor, y: Tensor) -> dict[str, list[float]]:
    leaf = x.clone().requires_grad_()
    logits = network(leaf)
    best = logits.detach().scatter(1, y[:, None], -torch.inf).argmax(1)
    (slope,) = torch.autograd.grad(_lead(logits, best, y).sum(), leaf)
    found: dict[str, list[float]] = {"foretold": [], "measured": [], "mean w": [slope.abs().mean().item()]}
    with torch.no_grad():
        for eps in STEPS:
            moved = _lead(network(x + eps * slope.sign()), best, y) - _lead(logits, best, y)
            found["foretold"].append((eps * slope.abs().sum(1)).median().item())
            found["measured"].append(moved.median().item())
    return found


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
            "shift": shift["measured"][STEPS.index(MODERATE)], "curve": shift["foretold"], "mean w": shift["mean w"][0],
        })  # fmt: skip
    return found


def _smaller(x: Tensor, factor: int) -> Tensor:
    side = round(x.shape[1] ** 0.5)
    return avg_pool2d(x.view(-1, 1, side, side), factor).flatten(1)
