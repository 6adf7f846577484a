"""How the study of images comes to its verdicts: paired tests, Holm, the bootstrap over networks, leaking labels."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from turncoat.intervals import SEED, Interval, proportion

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(BENCHMARKS)
    from images import fast_gradient, linearity, minimal, resampling, sizes, smoothing, telling

    return SimpleNamespace(
        fast_gradient=fast_gradient, linearity=linearity, minimal=minimal, resampling=resampling, sizes=sizes,
        smoothing=smoothing, telling=telling,
    )  # fmt: skip


def test_a_paired_test_by_hand(study: SimpleNamespace) -> None:
    """Differences 2, 3 and 1 %: mean 2, deviation 1, t = 2 √3; with two degrees of freedom p = 1 - t / √(t² + 2)."""
    found = study.telling.paired([0.03, 0.05, 0.04], [0.01, 0.02, 0.03])
    half = 4.302653 * 0.01 / math.sqrt(3)
    assert (found.mean, found.low, found.high) == pytest.approx((0.02, 0.02 - half, 0.02 + half))
    assert found.p == pytest.approx(1 - math.sqrt(12 / 14))
    assert str(found) == "+2.00 points (-0.48 to +4.48; 3 seeds)"


@pytest.mark.parametrize(
    ("first", "second", "p", "verdict"),
    [
        ([0.75, 0.5], [0.5, 0.25], 0, "confirmed"),  # equal differences: no spread
        ([0.5, 0.25], [0.75, 0.5], 0, "refuted"),
        ([1.0, 1.0], [1.0, 1.0], 1, "refuted"),  # no gain with any seed
        ([0.5], [0.25], 1, "undecided"),
    ],
)
def test_without_spread(
    study: SimpleNamespace, first: list[float], second: list[float], p: float, verdict: str
) -> None:
    found = study.telling.paired(first, second)
    assert found.p == p
    assert found.shows(found.p) == verdict


def test_holm_over_a_section_and_a_test_told_twice_counts_once(study: SimpleNamespace) -> None:
    """p = 0.01, 0.03, 0.04 become 0.03, 0.06, 0.06."""
    paired, verdict = study.telling.Paired, study.telling.Verdict
    one, two, three = (paired(mean, -1.0, 1.0, 3, p) for mean, p in ((0.1, 0.01), (-0.1, 0.04), (0.1, 0.03)))
    verdicts = [
        verdict("1", "a", "", [one]), verdict("2", "b", "", [two]), verdict("3", "a again", "", [one]),
        verdict("4", "a and c", "", [one, three]), verdict("5", "of a share", "", "confirmed"),
    ]  # fmt: skip
    told = study.telling.Section("", "", {}, verdicts).told()
    assert [row["p (Holm)"] for row in told] == ["0.03", "0.06", "0.03", "0.03 and 0.06", "-"]
    assert [row["verdict"] for row in told] == ["confirmed", "undecided", "confirmed", "undecided", "confirmed"]
    assert two.shows(0.01) == "refuted"
    alone = study.telling.Section("", "", {}, [verdict("2", "b", "", [two])]).told()
    assert alone[0]["verdict"] == "refuted"  # 0.04, corrected for itself


def test_above_and_together(study: SimpleNamespace) -> None:
    above, together = study.telling.above, study.telling.together
    assert above(Interval(0.5, 0.4, 0.6, ""), 0.3) == "confirmed"
    assert above(Interval(0.5, 0.4, 0.6, ""), 0.7) == "refuted"
    assert above(Interval(0.1, -0.1, 0.3, "")) == "undecided"
    assert above(None) == above(Interval(0.5, None, None, "")) == "not tested"
    below = study.telling.below
    assert [below(Interval(0.5, 0.4, 0.6, ""), most) for most in (0.7, 0.5, 0.3)] == [
        "confirmed",
        "undecided",
        "refuted",
    ]
    assert below(None, 1) == "not tested"
    assert together(["confirmed", "confirmed"]) == "confirmed"
    assert together(["confirmed", "undecided"]) == "undecided"
    assert together(["undecided", "not tested"]) == "not tested"
    assert together(["not tested", "refuted"]) == "refuted"


def test_orders_compare_the_worse_with_the_better(study: SimpleNamespace) -> None:
    errors = {"virtual": [0.1, 0.1], "adversarial": [0.3, 0.3], "random": [0.2, 0.2], "plain": [0.4, 0.4]}
    found = study.smoothing.orders("here", errors)
    assert [verdict.claim for verdict in found] == [
        "here: error of virtual below that of adversarial",
        "here: error of adversarial below that of random",
        "here: error of random below that of plain",
        "here: error of virtual below that of plain",
    ]
    assert [verdict.found[0].mean for verdict in found] == pytest.approx([0.2, -0.1, 0.2, 0.3])
    assert [verdict.found[0].shows(0.01) for verdict in found] == ["confirmed", "refuted", "confirmed", "confirmed"]


def test_with_few_labels_every_control_sees_what_is_compared_with_it(study: SimpleNamespace) -> None:
    links = study.smoothing.FEW_LINKS
    assert ("adversarial", "random, labelled") in links
    assert ("virtual", "random") in links
    assert ("adversarial", "random") not in links


def test_the_settled_statistics_are_those_of_the_images(study: SimpleNamespace) -> None:
    torch.manual_seed(0)
    network, images = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), torch.rand(20, 3)
    study.smoothing._settled(images, 0)(network)
    torch.testing.assert_close(network[1].running_mean, network[0](images).mean(0).detach())
    assert not network.training


def test_flags_keep_which_images_were_asked_about(study: SimpleNamespace) -> None:
    found = study.resampling.flags(4, torch.tensor([0, 2, 3]), torch.tensor([True, False, True]))
    assert found == [1, None, 0, 1]
    assert study.resampling.counted(found) == (2, 3)


def test_networks_that_differ_widen_the_interval_however_many_images(study: SimpleNamespace) -> None:
    """Two networks, one always wrong, one never: a draw has 0, 1 or 2 of the first, with chances 1/4, 1/2, 1/4."""
    found = study.resampling.share(np.array([[1.0] * 100, [0.0] * 100]))
    assert (found.estimate, found.low, found.high) == (0.5, 0, 1)


def test_images_that_differ_widen_it_however_many_networks(study: SimpleNamespace) -> None:
    found = study.resampling.share(np.array([[1.0, 0.0]] * 100))
    assert (found.estimate, found.low, found.high) == (0.5, 0, 1)


def test_pairs_are_of_different_networks(study: SimpleNamespace) -> None:
    """Of two networks, the draws that have both have both pairs; those with one of them alone have none."""
    nan = np.nan
    found = study.resampling.share(np.array([[[nan, nan], [1.0, 1.0]], [[0.0, 0.0], [nan, nan]]]))
    assert (found.estimate, found.low, found.high) == (0.5, 0.5, 0.5)


def test_draws_are_what_resampling_row_by_row_gives(study: SimpleNamespace) -> None:
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 2, (4, 4, 7)).astype(float)
    cells[rng.random(cells.shape) < 0.2] = np.nan
    cells[np.arange(4), np.arange(4)] = np.nan
    drawn = np.random.default_rng(SEED)
    networks, images = (drawn.multinomial(n, [1 / n] * n, study.resampling.DRAWS) for n in (4, 7))
    for mean, times, seen in list(zip(study.resampling._means(cells), networks, images, strict=True))[:50]:
        one, two = np.repeat(np.arange(4), times), np.repeat(np.arange(7), seen)
        drawn_cells = cells[np.ix_(one, one, two)]
        known = drawn_cells[~np.isnan(drawn_cells)]
        assert mean == pytest.approx(known.mean() if len(known) else np.nan, nan_ok=True)


def test_a_difference_is_taken_draw_by_draw(study: SimpleNamespace) -> None:
    noise = np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
    moved = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    found = study.resampling.difference(moved, noise)
    assert found.estimate == pytest.approx(1 - 3 / 8)
    assert 0 <= found.low < found.estimate < found.high == 1
    same = study.resampling.difference(noise, noise)
    assert (same.estimate, same.low, same.high) == (0, 0, 0)


def test_a_ratio_is_taken_draw_by_draw(study: SimpleNamespace) -> None:
    """Two networks take 10 and 30 times as long: draws of one of them alone, a quarter each, are the ends."""
    quick = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, np.nan]])
    found = study.resampling.ratio(quick * [[10.0], [30.0]], quick)
    assert (found.estimate, found.low, found.high) == (18, 10, 30)
    same = study.resampling.ratio(5 * quick, quick)
    assert (same.estimate, same.low, same.high) == (5, 5, 5)
    assert study.resampling.ratio(quick, np.nan * quick) is None


def test_an_image_s_time_is_its_share_of_the_passes(study: SimpleNamespace) -> None:
    found = {"reached": [1, None, 0], "gradients": [100, 300], "slow": 2.0, "quick": 0.5}
    slow, quick = study.minimal._times(found)
    np.testing.assert_array_equal(slow, [1, np.nan, 3])
    np.testing.assert_array_equal(quick, [0.5, np.nan, 0.5])


def test_shifts_are_compared_image_by_image(study: SimpleNamespace) -> None:
    """Twenty images at m = 1 and 4: each shifts further by 1, though they differ by 19 among each other."""
    steps, shifts = study.linearity.STEPS, np.arange(20.0)
    linear = study.linearity._by_step({"norms": [3.0] * 20, "measured": np.outer(steps, [3.0 * 0.9] * 20)})
    sizes = [{"m": 1, "shifts": shifts}, {"m": 4, "shifts": shifts + 1}]
    near, further = study.linearity._verdicts(linear, sizes)
    assert (near.measured, near.found) == ("0.90 (0.90 to 0.90) of it (median over images)", "confirmed")
    assert "m = 1: 9.50 (" in further.measured
    assert "the same image shifts further by 1.00 (1.00 to 1.00)" in further.measured
    assert further.found == "confirmed"
    bent, back = study.linearity._verdicts(linear * [[1], [0.8]], sizes[::-1])
    assert (bent.found, back.found) == ("refuted", "refuted")


def test_the_page_says_what_was_not_run(study: SimpleNamespace) -> None:
    told = study.fast_gradient._not_run(study.sizes.SMALL)
    for part in ("not run (processor time)", "1,600 units", "early stopping", "retraining on all 60,000 images"):
        assert part in told
    assert study.fast_gradient._not_run(study.sizes.FULL) == ""


def test_where_all_are_alike_the_images_alone_count(study: SimpleNamespace) -> None:
    cells = np.ones((5, 20))
    cells[:, 12:] = np.nan
    assert study.resampling.share(cells) == proportion(12, 12)
    assert study.resampling.share(0 * cells) == proportion(0, 12)


def test_without_images_nothing_is_told(study: SimpleNamespace) -> None:
    none = np.full((2, 2, 3), np.nan)
    assert study.resampling.share(none) is None
    assert study.resampling.difference(np.ones((2, 2, 3)), none) is None


class Wave(nn.Module):
    """sin(2π x / 0.3): it hides its slope from steps that are as long as most of a wave."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(x)


