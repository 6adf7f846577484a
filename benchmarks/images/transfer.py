"""Whose L-BFGS examples mislead whom: across hyper-parameters and across disjoint training sets (row 4-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from images.minimal import examples
from images.nets import HALVES, SZEGEDY, Study
from images.telling import Row, Section, Verdict, apart, rate
from turncoat.continuous.measuring import judge
from turncoat.continuous.noise import amplified, gaussian
from turncoat.continuous.sizes import distortion

STRONG = 0.1
HYPER_PUBLISHED = {  # made for: asked, for the three columns of which the numbers are confirmed
    ("FC10(1e-4)", "FC100-100-10"): "2", ("FC10(1e-4)", "AE400-10"): "2.7", ("FC10(1e-2)", "FC10(1e-4)"): "87.1",
    ("FC10(1e-2)", "FC100-100-10"): "35.9", ("FC10(1e-2)", "AE400-10"): "9.8", ("FC10(1)", "FC10(1e-4)"): "71.9",
    ("FC10(1)", "FC100-100-10"): "48.1", ("FC10(1)", "AE400-10"): "34.4", ("FC100-100-10", "FC10(1e-4)"): "28.9",
    ("FC100-100-10", "AE400-10"): "2", ("FC200-200-10", "FC10(1e-4)"): "38.2",
    ("FC200-200-10", "FC100-100-10"): "20.3", ("FC200-200-10", "AE400-10"): "2.7",
}  # fmt: skip
HALVES_PUBLISHED = {(HALVES[0], HALVES[1]): "26.2", (HALVES[0], HALVES[2]): "5.9",
                    (f"{HALVES[0]}, std 0.1", HALVES[1]): "98", (f"{HALVES[0]}, std 0.1", HALVES[2]): "43"}  # fmt: skip
Counts = Sequence[int]


def transfer(study: Study) -> Section:
    """The whole part."""
    hyper = study.shelf.table("transfer/hyper", lambda: _matrix(study, {n: study.szegedy(n) for n in SZEGEDY}))
    halves = study.shelf.table("transfer/halves", lambda: _matrix(study, {n: study.half(n) for n in HALVES}))
    return Section(
        "Transfer of L-BFGS examples",
        "Row: the network that the examples were made for (its successes, l2 norm); then amplified to a standard "
        f"deviation of {STRONG} (not clipped); then Gaussian noise of each example's size in their stead. Column: the "
        "network that is asked. Error in percent with Wilson's interval; in [] the paper's, where it is confirmed.",
        {
            "lbfgs_transfer across hyper-parameters": _rows(hyper, [*SZEGEDY], HYPER_PUBLISHED),
            "lbfgs_halves across disjoint training sets": _rows(halves, HALVES, HALVES_PUBLISHED),
        },
        [_verdict("across hyper-parameters", hyper, [*SZEGEDY]), *_of_halves(halves)],
    )


def _matrix(study: Study, networks: Mapping[str, nn.Module]) -> dict[str, dict[str, Counts]]:
    """Mistakes and their number: by what was done to the images, and by the network asked."""
    kinds: dict[str, tuple[Tensor, Tensor]] = {}
    generator = torch.Generator().manual_seed(2)
    for name, network in networks.items():
        made = examples(study, name, network)
        rows = made["rows"][made["reached"]]
        x, y = study.digits.x[rows], study.digits.y[rows]
        eta = made["x"][made["reached"]] - x
        kinds[name] = x + eta, y
        kinds[f"{name}, std {STRONG}"] = x + amplified(eta, STRONG), y
        like = amplified(gaussian(x, 1.0, generator), 1.0) * distortion(eta)[:, None]
        kinds[f"{name}, noise as large"] = x + like, y
    x, y = (each[: study.sizes.lbfgs_images] for each in (study.digits.x, study.digits.y))
    kinds["no perturbation"] = x, y
    for std in (0.1, 0.3):
        kinds[f"noise, std {std}"] = x + gaussian(x, std, generator), y
    return {
        kind: {asked: (int((judge(network, x).classes != y).sum()), len(y)) for asked, network in networks.items()}
        for kind, (x, y) in kinds.items()
    }


def _rows(found: Mapping[str, Any], names: Sequence[str], published: Mapping[tuple[str, str], str]) -> list[Row]:
    def cell(kind: str, name: str) -> str:
        paper = published.get((kind, name))
        return rate(*found[kind][name], 1) + (f" [{paper}]" if paper else "")

    return [{"made for": kind, **{name: cell(kind, name) for name in names}} for kind in found]


def _others(found: Mapping[str, Any], pairs: Sequence[tuple[str, str]], suffix: str = "") -> tuple[int, int]:
    """Mistakes over several cells, and their number."""
    cells = [found[f"{maker}{suffix}"][asked] for maker, asked in pairs]
    return sum(cell[0] for cell in cells), sum(cell[1] for cell in cells)


def _compared(claim: str, found: Mapping[str, Any], pairs: Sequence[tuple[str, str]]) -> Verdict:
    moved, noise = _others(found, pairs), _others(found, pairs, ", noise as large")
    measured = f"other networks err on {rate(*moved, 1)} %, on noise of the same size {rate(*noise, 1)} %"
    return Verdict("4-03", claim, measured, apart(moved, noise))


def _verdict(across: str, found: Mapping[str, Any], names: Sequence[str]) -> Verdict:
    pairs = [(maker, asked) for maker in names for asked in names if maker != asked]
    return _compared(f"examples transfer {across}", found, pairs)


def _of_halves(found: Mapping[str, Any]) -> list[Verdict]:
    first, second = HALVES[:2], HALVES[2]
    pairs = [pair for one in first for pair in ((one, second), (second, one))]
    strong = _others(found, pairs, f", std {STRONG}")
    plain = _others(found, [("noise, std 0.1", asked) for asked in HALVES])
    return [
        _compared("examples transfer across disjoint training sets", found, pairs),
        Verdict(
            "4-03", f"amplified to std {STRONG} they mislead across disjoint training sets more than noise of that std",
            f"amplified {rate(*strong, 1)} %, noise {rate(*plain, 1)} %", apart(strong, plain),
        ),
    ]  # fmt: skip
