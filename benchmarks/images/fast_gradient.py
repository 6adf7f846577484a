"""FGSM before and after adversarial training: errors, confidences, controls, PGD, transfer (rows 4-14, 4-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from images.measures import answers, by_fgsm, error, mistaken, perturbed
from images.nets import EPS, Study
from images.sizes import FULL, Sizes
from images.telling import Row, Section, Verdict, over_seeds, paired, rate
from turncoat.continuous.pgd import pgd
from turncoat.continuous.sizes import PIXELS
from turncoat.models.images import Dense, linear_layers
from turncoat.training.image_plan import Pool

SEEDED = ("clean", "fgsm", "noise-signs", "noise-uniform")
CONTROLS = ("l1", "l2", "dropout")  # one seed each
PUBLISHED = {
    "clean": ("0.94", "89.4", "97.6"),
    "fgsm": ("0.84", "17.9", "81.4"),
    "noise-signs": ("-", "86.2", "97.3"),
    "noise-uniform": ("-", "90.4", "97.8"),
    "softmax": ("-", "99.9", "79.3"),
    "logistic 3-7": ("1.6", "99", "-"),
}
MEASURED = ("clean", "fgsm", "clipped", "pgd")
STEPS = (0.05, 0.1, 0.15, 0.2, 0.25)
WORST = "worst of five sizes"
LEAK = "answers the label that the perturbation was made for"
Measures = dict[str, Any]


def fast_gradient(study: Study) -> Section:
    """The whole part."""
    sizes = study.sizes
    found: dict[str, list[Measures]] = {}
    for training in SEEDED:
        found[training] = [_measured(study, training, seed) for seed in range(sizes.seeds)]
    for training in CONTROLS:
        found[training] = [_measured(study, training, 0)]
    if sizes.large:
        for training in ("clean", "fgsm"):
            found[f"large {training}"] = [_measured(study, training, seed, True) for seed in range(sizes.seeds)]
    found["softmax"], found["logistic 3-7"] = [_softmax(study)], [_three_or_seven(study)]
    moved = _transfer(study)
    return Section(
        "FGSM and adversarial training",
        f"ε = {EPS}, images not clipped unless it says so; maxout {list(sizes.maxout.units)} x {sizes.maxout.pieces} "
        f"pieces, input dropout, plan `{sizes.maxout_plan}`; PGD-{sizes.pgd_steps} on {sizes.pgd_images:,} test images "
        "(from a random start, the worst input seen; it starts from the clean image too). Confidence: mean probability "
        f"of the class given, over mistakes. {WORST.capitalize()}: images that are mistaken after FGSM with any ε of "
        f"{', '.join(map(str, STEPS))}. The last column: FGSM is made for a random wrong label, away from it, and the "
        "network answers that very label, which the perturbation leaks. Controls l1 (0.0025 on the first layer), l2 "
        f"(1e-4) and dropout (of hidden units too) have one seed.{_not_run(sizes)}",
        {
            "fgsm over seeds": [_summary(name, each) for name, each in found.items()],
            "fgsm_networks one by one": [
                _row(name, i, each) for name, all_ in found.items() for i, each in enumerate(all_)
            ],
            "fgsm_transfer of adversarial examples": moved["rows"],
        },
        _verdicts(found),
    )


def _not_run(sizes: Sizes) -> str:
    """What of the paper's recipe these sizes leave out."""
    plan, units = sizes.maxout_plan, FULL.large.units[0] if FULL.large else 0
    parts = (
        (sizes.large is None, f"the large network ({units:,} units a layer)"),
        (plan.patience is None, "early stopping: training until the error on held-out images, for FGSM training their "
         f"error after FGSM, falls no more (the epoch with the lowest of {plan.epochs} is kept)"),
        (not sizes.again, f"retraining on all {sizes.train:,} images (maxout networks learn from "
         f"{sizes.train - sizes.held_out:,})"),
    )  # fmt: skip
    left_out = [part for missing, part in parts if missing]
    return f" Of the paper's recipe this was not run (processor time): {'; '.join(left_out)}." if left_out else ""


def _measured(study: Study, training: str, seed: int, large: bool = False) -> Measures:
    widths = study.sizes.large if large else None
    network = study.maxout(training, seed, widths)
    name = f"fgsm/{'large-' if large else ''}{training}-{seed}"
    return dict(study.shelf.table(name, lambda: _measure(study, network, study.digits.x, study.digits.y)))


