"""L-BFGS: success, distortion and time beside FGSM and noise of equal size, by network and norm (4-01, 4-02, 4-06)."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from images.nets import SZEGEDY, Study
from images.telling import Row, Section, Verdict, above, apart, rate, together
from study import number
from turncoat.continuous.fgsm import fgsm
from turncoat.continuous.lbfgs import Penalty, PenaltySearch, lbfgs
from turncoat.continuous.measuring import judge
from turncoat.continuous.noise import amplified, gaussian
from turncoat.continuous.sizes import distortion, l2
from turncoat.evaluation.intervals import mean

PENALTIES: tuple[Penalty, ...] = ("l2", "squared_l2")
PUBLISHED = dict(zip(SZEGEDY, ("0.062", "0.1", "0.14", "0.058", "0.065", "0.086"), strict=True))


def examples(study: Study, name: str, network: nn.Module, penalty: Penalty = "l2") -> dict[str, Tensor]:
    """The first test images that the network gets right, and their L-BFGS examples for a random other class."""

    def make() -> dict[str, Tensor]:
        n = study.sizes.lbfgs_images
        right = torch.nonzero(judge(network, study.digits.x[:n]).classes == study.digits.y[:n]).flatten()
        x, y = study.digits.x[right], study.digits.y[right]
        others = torch.randint(1, 10, (n,), generator=torch.Generator().manual_seed(0))[right]
        start = time.process_time()
        found = lbfgs(network, x, (y + others) % 10, PenaltySearch(penalty=penalty))
        seconds = torch.tensor([time.process_time() - start])
        return {"rows": right, "x": found.x, "reached": found.reached, "gradients": found.gradients, "c": found.c,
                "seconds": seconds}  # fmt: skip

    return study.shelf.tensors(f"lbfgs/{name.replace(' ', '-')}-{penalty}", make)


def minimal(study: Study) -> Section:
    """The whole part."""
    found = {
        (name, penalty): study.shelf.table(
            f"lbfgs/{name}-{penalty}", lambda name=name, penalty=penalty: _measured(study, name, penalty)
        )
        for name in SZEGEDY
        for penalty in PENALTIES
    }
    return Section(
        "L-BFGS beside FGSM and noise of equal size",
        f"The first {study.sizes.lbfgs_images} test images where the network is right; target: a random other class. "
        "Each image is then moved by FGSM, and by Gaussian noise, by as much (L2 norm, image by image; not clipped). "
        "Times: CPU milliseconds an image, one image at a time, one thread.",
        {"lbfgs by network and norm": [_row(name, penalty, each) for (name, penalty), each in found.items()]},
        _verdicts(list(found.values())),
    )


def _measured(study: Study, name: str, penalty: Penalty) -> dict[str, Any]:
    network = study.szegedy(name)
    made = examples(study, name, network, penalty)
    x, y = study.digits.x[made["rows"]], study.digits.y[made["rows"]]
    eta = made["x"] - x
    reached = made["reached"]
    start = time.process_time()
    for i in range(len(x)):
        fgsm(network, x[i : i + 1], y[i : i + 1], eps=0.1)
    quick = (time.process_time() - start) / max(1, len(x))
    # FGSM of the same norm: eps times the root of the number of pixels that it moves
    signs = fgsm(network, x, y, eps=1.0) - x
    like = x + signs / l2(signs).clamp(min=1e-12)[:, None] * l2(eta)[:, None]
    noise = x + amplified(gaussian(x, 1.0, torch.Generator().manual_seed(1)), 1.0) * distortion(eta)[:, None]
    return {
        "n": len(x),
        "test wrong": int((judge(network, study.digits.x).classes != study.digits.y).sum()),
        "test": len(study.digits.y),
        "reached": int(reached.sum()),
        "like": int((judge(network, like[reached]).classes != y[reached]).sum()),
        "noise": int((judge(network, noise[reached]).classes != y[reached]).sum()),
        "distortion": distortion(eta[reached]).tolist(),
        "gradients": made["gradients"].tolist(),
        "slow": made["seconds"].item() / max(1, len(x)),
        "quick": quick,
    }


def _row(name: str, penalty: str, found: dict[str, Any]) -> Row:
    return {
        "network": name,
        "test error": rate(found["test wrong"], found["test"]),
        "norm": penalty,
        "images": str(found["n"]),
        "L-BFGS success": rate(found["reached"], found["n"], 1),
        "distortion": number(mean(found["distortion"]), 4),
        "paper, distortion": PUBLISHED.get(name, "-") if penalty == "l2" else "-",
        "passes, median": str(int(np.median(found["gradients"]))),
        "L-BFGS ms": f"{1000 * found['slow']:.0f}",
        "FGSM error, equal norm": rate(found["like"], found["reached"], 1),
        "FGSM ms": f"{1000 * found['quick']:.2f}",
        "noise error, equal norm": rate(found["noise"], found["reached"], 1),
    }


def _verdicts(found: list[dict[str, Any]]) -> list[Verdict]:
    total = {what: sum(each[what] for each in found) for what in ("n", "reached", "like", "noise")}
    success, like, noise = (
        (total["reached"], total["n"]), (total["like"], total["reached"]), (total["noise"], total["reached"])
    )  # fmt: skip
    slower = sum(each["slow"] for each in found) / max(1e-9, sum(each["quick"] for each in found))
    told = f"L-BFGS {rate(*success, 1)} %"
    longer = f"L-BFGS takes {slower:,.0f} times the CPU time of FGSM"
    return [
        Verdict("4-02", "L-BFGS turns practically every image (above 95 %)", told, above(*success, 0.95)),
        Verdict("4-02", "it is slow", longer, "confirmed" if slower > 10 else "refuted"),
        Verdict(
            "4-02", "smoothness fails at small radius: noise of the same size does not turn the verdict",
            f"{told}, noise {rate(*noise, 1)} %", apart(success, noise),
        ),
        Verdict(
            "4-06", "FGSM is fastest, with lower success at equal norm", f"{told}, FGSM {rate(*like, 1)} %; {longer}",
            together([apart(success, like), "confirmed" if slower > 10 else "refuted"]),
        ),
    ]  # fmt: skip
