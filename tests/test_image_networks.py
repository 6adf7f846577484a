"""Image networks: maxout by hand, sizes, dropout's switches, ensembles, and what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from tiny_networks import inputs
from turncoat.errors import BrokenData, UsageError
from turncoat.models.image_files import read_image_network, write_image_network
from turncoat.models.images import (
    AE400,
    FC10,
    FC100,
    FC123,
    FC200,
    SEMI_SUPERVISED,
    SUPERVISED,
    SYNTHETIC,
    Dense,
    Ensemble,
    Maxout,
    MaxoutLayer,
    Sizes,
    linear_layers,
)

PAPERS = {
    "maxout": (Maxout(), 784 * 1200 + 1200 + 240 * 1200 + 1200 + 240 * 10 + 10),
    "fc10": (FC10, 784 * 10 + 10),
    "fc100": (FC100, 784 * 100 + 100 + 100 * 100 + 100 + 100 * 10 + 10),
    "fc123": (FC123, 784 * 123 + 123 + 123 * 456 + 456 + 456 * 10 + 10),
    "fc200": (FC200, 784 * 200 + 200 + 200 * 200 + 200 + 200 * 10 + 10),
    "ae400": (AE400, 784 * 400 + 400 + 400 * 10 + 10),
    "semi": (SEMI_SUPERVISED, 784 * 1200 + 1200 * 1200 + 1200 * 10 + 3 * (1200 + 1200 + 10)),
    "supervised": (
        SUPERVISED,
        784 * 1200 + 1200 * 600 + 600 * 300 + 300 * 150 + 150 * 10 + 3 * (1200 + 600 + 300 + 150 + 10),
    ),
    "synthetic": (SYNTHETIC, 100 * 100 + 100 + 100 * 2 + 2),
}
SMALL = Maxout(inputs=6, units=(4, 3), pieces=2, classes=3, keep_inputs=0.8, keep_hidden=0.5)


def test_a_maxout_layer_by_hand() -> None:
    layer = MaxoutLayer(2, 2, 2)  # two units of two pieces each
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, -1.0]]))
        layer.linear.bias.copy_(torch.tensor([0.0, 0.5, -1.0, 0.0]))
    # unit 1: max(x1, x2 + 0.5); unit 2: max(x1 + x2 - 1, -x1 - x2)
    found = layer(torch.tensor([[3.0, 1.0], [1.0, 2.0], [-1.0, -2.0]]))
    assert found.tolist() == [[3.0, 3.0], [2.5, 2.0], [-1.0, 3.0]]


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_networks_have_their_sizes(name: str) -> None:
    sizes, parameters = PAPERS[name]
    network = sizes.build(0)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    classes = linear_layers(network)[-1].out_features
    image = torch.rand(2, 28, 28) if name != "synthetic" else torch.rand(2, 100)
    assert network.eval()(image).shape == (2, classes)


def test_weights_come_from_the_seed_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, same, other = (SMALL.build(seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert not torch.equal(linear_layers(one)[0].weight, linear_layers(other)[0].weight)
    assert linear_layers(one)[0].weight.abs().max() <= SMALL.spread
    assert linear_layers(one)[0].bias.abs().max() == 0


def test_dropout_has_its_switches() -> None:
    rates = [module.p for module in SMALL.build(0) if isinstance(module, nn.Dropout)]
    assert rates == pytest.approx([0.2, 0.5, 0.5])
    plain = Maxout(inputs=6, units=(4, 3), pieces=2, keep_inputs=1.0)
    assert not any(isinstance(module, nn.Dropout) for module in plain.build(0))
    kept = Dense(widths=(6, 5, 4, 3), keep_hidden=0.25).build(0)
    assert [type(module).__name__ for module in kept] == [
        "Flatten", "Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear",
    ]  # fmt: skip


def test_batch_normalisation_stands_before_the_activation_and_on_top_if_asked() -> None:
    def kinds(**switches: bool) -> list[str]:
        return [type(module).__name__ for module in Dense(widths=(6, 5, 3), **switches).build(0)][1:]

    assert kinds() == ["Linear", "ReLU", "Linear"]
    assert kinds(normalised=True) == ["Linear", "BatchNorm1d", "ReLU", "Linear"]
    assert kinds(normalised=True, normalised_top=True) == ["Linear", "BatchNorm1d", "ReLU", "Linear", "BatchNorm1d"]


def test_an_ensemble_votes_with_its_members_probabilities() -> None:
    x = inputs(5, 6).float()
    members = [Dense(widths=(6, 3)).build(seed) for seed in range(3)]
    found = Ensemble(members)(x).softmax(-1)
    torch.testing.assert_close(found, sum(member(x).softmax(-1) for member in members) / 3)
    torch.testing.assert_close(Ensemble(members)(x).exp().sum(-1), torch.ones(5))


@pytest.mark.parametrize("sizes", [SMALL, Dense(widths=(6, 5, 3), activation="sigmoid", normalised=True)])
def test_a_stored_network_is_the_same_network(sizes: Sizes, tmp_path: Path) -> None:
    network, x = sizes.build(3), inputs(4, 6).float()
    network.train()(x)  # moves running statistics
    training = {"seed": 3, "losses": (0.5, 0.25), "note": None}
    write_image_network(network, sizes, tmp_path, labels=("a", "b", "c"), training=training)
    found, card = read_image_network(tmp_path)
    assert torch.equal(found(x), network.eval()(x))
    assert not found.training
    assert card.labels == ("a", "b", "c")
    assert card.training == {"seed": 3, "losses": [0.5, 0.25]}
    assert (tmp_path / "model.safetensors").is_file()


def test_a_stored_network_that_does_not_fit_is_told(tmp_path: Path) -> None:
    write_image_network(SMALL.build(0), SMALL, tmp_path, labels=("a", "b", "c"), training={})
    card = tmp_path / "card.toml"
    card.write_text(card.read_text().replace("pieces = 2", "pieces = 3"))
    with pytest.raises(BrokenData, match="do not fit the card's architecture"):
        read_image_network(tmp_path)
    card.write_text(card.read_text().replace('kind = "maxout"', 'kind = "lstm"'))
    with pytest.raises(BrokenData, match="one of the kinds maxout, dense, got 'lstm'"):
        read_image_network(tmp_path)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Maxout(pieces=0),
        lambda: Maxout(units=(0,)),
        lambda: Maxout(keep_inputs=0.0),
        lambda: Maxout(keep_hidden=1.5),
        lambda: Maxout(spread=0.0),
        lambda: Dense(widths=(784,)),
        lambda: Dense(activation="tanh"),
    ],
)
def test_sizes_that_cannot_work_are_refused(bad: object) -> None:
    with pytest.raises(UsageError, match="expected"):
        bad()  # type: ignore[operator]