def _measure(study: Study, network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Measures:
    sizes, generator = study.sizes, torch.Generator().manual_seed(0)
    few = x[: sizes.pgd_images], y[: sizes.pgd_images]
    worst = perturbed(lambda a, b: pgd(network, a, b, generator, eps=EPS, steps=sizes.pgd_steps), *few)
    return {
        "clean": mistaken(network, x, y),
        "fgsm": mistaken(network, by_fgsm(network, x, y, EPS), y),
        "clipped": mistaken(network, by_fgsm(network, x, y, EPS, PIXELS), y),
        "pgd": mistaken(network, worst, few[1]),
        "fgsm as pgd": mistaken(network, by_fgsm(network, *few, EPS), few[1]),
        **_by_size(network, x, y),
        "leak": _leak(network, x, y),
    }


def _by_size(network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Measures:
    """Mistakes after FGSM of each size, and images that are mistaken after any."""
    misled = torch.stack([answers(network, by_fgsm(network, x, y, eps)) != y for eps in STEPS])
    by_size = {f"ε = {eps}": int(each.sum()) for eps, each in zip(STEPS, misled, strict=True)}
    return {"by size": by_size, "worst": {"wrong": int(misled.any(0).sum()), "n": len(y)}}


def _leak(network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Measures:
    """How often FGSM, made for a random wrong label, makes the network answer that label."""
    classes = linear_layers(network)[-1].out_features
    other = (y + torch.randint(1, classes, y.shape, generator=torch.Generator().manual_seed(1))) % classes
    return {"wrong": int((answers(network, by_fgsm(network, x, other, EPS)) == other).sum()), "n": len(y)}


def _softmax(study: Study) -> Measures:
    pixels = study.digits.x.shape[1]
    network = study.softmax("ten", study.digits.train, Dense(widths=(pixels, 10)))
    return dict(study.shelf.table("fgsm/softmax", lambda: _measure(study, network, study.digits.x, study.digits.y)))


def _three_or_seven(study: Study) -> Measures:
    pool, test = (_threes_and_sevens(each) for each in (study.digits.train, Pool(study.digits.x, study.digits.y)))
    network = study.softmax("37", pool, Dense(widths=(pool.inputs.shape[1], 2)))
    return dict(study.shelf.table("fgsm/logistic", lambda: _measure(study, network, test.inputs, test.labels)))


def _threes_and_sevens(pool: Pool) -> Pool:
    rows = (pool.labels == 3) | (pool.labels == 7)
    return Pool(pool.inputs[rows], (pool.labels[rows] == 7).long())


def _transfer(study: Study) -> Mapping[str, Any]:
    """Examples of the cleanly trained network on the adversarially trained one of the same seed, and back."""

    def moved(seed: int) -> list[Measures]:
        nets = study.maxout("clean", seed), study.maxout("fgsm", seed)
        x, y = study.digits.x, study.digits.y
        return [
            mistaken(asked, by_fgsm(maker, x, y, EPS), y) for maker, asked in ((nets[0], nets[1]), (nets[1], nets[0]))
        ]

    pairs = [
        study.shelf.table(f"fgsm/transfer-{seed}", lambda seed=seed: moved(seed)) for seed in range(study.sizes.seeds)
    ]
    rows = []
    for way, (name, paper) in enumerate((("clean -> fgsm", "19.6"), ("fgsm -> clean", "40.9"))):
        each = [pair[way] for pair in pairs]
        rows.append({"made for -> asked": name, "error": over_seeds([error(one) for one in each]), "paper": paper})
    return {"rows": rows}


def _summary(name: str, found: Sequence[Measures]) -> Row:
    paper = PUBLISHED.get(name, ("-", "-", "-"))
    clean, fgsm, clipped, pgd_ = (over_seeds([error(each[what]) for each in found]) for what in MEASURED)
    sure = [each["fgsm"]["confidence"] for each in found if each["fgsm"]["confidence"] is not None]
    return {
        "training": name, "clean error": clean, "paper": paper[0],
        "FGSM error": fgsm, "paper, FGSM": paper[1],
        "confidence": over_seeds(sure, 1) if sure else "-", "paper, confidence": paper[2],
        "FGSM clipped": clipped, "PGD error": pgd_,
        WORST: over_seeds([error(each["worst"]) for each in found]),
        LEAK: over_seeds([error(each["leak"]) for each in found]),
    }  # fmt: skip


def _row(name: str, seed: int, found: Measures) -> Row:
    told = {"training": name, "seed": str(seed)}
    for what in (*MEASURED, "fgsm as pgd"):
        each = found[what]
        told[f"{what} error"] = rate(each["wrong"], each["n"])
        sure, half = each["confidence"], each["half"]
        told[f"{what} confidence"] = "-" if sure is None else f"{100 * sure:.1f} ± {100 * (half or 0):.1f}"
    n = found["worst"]["n"]
    told |= {f"fgsm error, {size}": rate(wrong, n) for size, wrong in found["by size"].items()}
    return told | {WORST: rate(found["worst"]["wrong"], n), LEAK: rate(found["leak"]["wrong"], n)}


def _verdicts(found: Mapping[str, Sequence[Measures]]) -> list[Verdict]:
    def errors(name: str, what: str) -> list[float]:
        return [error(each[what]) for each in found[name]]

    clean = paired(errors("clean", "clean"), errors("fgsm", "clean"))
    robust = paired(errors("clean", "fgsm"), errors("fgsm", "fgsm"))
    worst = paired(errors("clean", "worst"), errors("fgsm", "worst"))
    strong = paired(errors("clean", "pgd"), errors("fgsm", "pgd"))
    masked = paired(errors("fgsm", "pgd"), errors("fgsm", "fgsm as pgd"))
    noise = [paired(errors(each, "fgsm"), errors("fgsm", "fgsm")) for each in ("noise-signs", "noise-uniform")]
    return [
        Verdict("4-14", "clean error falls (paper 0.94 to 0.84 %)", f"falls by {clean}", [clean]),
        Verdict("4-14", "FGSM error falls (paper 89.4 to 17.9 %)", f"falls by {robust}", [robust]),
        Verdict("4-15", "adversarial training is a regulariser", f"clean error falls by {clean}", [clean]),
        Verdict("4-15", "it is a defence against FGSM", f"FGSM error ({WORST}) falls by {worst}", [worst]),
        Verdict("4-15", "it is one against PGD too", f"PGD error falls by {strong}", [strong]),
        Verdict(
            "4-15", "training with noise is no such defence",
            f"FGSM error (ε = {EPS}) with noise is higher by {noise[0]} and {noise[1]}", noise,
        ),
        Verdict("4-15", "FGSM alone flatters the hardened network: PGD finds more", f"by {masked}", [masked]),
    ]  # fmt: skip
