"""Virtual adversarial perturbations against the dense Hessian, and what the divergence and its gradient must be."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import hessian

from tiny_networks import TwoClasses, inputs, seeded, smooth_network
from turncoat.continuous.sizes import l2, unit
from turncoat.continuous.virtual import PowerIteration, divergence, lds, virtual_perturbation
from turncoat.errors import UsageError

ONCE = PowerIteration(eps=0.5)


def top_direction(model: nn.Module, x: Tensor) -> Tensor:
    """Top eigenvector of the Hessian of Δ_KL at η = 0, for one input (m,)."""

    def change(eta: Tensor) -> Tensor:
        return divergence(model(x[None]), model((x + eta)[None])).sum()

    values, vectors = torch.linalg.eigh(hessian(change, torch.zeros_like(x)))
    assert values[-1] > 0
    assert values[:-2].abs().max() < 1e-9 * values[-1]  # of three classes the rank is two
    return vectors[:, -1]


@pytest.mark.parametrize("xi", [1e-2, 1e-6])
def test_power_iteration_finds_the_top_eigenvector_of_the_dense_hessian(xi: float) -> None:
    model, x = smooth_network(), inputs(6, 6)
    eta = virtual_perturbation(model, x, PowerIteration(eps=0.5, xi=xi, iterations=60), seeded())
    cosines = [(unit(eta)[i] @ top_direction(model, x[i])).abs().item() for i in range(6)]
    assert min(cosines) >= 0.99


def test_with_two_classes_one_iteration_is_enough() -> None:
    """The Hessian has rank one, so H d is its top eigenvector already; for logistic regression that is w."""
    model, x = TwoClasses([1.0, -2.0, 0.5], 0.3), inputs(4, 3)
    eta = virtual_perturbation(model, x, ONCE, seeded())
    assert ((unit(eta) @ unit(model.w.detach()[None])[0]).abs() > 0.9999).all()


def test_32_bits_are_enough_for_the_default_difference() -> None:
    model, x = smooth_network(), inputs(6, 6)
    exact = virtual_perturbation(model, x, ONCE, seeded())
    start = torch.randn(x.shape, generator=seeded(), dtype=torch.float64)  # what both generators must begin with
    single = copy.deepcopy(model).float()

    def from_the_same_start(v: Tensor) -> Tensor:
        return unit(start).to(v)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("turncoat.continuous.virtual.on_sphere", lambda v, *_: from_the_same_start(v))
        rough = virtual_perturbation(single, x.float(), ONCE, seeded())
    assert ((unit(exact) * unit(rough.double())).sum(1) > 0.999).all()


def test_the_norm_is_eps_and_the_same_seed_gives_the_same() -> None:
    model, x = smooth_network(), inputs(6, 2, 3)
    eta = virtual_perturbation(model, x, ONCE, seeded())
    torch.testing.assert_close(l2(eta), torch.full((6,), 0.5, dtype=torch.float64))
    assert not eta.requires_grad
    assert torch.equal(eta, virtual_perturbation(model, x, ONCE, seeded()))
    assert not torch.equal(eta, virtual_perturbation(model, x, ONCE, seeded(1)))


def test_lds_is_at_least_0_more_with_more_iterations_and_0_without_size() -> None:
    model, x = smooth_network(), inputs(40, 6)
    random, once, often = (lds(model, x, PowerIteration(eps=0.3, iterations=i), seeded()) for i in (0, 1, 5))
    for each in (random, once, often):
        assert each.shape == (40,)
        assert (each >= 0).all()
    assert random.mean() < once.mean() <= often.mean() * 1.001
    assert torch.equal(lds(model, x, PowerIteration(eps=0), seeded()), torch.zeros(40, dtype=torch.float64))


def test_divergence_by_hand() -> None:
    p, q = torch.tensor([[0.5, 0.5], [0.9, 0.1]]), torch.tensor([[0.25, 0.75], [0.9, 0.1]])
    expected = 0.5 * torch.tensor(2.0).log() + 0.5 * torch.tensor(2 / 3).log()
    torch.testing.assert_close(divergence(p.log(), q.log()), torch.stack([expected, torch.tensor(0.0)]))
    sure = torch.tensor([[500.0, 0.0]])
    assert divergence(sure, sure).item() == 0
    assert divergence(sure, -sure).item() == 500  # log q is -500, not minus infinity


def test_the_gradient_flows_through_the_perturbed_side_only() -> None:
    clean = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    logits = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    divergence(clean, logits).sum().backward()
    assert clean.grad is None
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, (logits.softmax(1) - clean.softmax(1)).detach())

    model, x = smooth_network(), inputs(5, 6)
    lds(model, x, ONCE, seeded()).mean().backward()
    got = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    eta = virtual_perturbation(model, x, ONCE, seeded())
    model.zero_grad()
    frozen = model(x).detach()
    divergence(frozen, model(x + eta)).mean().backward()
    assert all(torch.equal(a, b.grad) for a, b in zip(got, model.parameters(), strict=True))


def test_dropout_is_off_and_running_statistics_stay() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)).double()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    x = inputs(5, 6)
    first, second = (lds(model, x, ONCE, seeded()) for _ in range(2))
    assert torch.equal(first, second)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert model.training
    assert model[1].track_running_stats
    assert model[3].training
    by_batch = lds(model, x, ONCE, seeded())  # training mode normalises by the batch
    assert not torch.allclose(by_batch, lds(model.eval(), x, ONCE, seeded()))


def test_without_a_gradient_the_direction_stays_random() -> None:
    model, x = TwoClasses([0.0, 0.0], 0.0), inputs(4, 2)
    random = virtual_perturbation(model, x, PowerIteration(eps=1, iterations=0), seeded())
    assert torch.equal(virtual_perturbation(model, x, PowerIteration(eps=1, iterations=3), seeded()), random)


@pytest.mark.parametrize("bad", [{"eps": -1}, {"xi": 0}, {"iterations": -1}])
def test_what_cannot_work_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="expected"):
        PowerIteration(**{"eps": 1, **bad})  # type: ignore[arg-type]
