"""Perturbations of whole texts leave padding and end tokens alone."""

from __future__ import annotations

import pytest
import torch

from tiny_networks import LastState, inputs, seeded
from turncoat.continuous.embedding import adversarial_perturbation, perturbable
from turncoat.continuous.modes import Given
from turncoat.continuous.noise import on_sphere
from turncoat.continuous.sizes import l2
from turncoat.continuous.slopes import losses
from turncoat.continuous.virtual import PowerIteration, lds, virtual_perturbation

LENGTHS = torch.tensor([4, 6, 2, 1])  # end tokens counted; the last text has no other word
MASK = perturbable(LENGTHS, 6)
VECTORS = inputs(4, 6, 5)
LABELS = torch.tensor([0, 1, 1, 0])
NETWORK = LastState()
MODEL = Given(NETWORK, LENGTHS)


def perturbations() -> dict[str, torch.Tensor]:
    return {
        "adversarial": adversarial_perturbation(MODEL, VECTORS, LABELS, eps=5.0, mask=MASK),
        "virtual": virtual_perturbation(MODEL, VECTORS, PowerIteration(eps=5, xi=0.1), seeded(), MASK),
        "random": on_sphere(VECTORS, 5.0, seeded(), MASK),
    }


def test_the_mask_knows_padding_and_end_tokens() -> None:
    assert MASK.int().tolist() == [[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
    assert perturbable(LENGTHS, 6, end_token=False).sum(1).tolist() == [4, 6, 2, 1]


@pytest.mark.parametrize("kind", ["adversarial", "virtual", "random"])
def test_the_norm_of_a_whole_text_is_eps_and_padding_gets_none(kind: str) -> None:
    r = perturbations()[kind]
    torch.testing.assert_close(l2(r), torch.tensor([5.0, 5.0, 5.0, 0.0], dtype=torch.float64))
    assert torch.equal(r.abs().sum(2) > 0, MASK)
    assert not r.requires_grad


def test_the_adversarial_perturbation_is_the_gradient_and_raises_the_loss() -> None:
    leaf = VECTORS.clone().requires_grad_()
    (slope,) = torch.autograd.grad(losses(MODEL(leaf), LABELS).sum(), leaf)
    slope = slope * MASK[..., None]
    r = adversarial_perturbation(MODEL, VECTORS, LABELS, eps=0.01, mask=MASK)
    torch.testing.assert_close(r[:3], 0.01 * (slope / l2(slope)[:, None, None])[:3])
    raised = losses(MODEL(VECTORS + r), LABELS) - losses(MODEL(VECTORS), LABELS)
    assert (raised[:3] > 0).all()
    torch.testing.assert_close(raised, 0.01 * l2(slope), rtol=0.05, atol=1e-6)


def test_perturbing_a_text_does_not_depend_on_its_company() -> None:
    alone = adversarial_perturbation(
        Given(NETWORK, LENGTHS[:1]), VECTORS[:1, :4], LABELS[:1], eps=5.0, mask=perturbable(LENGTHS[:1], 4)
    )
    torch.testing.assert_close(alone[0], perturbations()["adversarial"][0, :4])


def test_virtual_perturbations_change_the_verdict_more_than_random_ones() -> None:
    worst, random = (
        lds(MODEL, VECTORS, PowerIteration(eps=1, xi=0.1, iterations=i), seeded(), MASK).mean() for i in (1, 0)
    )
    assert worst > random > 0


def test_a_recurrent_network_s_own_dropout_is_off_and_comes_back() -> None:
    network = LastState()
    network.reader = torch.nn.LSTM(5, 7, num_layers=2, dropout=0.5, batch_first=True).double()
    model = Given(network.train(), LENGTHS)
    assert torch.equal(*(adversarial_perturbation(model, VECTORS, LABELS, eps=5.0) for _ in range(2)))
    assert network.reader.dropout == 0.5
