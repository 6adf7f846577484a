"""Normalised embeddings, and perturbations of whole texts that leave padding and end tokens alone."""

from __future__ import annotations

import pytest
import torch

from tiny_networks import LastState, inputs, seeded
from turncoat.continuous.embedding import NormalisedEmbedding, adversarial_perturbation, perturbable
from turncoat.continuous.modes import Given
from turncoat.continuous.noise import on_sphere
from turncoat.continuous.sizes import l2
from turncoat.continuous.slopes import losses
from turncoat.continuous.virtual import PowerIteration, lds, virtual_perturbation
from turncoat.errors import UsageError

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


def test_normalised_embeddings_have_mean_0_and_variance_1_by_frequency() -> None:
    torch.manual_seed(0)
    vectors = torch.randn(50, 4, dtype=torch.float64) * torch.tensor([0.1, 1.0, 5.0, 20.0]) + 3
    counts = torch.arange(50)  # the first word, padding, never occurs
    embedding = NormalisedEmbedding(vectors, counts)
    table, f = embedding.table(), counts / counts.sum()
    torch.testing.assert_close(f.double() @ table, torch.zeros(4, dtype=torch.float64), atol=1e-6, rtol=0)
    torch.testing.assert_close(f.double() @ table**2, torch.ones(4, dtype=torch.float64), atol=2e-4, rtol=0)
    assert (table.mean(0).abs() > 0.01).any()  # not the mean over the vocabulary
    ids = torch.tensor([[3, 7, 0], [49, 3, 3]])
    torch.testing.assert_close(embedding(ids), table[ids])
    assert embedding(ids).shape == (2, 3, 4)


def test_by_hand() -> None:
    """Two words, 2 and -2, the first three times as frequent: mean 1, variance .75·1 + .25·9 = 3."""
    embedding = NormalisedEmbedding(torch.tensor([[2.0], [-2.0]], dtype=torch.float64), torch.tensor([3, 1]))
    expected = torch.tensor([[1.0], [-3.0]], dtype=torch.float64) / 3**0.5
    torch.testing.assert_close(embedding.table(), expected, rtol=1e-6, atol=0)


def test_longer_vectors_do_not_escape_and_gradients_flow_through_mean_and_variance() -> None:
    torch.manual_seed(0)
    vectors, counts = torch.randn(6, 3, dtype=torch.float64), torch.tensor([5, 4, 3, 2, 1, 1])
    short, long = NormalisedEmbedding(vectors, counts), NormalisedEmbedding(100 * vectors, counts)
    torch.testing.assert_close(short.table(), long.table(), rtol=1e-4, atol=1e-5)
    weights = torch.randn(1, 3, dtype=torch.float64)

    def value(table: torch.Tensor) -> torch.Tensor:
        embedding = NormalisedEmbedding(vectors, counts)
        return torch.func.functional_call(embedding, {"vectors": table}, torch.tensor([2])) @ weights[0]

    assert torch.autograd.gradcheck(value, vectors.clone().requires_grad_())
    short(torch.tensor([2])).sum().backward()
    gradient = short.vectors.grad
    assert gradient is not None
    assert (gradient.abs().sum(1) > 0).all()  # words that were not read are part of the statistics
    assert [name for name, _ in short.named_parameters()] == ["vectors"]


@pytest.mark.parametrize("counts", [[1, 2], [1, -1, 3], [0, 0, 0]])
def test_counts_that_cannot_be_are_refused(counts: list[int]) -> None:
    with pytest.raises(UsageError, match="expected a count for each of 3 words"):
        NormalisedEmbedding(torch.zeros(3, 2), torch.tensor(counts))
