"""Virtual adversarial training on MNIST, with all labels and with 100, beside its controls (rows 4-17, 4-23)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from images.digits import balanced
from images.measures import error, mistaken
from images.nets import Study
from images.telling import Row, Section, Verdict, over_seeds, paired
from turncoat.continuous.virtual import PowerIteration, lds
from turncoat.training.image_objectives import Adversarial, Clean, Decayed, Objective, RandomDirection, Virtual
from turncoat.training.image_plan import Pool
from turncoat.training.images import settle

ALL = 2.1  # with all labels, as in the README of the authors' code
FEW = 0.3  # with 100 labels, likewise; a larger one hides the few labels' classes from their neighbourhoods
FEW_CONTROLS = 2.0  # the default of the code; with 0.3 the controls do nothing
XI = 0.1
MONITOR = 1.0  # norm for LDS, the same for all
LABELS = 100
ORDER = ("virtual", "adversarial", "random", "plain")  # the best first, by the paper
LINKS = (*pairwise(ORDER), ("virtual", "plain"))
LABELLED = "random, labelled"  # the control of adversarial training, which cannot use images without labels
FEW_LINKS = (("virtual", "adversarial"), ("adversarial", LABELLED), (LABELLED, "plain"), ("virtual", "random"),
             ("random", "plain"), ("virtual", "plain"))  # fmt: skip
PUBLISHED = {"supervised": {"virtual": "0.637 ± 0.046 (from memory)"}, "semi": {"virtual": "2.12 (from memory)"}}
SUPERVISED: Mapping[str, Objective] = {
    "plain": Clean(),
    "dropout": Clean(),
    "l2": Decayed(inner=Clean(), l2=(1e-4,) * 5),
    "random": RandomDirection(eps=ALL),
    "adversarial": Adversarial(eps=ALL),
    "virtual": Virtual(eps=ALL, xi=XI),
}
SEMI: Mapping[str, Objective] = {
    "plain": Clean(),
    "random": Virtual(eps=FEW_CONTROLS, iterations=0),  # sees the images without labels too
    LABELLED: RandomDirection(eps=FEW_CONTROLS),
    "adversarial": Adversarial(eps=FEW_CONTROLS),
    "virtual": Virtual(eps=FEW, xi=XI),
}
Found = dict[str, list[dict[str, Any]]]


def smoothing(study: Study) -> Section:
    """The whole part."""
    sizes = study.sizes
    supervised = {name: [_all_labels(study, name, seed) for seed in range(sizes.vat_seeds)] for name in SUPERVISED}
    semi = {name: [_few_labels(study, name, seed) for seed in range(sizes.vat_seeds)] for name in SEMI}
    return Section(
        "Virtual adversarial training on MNIST",
        f"L2 norms: {ALL} with all labels; with {LABELS}, {FEW} for VAT and {FEW_CONTROLS} for its controls (as in the "
        f"authors' code, not chosen by test error); power iteration once, ξ = {XI}. All labels: "
        f"{sizes.supervised_rows:,} images, layers {list(sizes.supervised.widths)}, plan `{sizes.supervised_plan}`. "
        f"{LABELS} labels: layers {list(sizes.semi.widths)}, plan `{sizes.semi_plan}`; the control 'random' perturbs "
        f"the images without labels too, as VAT does; '{LABELLED}' those with labels alone, as adversarial training "
        "does. The statistics of batch normalisation are taken anew at the end, from all images, labelled or not. LDS: "
        f"mean divergence in nats under the virtual adversarial perturbation of norm {MONITOR} (5 iterations), first "
        f"{sizes.lds_images:,} test images; 0 is smooth. Seeds draw weights, order and labelled images.",
        {
            "vat_supervised with all labels": _rows(supervised, PUBLISHED["supervised"]),
            "vat_semi with 100 labels": _rows(semi, PUBLISHED["semi"]),
        },
        [*orders("all labels", _errors(supervised)), *orders(f"{LABELS} labels", _errors(semi), FEW_LINKS)],
    )


def _all_labels(study: Study, name: str, seed: int) -> dict[str, Any]:
    sizes = study.sizes
    pool = balanced(study.digits.train, sizes.supervised_rows, seed)
    widths = replace(sizes.supervised, keep_hidden=0.5) if name == "dropout" else sizes.supervised
    network = study.trained(
        f"vat-{name}-{seed}", widths, pool, SUPERVISED[name], sizes.supervised_plan, seed,
        finish=_settled(pool.inputs, seed),
    )  # fmt: skip
    return _measured(study, f"vat/{name}-{seed}", network)


def _few_labels(study: Study, name: str, seed: int) -> dict[str, Any]:
    sizes, everything = study.sizes, study.digits.train.inputs
    few = balanced(study.digits.train, LABELS, seed)
    objective = SEMI[name]
    blind = not isinstance(objective, Virtual)
    pool = Pool(few.inputs, few.labels, None if blind else everything)
    finish, name = _settled(everything, seed), name.replace(", ", "-")
    network = study.trained(f"semi-{name}-{seed}", sizes.semi, pool, objective, sizes.semi_plan, seed, finish=finish)
    return _measured(study, f"semi/{name}-{seed}", network)


def _settled(images: Tensor, seed: int) -> Callable[[nn.Sequential], None]:
    """Statistics of batch normalisation anew from these images; the seed is that of dropout, where there is any."""

    def finish(network: nn.Sequential) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            settle(network, images)

    return finish


def _measured(study: Study, name: str, network: nn.Module) -> dict[str, Any]:
    x, y, few = study.digits.x, study.digits.y, study.digits.x[: study.sizes.lds_images]

    def measure() -> dict[str, Any]:
        search, generator = PowerIteration(eps=MONITOR, xi=XI, iterations=5), torch.Generator().manual_seed(0)
        with torch.no_grad():
            smooth = lds(network, few, search, generator).mean().item()
        return {**mistaken(network, x, y), "lds": smooth}

    return dict(study.shelf.table(name, measure))


def _errors(found: Found) -> dict[str, list[float]]:
    return {name: [error(each) for each in seeds] for name, seeds in found.items()}


def _rows(found: Found, published: Mapping[str, str]) -> list[Row]:
    plain = [error(each) for each in found["plain"]]
    return [
        {
            "training": name,
            "test error": over_seeds([error(each) for each in seeds]),
            "paper": published.get(name, "-"),
            "less than plain by": "-" if name == "plain" else str(paired(plain, [error(each) for each in seeds])),
            "LDS on test images": over_seeds([each["lds"] for each in seeds], 4, 1),
        }
        for name, seeds in found.items()
    ]


def orders(
    where: str, errors: Mapping[str, Sequence[float]], links: Iterable[tuple[str, str]] = LINKS
) -> list[Verdict]:
    """The paper's ordering, link by link, seed by seed."""
    tests = [(better, worse, paired(errors[worse], errors[better])) for better, worse in links]
    return [
        Verdict("4-17", f"{where}: error of {better} below that of {worse}", f"by {found}", [found])
        for better, worse, found in tests
    ]