def wave() -> Any:
    linear = nn.Linear(1, 2, bias=False)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[2 * math.pi / 0.3], [0.0]]))
    return nn.Sequential(linear, Wave()).eval()


def test_a_network_that_leaks_labels_is_found_out_by_smaller_steps(study: SimpleNamespace) -> None:
    """At x = 0.01 the class is 0, and the slope leads down: 0.01 - ε lies in the trough up to ε = 0.16, then above 0.

    FGSM for the label 1 goes up: 0.26 lies in a trough, so the answer is that very label.
    """
    network, x, y = wave(), torch.full((6, 1), 0.01), torch.zeros(6, dtype=torch.long)
    found = study.fast_gradient._by_size(network, x, y)
    assert list(found["by size"].values()) == [6, 6, 6, 0, 0]
    assert found["worst"] == {"wrong": 6, "n": 6}
    assert study.fast_gradient._leak(network, x, y) == {"wrong": 6, "n": 6}


def test_a_linear_network_leaks_nothing(study: SimpleNamespace) -> None:
    network = nn.Sequential(nn.Linear(2, 2, bias=False))
    with torch.no_grad():
        network[0].weight.copy_(torch.eye(2))
    x, y = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.4]]), torch.tensor([0, 1, 0])
    assert study.fast_gradient._leak(network, x, y) == {"wrong": 0, "n": 3}
    assert list(study.fast_gradient._by_size(network, x, y)["by size"].values()) == [0, 0, 1, 1, 1]
