"""Whose L-BFGS examples mislead whom: across hyper-parameters and across disjoint training sets (row 4-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np
import torch
from torch import Tensor, nn

from images.minimal import examples
from images.nets import HALVES, SZEGEDY, Study
from images.resampling import METHOD, Cells, Flags, counted, difference, flags, share
from images.telling import Row, Section, Verdict, above, rate
from study import percent
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
Pair = tuple[str, str]  # whom the examples were made for, and who is asked
Found = Mapping[str, Mapping[str, Flags]]  # mistakes, by what was done to the images, and by the network asked


def transfer(study: Study) -> Section:
    """The whole part."""
    hyper = study.shelf.table("transfer/hyper", lambda: _matrix(study, {n: study.szegedy(n) for n in SZEGEDY}))
    halves = study.shelf.table("transfer/halves", lambda: _matrix(study, {n: study.half(n) for n in HALVES}))
    return Section(
        "Transfer of L-BFGS examples",
        "Row: the network that the examples were made for (its successes, l2 norm); then amplified to a standard "
        f"deviation of {STRONG} (not clipped); then Gaussian noise of each example's size in their stead. Column: the "
        "network that is asked. Error in percent with Wilson's interval; in [] the paper's, where it is confirmed. "
        f"Of the verdicts: {METHOD}; draws without a pair of networks to compare are left out.",
        {
            "lbfgs_transfer across hyper-parameters": _rows(hyper, [*SZEGEDY], HYPER_PUBLISHED),
            "lbfgs_halves across disjoint training sets": _rows(halves, HALVES, HALVES_PUBLISHED),
        },
        [_verdict("across hyper-parameters", hyper, [*SZEGEDY]), *_of_halves(halves)],
    )


def _matrix(study: Study, networks: Mapping[str, nn.Module]) -> Found:
    n = study.sizes.lbfgs_images
    kinds: dict[str, tuple[Tensor, Tensor]] = {}  # rows of the test images, and what became of these
    generator = torch.Generator().manual_seed(2)
    for name, network in networks.items():
        made = examples(study, name, network)
        rows = made["rows"][made["reached"]]
        x = study.digits.x[rows]
        eta = made["x"][made["reached"]] - x
        kinds[name] = rows, x + eta
        kinds[f"{name}, std {STRONG}"] = rows, x + amplified(eta, STRONG)
        like = amplified(gaussian(x, 1.0, generator), 1.0) * distortion(eta)[:, None]
        kinds[f"{name}, noise as large"] = rows, x + like
    x = study.digits.x[:n]
    rows = torch.arange(len(x))
    kinds["no perturbation"] = rows, x
    for std in (STRONG, 0.3):
        kinds[f"noise, std {std}"] = rows, x + gaussian(x, std, generator)
    return {
        kind: {
            asked: flags(n, rows, judge(network, x).classes != study.digits.y[rows])
            for asked, network in networks.items()
        }
        for kind, (rows, x) in kinds.items()
    }


def _rows(found: Found, names: Sequence[str], published: Mapping[Pair, str]) -> list[Row]:
    def cell(kind: str, name: str) -> str:
        paper = published.get((kind, name))
        return rate(*counted(found[kind][name]), 1) + (f" [{paper}]" if paper else "")

    return [{"made for": kind, **{name: cell(kind, name) for name in names}} for kind in found]


def _cells(found: Found, pairs: Sequence[Pair], suffix: str = "") -> Cells:
    """Mistakes (makers, networks asked, images) on what was made for each maker; nan but for these pairs."""
    return _stacked({(maker, asked): found[f"{maker}{suffix}"][asked] for maker, asked in pairs})


def _stacked(of: Mapping[Pair, Flags]) -> Cells:
    names = list(dict.fromkeys(name for pair in of for name in pair))
    cells = np.full((len(names), len(names), len(next(iter(of.values())))), np.nan)
    for (maker, asked), each in of.items():
        cells[names.index(maker), names.index(asked)] = np.array(each, float)
    return cells


def _compared(claim: str, found: Found, pairs: Sequence[Pair]) -> Verdict:
    moved, noise = _cells(found, pairs), _cells(found, pairs, ", noise as large")
    measured = f"other networks err on {percent(share(moved))} %, on noise of the same size {percent(share(noise))} %"
    return _more(claim, measured, moved, noise)


def _more(claim: str, measured: str, moved: Cells, noise: Cells) -> Verdict:
    more = difference(moved, noise)
    return Verdict("4-03", claim, f"{measured}; by {percent(more)} points", above(more))


def _verdict(across: str, found: Found, names: Sequence[str]) -> Verdict:
    return _compared(f"examples transfer {across}", found, list(permutations(names, 2)))


def _of_halves(found: Found) -> list[Verdict]:
    first, second = HALVES[:2], HALVES[2]
    pairs = [pair for one in first for pair in ((one, second), (second, one))]
    strong = _cells(found, pairs, f", std {STRONG}")
    plain = _stacked({(maker, asked): found[f"noise, std {STRONG}"][asked] for maker, asked in pairs})
    return [
        _compared("examples transfer across disjoint training sets", found, pairs),
        _more(
            f"amplified to std {STRONG} they mislead across disjoint training sets more than noise of that std",
            f"amplified {percent(share(strong))} %, noise {percent(share(plain))} %", strong, plain,
        ),
    ]  # fmt: skip
