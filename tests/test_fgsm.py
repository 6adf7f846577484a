"""One-step and many-step perturbations of inputs: the survey's example, exact worst cases, boxes and balls."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, softplus

from tiny_networks import TwoClasses, inputs, seeded, smooth_network
from turncoat.continuous.fgsm import fgsm
from turncoat.continuous.linear import SURVEY_EXAMPLE, largest_shift
from turncoat.continuous.measuring import compare, judge, mistakes
from turncoat.continuous.noise import amplified, gaussian, in_ball, on_sphere, signs, uniform
from turncoat.continuous.pgd import pgd
from turncoat.continuous.sizes import PIXELS, distortion, l2, linf, unit
from turncoat.continuous.slopes import losses, verdicts
from turncoat.errors import UsageError

LABELS = torch.tensor([0, 1, 2, 0, 1])


def test_the_survey_s_example_goes_from_5_to_88_percent() -> None:
    before, after = SURVEY_EXAMPLE.probabilities()
    assert round(100 * before, 2) == 4.74
    assert round(100 * after, 2) == 88.08


def test_fgsm_finds_the_survey_s_example() -> None:
    model = TwoClasses(list(map(float, SURVEY_EXAMPLE.w)), 0.0)
    x = torch.tensor([SURVEY_EXAMPLE.x], dtype=torch.float64)
    found = fgsm(model, x, torch.tensor([0]), eps=0.5)
    assert torch.equal(found - x, 0.5 * model.w[None])  # w has only 1 and -1
    assert model(found)[0, 1].item() == 2


def test_fgsm_is_the_exact_worst_case_of_logistic_regression() -> None:
    """Goodfellow et al. 2015, section 5: softplus(ε‖w‖₁ - y(wᵀx + b)), of which the paper prints the case y = 1."""
    model, x, labels = TwoClasses([0.7, -2.0, 0.0, 1.1], -0.3), inputs(6, 4), torch.tensor([0, 1, 1, 0, 1, 0])
    y = 2.0 * labels - 1
    reached = losses(model(fgsm(model, x, labels, eps=0.25)), labels)
    worst = softplus(largest_shift(model.w, 0.25) - y * (x @ model.w + model.b))
    torch.testing.assert_close(reached, worst, rtol=1e-12, atol=0)
    for corner in torch.cartesian_prod(*[torch.tensor([-0.25, 0.25], dtype=torch.float64)] * 4):
        assert (losses(model(x + corner), labels) <= worst + 1e-12).all()


def test_the_shift_of_an_activation_grows_with_the_number_of_inputs() -> None:
    w = torch.tensor([1.0, -2.0, 3.0])
    assert largest_shift(w, 0.1).item() == pytest.approx(0.1 * 3 * 2.0)
    assert largest_shift(w.repeat(100), 0.1).item() == pytest.approx(0.1 * 300 * 2.0)


def test_fgsm_moves_every_component_by_eps_and_carries_no_gradient() -> None:
    model, x = smooth_network(), inputs(5, 2, 3)
    found = fgsm(model, x.clone().requires_grad_(), LABELS, eps=0.1)
    assert not found.requires_grad
    torch.testing.assert_close((found - x).abs(), torch.full_like(x, 0.1))
    assert all(parameter.grad is None for parameter in model.parameters())


def test_fgsm_clips_only_where_it_is_told_to() -> None:
    model, x = smooth_network(), inputs(5, 6)
    free, kept = fgsm(model, x, LABELS, eps=0.9), fgsm(model, x, LABELS, eps=0.9, box=PIXELS)
    assert (free < 0).any()
    assert (free > 1).any()
    assert torch.equal(kept, free.clamp(0, 1))


def test_fgsm_without_labels_leaves_the_model_s_own_verdict() -> None:
    model, x = smooth_network(), inputs(5, 6)
    own = verdicts(model, x)
    assert torch.equal(fgsm(model, x, None, eps=0.1), fgsm(model, x, own, eps=0.1))
    other = (own + 1) % 3
    assert not torch.equal(fgsm(model, x, None, eps=0.1), fgsm(model, x, other, eps=0.1))


def test_a_saturated_model_is_left_alone() -> None:
    model, x = TwoClasses([1e4, 1e4], 0.0), inputs(3, 2) + 1
    labels = torch.tensor([1, 1, 1])
    assert torch.equal(fgsm(model, x, labels, eps=0.1), x)
    assert torch.equal(compare(model, x, fgsm(model, x, labels, eps=0.1)).linf, torch.zeros(3, dtype=torch.float64))


def test_the_model_is_asked_in_evaluation_mode_and_left_as_it_was() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)).double()
    model[3].eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    first, second = (fgsm(model, inputs(5, 6), LABELS, eps=0.1) for _ in range(2))
    assert torch.equal(first, second)
    assert [module.training for module in model] == [True, True, True, False, True]
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    bound = model.forward  # a method leads to its module
    assert torch.equal(fgsm(bound, inputs(5, 6), LABELS, eps=0.1), first)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_pgd_is_at_least_as_bad_as_fgsm_and_stays_in_ball_and_box(norm: str) -> None:
    model, x, eps = smooth_network(classes=2), inputs(8, 6), 0.15
    labels = torch.tensor([0, 1] * 4)
    step = fgsm(model, x, labels, eps=eps, box=PIXELS)
    if norm == "l2":
        step = x + unit(step - x) * torch.minimum(l2(step - x), torch.tensor(eps))[:, None]
    found = pgd(model, x, labels, seeded(), eps=eps, norm=norm, starts=3, box=PIXELS)  # type: ignore[arg-type]
    assert (losses(model(found), labels) >= losses(model(step), labels) - 1e-6).all()
    assert losses(model(found), labels).mean() > losses(model(step), labels).mean()
    sizes = linf(found - x) if norm == "linf" else l2(found - x)
    assert (sizes <= eps + 1e-12).all()
    assert (sizes > 0.5 * eps).any()
    assert found.min() >= 0
    assert found.max() <= 1
    again = pgd(model, x, labels, seeded(), eps=eps, norm=norm, starts=3, box=PIXELS)  # type: ignore[arg-type]
    assert torch.equal(found, again)


def test_pgd_prefers_a_mistake_to_a_higher_loss_and_never_beats_itself() -> None:
    model, x = smooth_network(), inputs(8, 6)
    labels = verdicts(model, x)
    clean = losses(model(x), labels)
    nothing = pgd(model, x, labels, seeded(), eps=0.0)
    assert torch.equal(nothing, x)
    few, many = (pgd(model, x, labels, seeded(), eps=0.6, starts=starts) for starts in (1, 4))
    assert (losses(model(few), labels) >= clean).all()
    assert ((verdicts(model, many) != labels) >= (verdicts(model, few) != labels)).all()


@pytest.mark.parametrize(
    "bad", [{"eps": -0.1}, {"eps": float("nan")}, {"steps": 0}, {"starts": 0}, {"norm": "l1"}, {"box": (0.5, 1.0)}]
)
def test_pgd_refuses_what_cannot_work(bad: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="expected"):
        pgd(smooth_network(), inputs(5, 6), LABELS, seeded(), **{"eps": 0.1, **bad})  # type: ignore[arg-type]


def test_fgsm_refuses_a_negative_size() -> None:
    with pytest.raises(UsageError, match="eps of at least 0, got -1"):
        fgsm(smooth_network(), inputs(5, 6), LABELS, eps=-1)


def test_unit_keeps_zero_and_survives_extreme_sizes() -> None:
    v = torch.tensor([[3.0, 4.0], [0.0, 0.0], [3e-30, 4e-30], [3e30, -4e30]])
    torch.testing.assert_close(unit(v), torch.tensor([[0.6, 0.8], [0, 0], [0.6, 0.8], [0.6, -0.8]]))


def test_noise_has_the_size_it_says() -> None:
    x = torch.zeros(40, 5, 6)
    assert set(signs(x, 0.25, seeded()).unique().tolist()) == {-0.25, 0.25}
    assert uniform(x, 0.25, seeded()).abs().max() <= 0.25
    assert gaussian(x, 0.3, seeded()).std().item() == pytest.approx(0.3, rel=0.05)
    torch.testing.assert_close(l2(on_sphere(x, 2.0, seeded())), torch.full((40,), 2.0))
    radii = l2(in_ball(x, 2.0, seeded()))
    assert 1.5 < radii.min() < radii.max() <= 2  # in 30 dimensions nearly all of a ball lies near its surface
    eta = torch.cat([uniform(x, 0.25, seeded()), torch.zeros(1, 5, 6)])
    torch.testing.assert_close(distortion(amplified(eta, 0.1)), torch.tensor([0.1] * 40 + [0.0]))
    torch.testing.assert_close(amplified(eta, 0.1)[0] / eta[0], (0.1 / distortion(eta)[0]).expand(5, 6))


def test_no_perturbations_have_no_distortions() -> None:
    assert distortion(torch.zeros(0, 5, 6)).shape == (0,)


def test_measures() -> None:
    model = TwoClasses([1.0, 0.0], 0.0)
    x = torch.tensor([[2.0, 0.0], [-1.0, 0.0], [3.0, 0.0]], dtype=torch.float64)
    found = compare(model, x, x + torch.tensor([-3.0, 4.0], dtype=torch.float64))
    assert found.l2.tolist() == [5.0] * 3
    assert found.linf.tolist() == [4.0] * 3
    assert found.distortion.tolist() == pytest.approx([5 / 2**0.5] * 3)
    assert found.before.classes.tolist() == [1, 0, 1]
    assert found.after.classes.tolist() == [0, 0, 0]
    sigmoid = [1 / (1 + 2.718281828459045**-z) for z in (2, 1, 3)]
    assert found.before.confidences.tolist() == pytest.approx(sigmoid)
    made = mistakes(judge(model, x), torch.tensor([1, 1, 0]))
    assert made.error == pytest.approx(2 / 3)
    assert made.confidence == pytest.approx((sigmoid[1] + sigmoid[2]) / 2)
    assert mistakes(judge(model, x), torch.tensor([1, 0, 1])).confidence is None


def test_losses_are_cross_entropies_example_by_example() -> None:
    model, x = smooth_network(), inputs(5, 6)
    torch.testing.assert_close(losses(model(x), LABELS).mean(), cross_entropy(model(x), LABELS))
