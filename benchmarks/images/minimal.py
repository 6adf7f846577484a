"""L-BFGS: success, distortion and time beside FGSM and noise of equal size, by network and norm (4-01, 4-02, 4-06)."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from images.nets import SZEGEDY, Study
from images.resampling import METHOD, Cells, counted, difference, flags, ratio, share
from images.telling import Row, Section, Verdict, above, rate, together
from study import number, percent
from turncoat.continuous.fgsm import fgsm
from turncoat.continuous.lbfgs import Penalty, PenaltySearch, lbfgs
from turncoat.continuous.measuring import judge
from turncoat.continuous.noise import amplified, gaussian
from turncoat.continuous.sizes import distortion, l2
from turncoat.intervals import mean, median

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
        "Times: CPU milliseconds an image, one image at a time, one thread; measured for all images of a network "
        "together. In intervals, an image has the share of L-BFGS's time that it has of the passes; FGSM makes one "
        "pass whatever the image, so its time has none. "
        f"Verdicts are on the norm {PENALTIES[0]} alone; {METHOD}.",
        {"lbfgs by network and norm": [_row(name, penalty, each) for (name, penalty), each in found.items()]},
        _verdicts([each for (_, penalty), each in found.items() if penalty == PENALTIES[0]]),
    )


def _measured(study: Study, name: str, penalty: Penalty) -> dict[str, Any]:
    network = study.szegedy(name)
    made = examples(study, name, network, penalty)
    x, y = study.digits.x[made["rows"]], study.digits.y[made["rows"]]
    eta = made["x"] - x
    rows, reached, n = made["rows"], made["reached"], study.sizes.lbfgs_images
    start = time.process_time()
    for i in range(len(x)):
        fgsm(network, x[i : i + 1], y[i : i + 1], eps=0.1)
    quick = (time.process_time() - start) / max(1, len(x))
    # FGSM of the same norm: eps times the root of the number of pixels that it moves
    signs = fgsm(network, x, y, eps=1.0) - x
    like = x + signs / l2(signs).clamp(min=1e-12)[:, None] * l2(eta)[:, None]
    noise = x + amplified(gaussian(x, 1.0, torch.Generator().manual_seed(1)), 1.0) * distortion(eta)[:, None]
    return {
        "test wrong": int((judge(network, study.digits.x).classes != study.digits.y).sum()),
        "test": len(study.digits.y),
        "reached": flags(n, rows, reached),
        "like": flags(n, rows[reached], judge(network, like[reached]).classes != y[reached]),
        "noise": flags(n, rows[reached], judge(network, noise[reached]).classes != y[reached]),
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
        "images": str(counted(found["reached"])[1]),
        "L-BFGS success": rate(*counted(found["reached"]), 1),
        "distortion": number(mean(found["distortion"]), 4),
        "paper, distortion": PUBLISHED.get(name, "-") if penalty == "l2" else "-",
        "passes, median": number(median(found["gradients"]), 0),
        "L-BFGS ms": number(mean(1000 * _seconds(found)), 0),
        "FGSM error, equal norm": rate(*counted(found["like"]), 1),
        "FGSM ms": f"{1000 * found['quick']:.2f}",
        "noise error, equal norm": rate(*counted(found["noise"]), 1),
    }


def _seconds(found: dict[str, Any]) -> NDArray[np.float64]:
    """What L-BFGS took for each image it was asked about: its share of the passes."""
    passes = np.array(found["gradients"], float)
    return np.asarray(found["slow"] * passes / passes.mean())


def _times(found: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """CPU seconds of L-BFGS and of FGSM by image; nan where the network was wrong."""
    asked = np.array([flag is not None for flag in found["reached"]])
    slow = np.full(len(asked), np.nan)
    slow[asked] = _seconds(found)
    return slow, np.where(asked, found["quick"], np.nan)


def _verdicts(found: list[dict[str, Any]]) -> list[Verdict]:
    def cells(what: str) -> Cells:
        return np.array([each[what] for each in found], float)

    success, like, noise = cells("reached"), cells("like"), cells("noise")
    slow, quick = (np.array(each) for each in zip(*map(_times, found), strict=True))
    slower = ratio(slow, quick)
    told = f"L-BFGS {percent(share(success))} %"
    longer = f"L-BFGS takes {number(slower, 0)} times the CPU time of FGSM"
    is_slow = above(slower, 10)
    return [
        Verdict("4-02", "L-BFGS turns practically every image (above 95 %)", told, above(share(success), 0.95)),
        Verdict("4-02", "it is slow", longer, is_slow),
        Verdict(
            "4-02", "smoothness fails at small radius: noise of the same size does not turn the verdict",
            f"{told}, noise {percent(share(noise))} %", above(difference(success, noise)),
        ),
        Verdict(
            "4-06", "FGSM is fastest, with lower success at equal norm",
            f"{told}, FGSM {percent(share(like))} %; {longer}", together([above(difference(success, like)), is_slow]),
        ),
    ]  # fmt: skip
