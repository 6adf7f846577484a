"""The L-BFGS attack against what can be worked out for linear models, and on a small net."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from tiny_networks import TwoClasses, inputs, smooth_network
from turncoat.continuous.lbfgs import PenaltySearch, lbfgs, minimise
from turncoat.continuous.sizes import l2
from turncoat.continuous.slopes import verdicts
from turncoat.errors import UsageError

W, B = [2.0, -1.0, 0.5, 1.0], -2.0
LINEAR = TwoClasses(W, B)
MIDDLE = torch.full((1, 4), 0.5, dtype=torch.float64)  # wᵀx + b = -0.75
TARGET = torch.tensor([1])
DISTANCE = 0.75 / 2.5  # to the plane: |wᵀx + b| / ‖w‖, with ‖w‖² = 4 + 1 + .25 + 1


@pytest.mark.parametrize("penalty", ["l2", "squared_l2"])
def test_a_linear_model_is_turned_at_its_plane(penalty: str) -> None:
    found = lbfgs(LINEAR, MIDDLE, TARGET, PenaltySearch(penalty=penalty))  # type: ignore[arg-type]
    eta = found.x - MIDDLE
    assert found.reached.tolist() == [True]
    assert verdicts(LINEAR, found.x).tolist() == [1]
    assert l2(eta).item() == pytest.approx(DISTANCE, rel=0.01)
    assert l2(eta).item() >= DISTANCE
    torch.testing.assert_close(eta / l2(eta), LINEAR.w.detach()[None] / 2.5, rtol=1e-3, atol=1e-3)
    assert found.gradients.item() > 11


def test_the_largest_c_that_succeeds_is_found() -> None:
    """On the line x + t w/‖w‖ the minimum of c t + softplus(-z) has σ(-z) = c/‖w‖, and z > 0 iff c < ‖w‖/2 = 1.25."""
    found = lbfgs(LINEAR, MIDDLE, TARGET)
    assert 1.24 < found.c.item() < 1.25
    few = lbfgs(LINEAR, MIDDLE, TARGET, PenaltySearch(bisections=0))
    assert few.c.item() == pytest.approx(1.0)  # 0.01, 0.1 and 1 succeed, 10 fails
    late = lbfgs(LINEAR, MIDDLE, TARGET, PenaltySearch(first=40.0, bisections=0))
    assert late.c.item() == pytest.approx(0.4)  # 40 and 4 fail


@pytest.mark.parametrize("penalty", ["l2", "squared_l2"])
@pytest.mark.parametrize("network", [LINEAR, smooth_network(4, 3)])
def test_the_perturbation_shrinks_as_c_grows(network: torch.nn.Module, penalty: str) -> None:
    target = (verdicts(network, MIDDLE) + 1) % 2
    sizes = [
        (minimise(network, MIDDLE[0], target, c, PenaltySearch(penalty=penalty))[0] - MIDDLE[0]).norm().item()  # type: ignore[arg-type]
        for c in (1e-3, 1e-2, 0.1, 0.3, 1.0, 3.0, 100.0)
    ]
    assert all(larger >= smaller - 1e-6 for larger, smaller in pairwise(sizes))
    assert sizes[0] > sizes[-1] + 0.1


def test_the_box_is_respected_and_binds() -> None:
    """Near a wall the way along w is barred: with x₀ at 1, only the others can move, and the detour is known.

    wᵀx + b = 2·1 - 1·x₁ + .5·x₂ + 1·x₃ - 4; from x = (1, .5, .5, .5) that is -1.75 short of 0, and at most
    .5 + .25 + .5 = 1.25 can be gained inside the box: no success. With b = -3 it is .75 short; without x₀ the norm is
    1.5, so 0.5 is the distance, component by component at most 1/3: inside the box.
    """
    x = torch.tensor([[1.0, 0.5, 0.5, 0.5]], dtype=torch.float64)
    barred = lbfgs(TwoClasses(W, -4.0), x, TARGET)
    assert barred.reached.tolist() == [False]
    assert barred.c.tolist() == [0]
    assert torch.equal(barred.x, x)
    found = lbfgs(TwoClasses(W, -3.0), x, TARGET)
    assert found.reached.tolist() == [True]
    assert l2(found.x - x).item() == pytest.approx(0.5, rel=0.01)
    assert found.x[0, 0].item() == 1
    assert found.x.min() >= 0
    assert found.x.max() <= 1


def test_a_small_net_reaches_every_target_image_by_image() -> None:
    model, x = smooth_network(6, 3), inputs(4, 2, 3)
    targets = model(x).argsort(1)[:, 1]
    found = lbfgs(model, x, targets)
    assert found.x.shape == x.shape
    assert torch.equal(verdicts(model, found.x), targets)
    assert found.reached.all()
    assert found.x.min() >= 0
    assert found.x.max() <= 1
    alone = lbfgs(model, x[2:3], targets[2:3])
    assert torch.equal(alone.x[0], found.x[2])
    assert alone.gradients[0] == found.gradients[2]


def test_pictures_in_32_bits_stay_in_32_bits() -> None:
    model = smooth_network(6, 3).float()
    x = inputs(2, 6).float()
    targets = model(x).argsort(1)[:, 1]
    found = lbfgs(model, x, targets)
    assert found.x.dtype == torch.float32
    assert found.reached.all()
    assert torch.equal(verdicts(model, found.x), targets)


def test_what_cannot_work_is_refused() -> None:
    with pytest.raises(UsageError, match=r"targets other than the verdicts, got the same for rows \[0\]"):
        lbfgs(LINEAR, MIDDLE, torch.tensor([0]))
    with pytest.raises(UsageError, match="inputs within"):
        lbfgs(LINEAR, MIDDLE * 3, TARGET)
    with pytest.raises(UsageError, match="penalty to be one of l2, squared_l2, got 'l1'"):
        PenaltySearch(penalty="l1")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="first above 0"):
        PenaltySearch(first=0)


def test_no_images_are_no_trouble() -> None:
    found = lbfgs(LINEAR, MIDDLE[:0], TARGET[:0])
    assert found.x.shape == (0, 4)
    assert found.reached.shape == (0,)
