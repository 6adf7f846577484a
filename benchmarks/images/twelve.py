"""An ensemble of twelve maxout networks, attacked jointly and through one member (row 4-09)."""

from __future__ import annotations

from typing import Any

from images.measures import by_fgsm, error, mistaken
from images.nets import EPS, Study
from images.telling import Row, Section, Verdict, above, over_seeds, paired, rate
from turncoat.intervals import proportion
from turncoat.models.images import Ensemble

LITTLE = 0.1  # an ensemble helps little if FGSM's error falls by less


def twelve(study: Study) -> Section:
    """The whole part."""
    sizes = study.sizes
    members = [study.maxout("clean", seed) for seed in range(sizes.members)]
    ensemble, x, y = Ensemble(members).eval(), study.digits.x, study.digits.y
    alone = [
        study.shelf.table(
            f"ensemble/alone-{i}",
            lambda m=member: {"clean": mistaken(m, x, y), "fgsm": mistaken(m, by_fgsm(m, x, y, EPS), y)},
        )
        for i, member in enumerate(members)
    ]
    jointly = study.shelf.table(
        "ensemble/jointly",
        lambda: {
            "clean": mistaken(ensemble, x, y),
            "fgsm": mistaken(ensemble, by_fgsm(ensemble, x, y, EPS), y),
        },
    )
    through = [
        study.shelf.table(f"ensemble/through-{i}", lambda m=members[i]: mistaken(ensemble, by_fgsm(m, x, y, EPS), y))
        for i in range(sizes.attacked_members)
    ]
    singles = [error(each["fgsm"]) for each in alone]
    mean = sum(singles) / len(singles)
    least, one_by_one = mean - LITTLE, [error(each) for each in through]
    rows = [
        _row(
            "one network, by itself", over_seeds([error(each["clean"]) for each in alone]), over_seeds(singles), "89.4"
        ),
        _row("ensemble, jointly", _rate(jointly["clean"]), _rate(jointly["fgsm"]), "91.1"),
        _row("ensemble, through one member", _rate(jointly["clean"]), over_seeds(one_by_one), "87.9"),
    ]
    return Section(
        f"An ensemble of {sizes.members} networks",
        "Maxout networks that differ in their seeds alone; the ensemble gives the mean of their probabilities. FGSM, "
        f"ε = {EPS}, on {len(y):,} test images; through {sizes.attacked_members} members, one after the other.",
        {"ensemble under FGSM": rows},
        [
            Verdict(
                "4-09", f"an ensemble helps little (FGSM error falls by less than {100 * LITTLE:.0f} points)",
                f"one network {100 * mean:.1f} %; ensemble jointly {_rate(jointly['fgsm'])} %",
                above(proportion(jointly["fgsm"]["wrong"], jointly["fgsm"]["n"]), least),
            ),
            Verdict(
                "4-09", "nor does it if the attacker knows one member alone",
                f"one network {100 * mean:.1f} %; ensemble through one member {over_seeds(one_by_one)} %",
                [paired(one_by_one, [least] * len(one_by_one))],
            ),
        ],
    )  # fmt: skip


def _rate(found: dict[str, Any]) -> str:
    return rate(found["wrong"], found["n"])


def _row(what: str, clean: str, fgsm: str, paper: str) -> Row:
    return {"attacked": what, "clean error": clean, "FGSM error": fgsm, "paper": paper}
