"""Two moons and two circles in 100 dimensions: which training draws the smoothest boundary (rows 4-17, 4-23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from images.drawing import contours
from images.nets import Study
from images.smoothing import ORDER, orders
from images.telling import Row, Section, Verdict, over_seeds, paired
from turncoat.continuous.measuring import judge
from turncoat.continuous.virtual import PowerIteration, lds
from turncoat.data.synthetic import Plane, Shape, random_axes, synthetic
from turncoat.models.images import SYNTHETIC
from turncoat.training.image_objectives import Adversarial, Clean, Decayed, Objective, RandomDirection, Virtual
from turncoat.training.image_plan import Pool

POINTS, TESTED = 16, 1000
MONITOR = 0.5  # norm for LDS, the same for all
SHAPES: tuple[Shape, ...] = ("moons", "circles")


@dataclass(frozen=True)
class Regulariser:
    """A training, and the share of hidden units that dropout keeps; sizes are the authors' for the shape."""

    objective: Objective
    keep: float = 1.0


def regularisers(shape: Shape) -> Mapping[str, Regulariser]:
    moons = shape == "moons"
    return {
        "plain": Regulariser(Clean()),
        "l2": Regulariser(Decayed(inner=Clean(), l2=(1e-4, 1e-4))),
        "dropout": Regulariser(Clean(), 1 - (0.4 if moons else 0.75)),
        "random": Regulariser(RandomDirection(eps=1.8 if moons else 2.8)),
        "adversarial": Regulariser(Adversarial(eps=0.2 if moons else 0.65)),
        "virtual": Regulariser(Virtual(eps=0.6 if moons else 0.5)),
    }


def planes(study: Study) -> Section:
    """The whole part."""
    found = {
        shape: {
            name: [_measured(study, shape, name, seed) for seed in range(study.sizes.plane_seeds)]
            for name in regularisers(shape)
        }
        for shape in SHAPES
    }
    return Section(
        "Two moons and two circles",
        f"{POINTS} training and {TESTED:,} test points on a plane in 100 dimensions, 100 hidden ReLU units, plan "
        f"`{study.sizes.plane_plan}`; sizes of perturbations, decay and dropout (the share dropped) are those of the "
        f"authors' code. LDS: as for MNIST, norm {MONITOR}. Seeds draw points, plane and weights. Points are ours.",
        {f"vat_{shape} in 100 dimensions": _rows(each) for shape, each in found.items()},
        [verdict for shape, each in found.items() for verdict in _verdicts(shape, each)],
        {"vat_contours.svg": _figure(study)},
    )


def _data(shape: Shape, seed: int) -> tuple[Plane, Plane]:
    rng = np.random.default_rng(seed)
    axes = random_axes(rng)
    return synthetic(shape, POINTS, rng, axes), synthetic(shape, TESTED, rng, axes)


def _network(study: Study, shape: Shape, name: str, seed: int) -> nn.Sequential:
    train, _ = _data(shape, seed)
    how = regularisers(shape)[name]
    pool = Pool(torch.from_numpy(train.points), torch.from_numpy(train.labels))
    widths = replace(SYNTHETIC, keep_hidden=how.keep)
    return study.trained(f"plane-{shape}-{name}-{seed}", widths, pool, how.objective, study.sizes.plane_plan, seed)


def _measured(study: Study, shape: Shape, name: str, seed: int) -> dict[str, Any]:
    network, (_, test) = _network(study, shape, name, seed), _data(shape, seed)

    def measure() -> dict[str, Any]:
        x, y = torch.from_numpy(test.points), torch.from_numpy(test.labels)
        with torch.no_grad():
            smooth = lds(network, x, PowerIteration(eps=MONITOR, iterations=5), torch.Generator().manual_seed(0))
        return {"error": (judge(network, x).classes != y).double().mean().item(), "lds": smooth.mean().item()}

    return dict(study.shelf.table(f"planes/{shape}-{name}-{seed}", measure))


def _rows(found: Mapping[str, list[dict[str, Any]]]) -> list[Row]:
    plain = [each["error"] for each in found["plain"]]
    return [
        {
            "training": name,
            "test error": over_seeds([each["error"] for each in seeds]),
            "less than plain by": "-" if name == "plain" else str(paired(plain, [each["error"] for each in seeds])),
            "LDS on test points": over_seeds([each["lds"] for each in seeds], 3, 1),
        }
        for name, seeds in found.items()
    ]


def _verdicts(shape: Shape, found: Mapping[str, list[dict[str, Any]]]) -> list[Verdict]:
    errors = {name: [each["error"] for each in found[name]] for name in ORDER}
    smooth = paired([each["lds"] for each in found["plain"]], [each["lds"] for each in found["virtual"]])
    told = f"LDS falls by {smooth.mean:.3f} nats ({smooth.low:.3f} to {smooth.high:.3f})"
    return [*orders(shape, errors), Verdict("4-17", f"{shape}: VAT makes the model smoother", told, [smooth])]


def _figure(study: Study) -> str:
    """Probability of class 1 on the plane, by shape and training, for the first seed."""
    shown = ("plain", "adversarial", "virtual")
    return contours(
        {
            f"{shape}, {name}": (_network(study, shape, name, 0), _data(shape, 0)[0])
            for shape in SHAPES
            for name in shown
        }
    )
