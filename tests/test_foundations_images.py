"""The study of the foundations on images: all of it on a handful of small images, stopped and gone on with."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from turncoat.data.mnist import Images
from turncoat.models.images import Dense, Maxout
from turncoat.training.image_plan import Plan

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")
QUICK = Plan(epochs=3, batch=20, momentum=0.9)
ADAM = Plan(epochs=3, batch=20, method="adam", rate=1e-2)


def blobs(n: int, seed: int) -> Images:
    """Ten kinds of images of 28 x 28 pixels: a bright square at a place of its own, and noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 10
    pixels = 0.3 * rng.random((n, 28, 28))
    for image, label in zip(pixels, labels, strict=True):
        row, column = divmod(int(label), 4)
        image[9 * row : 9 * row + 6, 7 * column : 7 * column + 6] += 0.5
    return Images(f"blobs/{seed}", pixels.astype(np.float32), labels.astype(np.int64))


@pytest.fixture
def foundations(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The study as a module."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import foundations_images

    return foundations_images


def tiny(foundations):  # type: ignore[no-untyped-def]
    return replace(
        foundations.SMALL,
        train=120, held_out=20, test=40, seeds=2, maxout=Maxout(units=(6, 5), pieces=2, spread=0.05),
        maxout_plan=QUICK, softmax_plan=QUICK, pgd_images=20, pgd_steps=2, members=2, attacked_members=1,
        lbfgs_images=2, sigmoid_plan=ADAM, encoding_plan=replace(ADAM, epochs=1), supervised_rows=60,
        supervised=Dense(widths=(784, 8, 7, 6, 5, 10), normalised=True), supervised_plan=ADAM,
        semi=Dense(widths=(784, 8, 10), normalised=True), semi_plan=replace(ADAM, steps=2, unlabelled=20),
        vat_seeds=2, lds_images=20, plane_seeds=2, plane_plan=Plan(epochs=5, batch=16, rate=0.1),
    )  # fmt: skip


def test_the_whole_study_ends_and_goes_on_where_it_stood(foundations, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    sizes = tiny(foundations)
    data = foundations.digits(sizes, blobs(120, 0), blobs(40, 1))
    runs, out = tmp_path / "runs", tmp_path / "out"
    foundations.conduct(sizes, data, runs, out, ["planes"])
    assert "Not run yet: fgsm, lbfgs" in (out / "README.md").read_text()
    foundations.conduct(sizes, data, runs, out, list(foundations.PARTS))
    page = (out / "README.md").read_text()
    assert "Not run yet" not in page
    for row in ("4-02", "4-03", "4-04", "4-06", "4-08", "4-09", "4-14", "4-15", "4-17"):
        assert f"| {row} |" in page
    assert {"fgsm.csv", "lbfgs_transfer.csv", "adversarial_image.png", "linearity.svg"} < {
        p.name for p in out.iterdir()
    }
    verdicts = [line.split(" | ") for line in page.splitlines() if line.startswith("| 4-")]
    assert {verdict[-1].strip(" |") for verdict in verdicts} <= {"confirmed", "refuted", "undecided", "not tested"}
    assert "2 seeds are few: the specification asks for five" in page
    assert "| random, labelled |" in (out / "vat.md").read_text()
    assert {"worst of five sizes", "answers the label that the perturbation was made for"} < set(
        next(csv.reader((out / "fgsm.csv").open(encoding="utf-8")))
    )
    settled = load_file(runs / "networks" / "vat-adversarial-0" / "model.safetensors")
    assert {int(tensor) for name, tensor in settled.items() if name.endswith("num_batches_tracked")} == {1}
    made = {path: path.stat().st_mtime_ns for path in runs.rglob("*") if path.suffix in (".safetensors", ".toml")}
    costs = (runs / "costs.csv").read_text()
    foundations.conduct(sizes, data, runs, out, ["lbfgs", "fgsm"])
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert (runs / "costs.csv").read_text() == costs
    with pytest.raises(SystemExit, match="a study of other sizes"):
        foundations.conduct(replace(sizes, seeds=3), data, runs, out, ["planes"])
