"""How much is run: about 45 CPU minutes on one core, or the papers' sizes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from turncoat.models.images import SEMI_SUPERVISED, SUPERVISED, Dense, Maxout
from turncoat.training.image_plan import Plan


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The defaults are the small study.

    Attributes:
        train, held_out, test: images; the last `held_out` of `train` choose the epoch.
        seeds: maxout networks of each training; controls have one.
        again: train anew on all of `train` for the number of epochs that was chosen.
        large: the maxout network that is trained beside the other; None for none.
        members, attacked_members: of the ensemble, and those it is attacked through.
        pgd_images: first test images that PGD is run on.
        lbfgs_images: first test images that L-BFGS is run on, where the network is right.
        supervised_rows: images that the supervised half of VAT learns from, as many of each class.
        lds_images: first test images that LDS is measured on.
        vat_seeds, plane_seeds: of VAT on MNIST and on the synthetic planes.
    """

    train: int = 60_000
    held_out: int = 10_000
    test: int = 10_000

    seeds: int = 3
    again: bool = False
    maxout: Maxout = field(default=Maxout(spread=0.05))
    large: Maxout | None = None
    maxout_plan: Plan = field(default=Plan(epochs=6, momentum=0.9, decay=0.6, longest=1.9365))
    softmax_plan: Plan = field(default=Plan(epochs=5, momentum=0.9, decay=0.6))
    pgd_images: int = 1000
    pgd_steps: int = 40
    members: int = 12
    attacked_members: int = 4

    lbfgs_images: int = 100
    sigmoid_plan: Plan = field(default=Plan(epochs=12, method="adam", rate=3e-3, decay=0.8))
    encoding_plan: Plan = field(default=Plan(epochs=6, method="adam", rate=2e-3, decay=0.8))

    supervised_rows: int = 20_000
    supervised: Dense = field(default=Dense(widths=(784, 600, 300, 150, 75, 10), normalised=True))
    supervised_plan: Plan = field(default=Plan(epochs=6, method="adam", rate=2e-3, decay=0.6))
    semi: Dense = field(default=Dense(widths=(784, 300, 300, 10), normalised=True))
    semi_plan: Plan = field(default=Plan(epochs=20, steps=100, unlabelled=150, method="adam", rate=2e-3, decay=0.93))
    vat_seeds: int = 3
    lds_images: int = 1000

    plane_seeds: int = 10
    plane_plan: Plan = field(default=Plan(epochs=100, steps=10, batch=16, rate=1.0, decay=0.995**10, momentum=0.9))


SMALL = Sizes()
# Days on one core; meant for a machine with many. Maxout: 1,000 epochs at most, as the best is waited for in vain 100.
FULL = replace(
    SMALL,
    seeds=5,
    again=True,
    maxout=Maxout(),
    large=Maxout(units=(1600, 1600)),
    maxout_plan=Plan(epochs=1000, momentum=0.5, last_momentum=0.7, decay=1.000004**-500, longest=1.9365, patience=100),
    softmax_plan=Plan(epochs=50, momentum=0.9, decay=0.9),
    pgd_images=10_000,
    attacked_members=12,
    lbfgs_images=1000,
    sigmoid_plan=Plan(epochs=100, method="adam", rate=3e-3, decay=0.95),
    encoding_plan=Plan(epochs=50, method="adam", rate=2e-3, decay=0.95),
    supervised_rows=50_000,
    supervised=SUPERVISED,
    supervised_plan=Plan(epochs=100, method="adam", rate=2e-3, decay=0.9),
    semi=SEMI_SUPERVISED,
    semi_plan=Plan(epochs=100, steps=500, unlabelled=250, method="adam", rate=2e-3, decay=0.9),
    vat_seeds=5,
    lds_images=10_000,
    plane_seeds=50,
    plane_plan=Plan(epochs=1000, batch=16, rate=1.0, decay=0.995, momentum=0.9),
)
