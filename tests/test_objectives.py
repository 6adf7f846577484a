"""What is trained on: each objective against its terms, and against clean training where the size is 0."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tiny_networks import LastState, inputs, seeded, smooth_network
from turncoat.continuous import objectives
from turncoat.continuous.embedding import adversarial_perturbation, perturbable
from turncoat.continuous.fgsm import fgsm
from turncoat.continuous.modes import Given, unrecorded
from turncoat.continuous.noise import on_sphere, signs
from turncoat.continuous.objectives import Batch
from turncoat.continuous.sizes import PIXELS
from turncoat.continuous.virtual import PowerIteration, lds
from turncoat.errors import UsageError
from turncoat.training.normalising import normalise

SEARCH = PowerIteration(eps=0.4, xi=0.1)
IMAGES = Batch(inputs(8, 6), torch.tensor([0, 1, 2, 0, 1]))  # three without labels
LENGTHS = torch.tensor([4, 6, 2, 3])
TEXTS = Batch(inputs(4, 6, 5), torch.tensor([0, 1, 1]), LENGTHS, perturbable(LENGTHS, 6))
KNOWN = IMAGES.inputs[:5]


def loss(model: nn.Module, x: Tensor) -> Tensor:
    return cross_entropy(model(x), IMAGES.labels)


def trained(objective: Callable[[nn.Module, Batch], Tensor]) -> nn.Module:
    """Weights after five steps."""
    model = smooth_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    for _ in range(5):
        optimizer.zero_grad()
        objective(model, IMAGES).backward()
        optimizer.step()
    return model


def test_adversarial_training_of_size_0_is_clean_training_to_the_bit() -> None:
    plain, adversarial = trained(objectives.clean), trained(partial(objectives.fgsm_training, eps=0.0))
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), adversarial.parameters(), strict=True))
    other = trained(partial(objectives.fgsm_training, eps=0.1))
    assert not all(torch.equal(a, b) for a, b in zip(plain.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize(("alpha", "box"), [(0.5, None), (0.2, PIXELS), (1.0, None), (0.0, None)])
def test_fgsm_training_mixes_clean_and_perturbed_loss(alpha: float, box: tuple[float, float] | None) -> None:
    model = smooth_network()
    found = objectives.fgsm_training(model, IMAGES, eps=0.25, alpha=alpha, box=box)
    perturbed = fgsm(model, KNOWN, IMAGES.labels, eps=0.25, box=box)
    torch.testing.assert_close(found, alpha * loss(model, KNOWN) + (1 - alpha) * loss(model, perturbed))


def test_no_gradient_flows_through_a_perturbed_input() -> None:
    model = smooth_network()
    perturbed = fgsm(model, KNOWN, IMAGES.labels, eps=0.25)
    (0.5 * loss(model, KNOWN) + 0.5 * loss(model, perturbed)).backward()
    expected = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    model.zero_grad()
    objectives.fgsm_training(model, IMAGES, eps=0.25).backward()
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)


def test_the_terms_of_the_others() -> None:
    model = smooth_network()
    plain = loss(model, KNOWN)
    torch.testing.assert_close(objectives.clean(model, IMAGES), plain)
    r = adversarial_perturbation(model, KNOWN, IMAGES.labels, eps=0.4)
    adversarial = loss(model, KNOWN + r)
    torch.testing.assert_close(objectives.adversarial(model, IMAGES, eps=0.4, weight=2), plain + 2 * adversarial)
    smooth = lds(model, IMAGES.inputs, SEARCH, seeded()).mean()  # over all eight
    found = objectives.virtual(model, IMAGES, search=SEARCH, generator=seeded(), weight=3)
    torch.testing.assert_close(found, plain + 3 * smooth)
    found = objectives.random(model, IMAGES, eps=0.4, generator=seeded())
    torch.testing.assert_close(found, plain + loss(model, KNOWN + on_sphere(KNOWN, 0.4, seeded())))
    found = objectives.with_noise(model, IMAGES, noise=partial(signs, eps=0.25, generator=seeded()))
    torch.testing.assert_close(found, loss(model, KNOWN + signs(KNOWN, 0.25, seeded())))


def test_the_adversary_is_worse_than_its_control() -> None:
    model = smooth_network()
    worst = objectives.adversarial(model, IMAGES, eps=0.1)
    controls = [objectives.random(model, IMAGES, eps=0.1, generator=seeded(i)) for i in range(20)]
    assert all(worst > control for control in controls)


TEXT_OBJECTIVES = {
    "clean": objectives.clean,
    "adversarial": partial(objectives.adversarial, eps=2.0),
    "virtual": partial(objectives.virtual, search=SEARCH, generator=seeded()),
    "random": partial(objectives.random, eps=2.0, generator=seeded()),
    "random, all": partial(objectives.virtual, search=PowerIteration(eps=2, iterations=0), generator=seeded()),
}


@pytest.mark.parametrize("name", TEXT_OBJECTIVES)
def test_texts_train_the_embedding_too(name: str) -> None:
    torch.manual_seed(0)
    network = LastState()
    embedding = nn.Embedding(9, 5, dtype=torch.float64)
    normalise(embedding, torch.arange(9), torch.arange(9) == 0)
    ids = torch.tensor([[1, 2, 3, 8, 0, 0], [4, 5, 6, 7, 1, 8], [2, 8, 0, 0, 0, 0], [3, 3, 8, 0, 0, 0]])
    value = TEXT_OBJECTIVES[name](network, Batch(embedding(ids), TEXTS.labels, LENGTHS, TEXTS.mask))
    value.backward()
    for parameter in (*network.parameters(), *embedding.parameters()):
        assert parameter.grad is not None
        assert parameter.grad.abs().sum() > 0


def test_texts_are_cut_to_those_with_labels() -> None:
    network = LastState()
    value = objectives.clean(network, TEXTS)
    torch.testing.assert_close(value, cross_entropy(network(TEXTS.inputs[:3], LENGTHS[:3]), TEXTS.labels))
    smooth = lds(Given(network, LENGTHS), TEXTS.inputs, SEARCH, seeded(), TEXTS.mask).mean()
    found = objectives.virtual(network, TEXTS, search=SEARCH, generator=seeded())
    torch.testing.assert_close(found, value + smooth)


def test_the_perturbed_half_is_trained_with_dropout() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(copy.deepcopy(smooth_network()), nn.Dropout(0.5)).train()
    values = {objectives.fgsm_training(model, IMAGES, eps=0.1, alpha=0).item() for _ in range(5)}
    assert len(values) > 1
    assert model[1].training


@pytest.mark.parametrize(
    "objective",
    [
        partial(objectives.fgsm_training, eps=0.1),
        partial(objectives.adversarial, eps=0.4),
        partial(objectives.random, eps=0.4, generator=seeded()),
        partial(objectives.virtual, search=SEARCH, generator=seeded()),
    ],
    ids=["fgsm", "adversarial", "random", "virtual"],
)
def test_running_statistics_are_those_of_the_clean_pass(objective: Callable[[nn.Module, Batch], Tensor]) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)).double().train()
    other = copy.deepcopy(model)
    objective(model, IMAGES).backward()
    objectives.clean(other, IMAGES)
    assert model[1].num_batches_tracked == 1
    assert all(torch.equal(a, b) for a, b in zip(model.buffers(), other.buffers(), strict=True))
    assert model[1].track_running_stats
    assert model.training


def test_the_perturbed_pass_is_normalised_by_its_batch_in_training_and_as_asked_in_evaluation() -> None:
    torch.manual_seed(0)
    layer = nn.BatchNorm1d(6).double()
    state = copy.deepcopy(layer.state_dict())
    with unrecorded(layer):
        torch.testing.assert_close(layer(KNOWN).mean(0), torch.zeros(6, dtype=torch.float64))
        torch.testing.assert_close(layer.eval()(KNOWN), KNOWN / (1 + layer.eps) ** 0.5)
    assert all(torch.equal(value, state[name]) for name, value in layer.state_dict().items())


def test_what_cannot_work_is_refused() -> None:
    with pytest.raises(UsageError, match="1 to 8 labels, got 0"):
        Batch(IMAGES.inputs, IMAGES.labels[:0])
    with pytest.raises(UsageError, match="1 to 2 labels, got 5"):
        Batch(IMAGES.inputs[:2], IMAGES.labels)
    with pytest.raises(UsageError, match=r"alpha in \[0, 1\], got 1.5"):
        objectives.fgsm_training(smooth_network(), IMAGES, eps=0.1, alpha=1.5)
