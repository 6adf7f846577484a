"""Training image networks: by hand, by seed, killed and gone on with, stopped early, with and without labels."""

from __future__ import annotations

import copy
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Generator, nn
from torch.nn.functional import cross_entropy

from killable_images import IMAGES, PLAN, SIZES, objective
from tiny_networks import inputs, seeded
from turncoat.continuous.fgsm import fgsm
from turncoat.continuous.objectives import Batch
from turncoat.errors import UsageError
from turncoat.models.images import Dense, Maxout, linear_layers
from turncoat.training import checkpoint as checkpoints
from turncoat.training.autoencoding import Autoencoder, encode_first
from turncoat.training.checkpoint import Checkpoint
from turncoat.training.image_objectives import (
    Adversarial,
    Clean,
    Decayed,
    FastGradient,
    Noisy,
    Objective,
    RandomDirection,
    Reconstruction,
    Virtual,
)
from turncoat.training.image_plan import Plan, Pool
from turncoat.training.images import fit, settle

FEW = Pool(IMAGES.inputs[:10], IMAGES.labels[:10], IMAGES.inputs)
NORMALISED = Dense(widths=(6, 5, 3), normalised=True)
OBJECTIVES: dict[str, Objective] = {
    "clean": Clean(),
    "fgsm": FastGradient(eps=0.1),
    "fgsm, clipped": FastGradient(eps=0.1, clip=True),
    "signs": Noisy(eps=0.1),
    "uniform": Noisy(noise="uniform", eps=0.1),
    "adversarial": Adversarial(eps=0.3),
    "random": RandomDirection(eps=0.3),
    "virtual": Virtual(eps=0.3),
    "virtual, random": Virtual(eps=0.3, iterations=0),
    "l1": Decayed(inner=Clean(), l1=(0.01, 0.0)),
}


def weights(network: nn.Module) -> list[torch.Tensor]:
    return [tensor.clone() for tensor in network.state_dict().values()]


def same(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_two_steps_by_hand() -> None:
    """Softmax regression from 0 on one image: SGD with momentum, its learning rate halved after the first epoch."""
    network = Dense(widths=(2, 2)).build(0)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    pool = Pool(torch.tensor([[1.0, 2.0]]), torch.tensor([0]))
    fitted = fit(network, pool, Clean(), Plan(epochs=2, batch=1, rate=1.0, decay=0.5, momentum=0.5))
    # step 1: p = (1/2, 1/2); the logits' gradients are (-1/2, 1/2), those of W's rows these times (1, 2);
    # W = ((1/2, 1), (-1/2, -1)), b = (1/2, -1/2): logits of x 3 and -3, and so p(0) = 1 / (1 + e^-6)
    # step 2: gradients of the logits (-q, q), q = 1 - p(0); velocity: half of the last one plus that; rate 1/2
    q = 1 / (1 + math.exp(6))
    row = 0.5 + 0.5 * (0.5 * 0.5 + q)
    assert linear_layers(network)[0].weight.flatten().tolist() == pytest.approx([row, 2 * row, -row, -2 * row])
    assert fitted.losses == pytest.approx((math.log(2), -math.log(1 - q)), abs=1e-6)
    assert fitted.best == 2
    assert fitted.watched == ()


def test_momentum_rises_in_a_straight_line() -> None:
    plan = Plan(momentum=0.5, last_momentum=0.7, rising=4)
    assert [plan.momentum_at(epoch) for epoch in (1, 2, 3, 5, 9)] == pytest.approx([0.5, 0.55, 0.6, 0.7, 0.7])
    assert Plan(momentum=0.9).momentum_at(7) == 0.9


def test_fgsm_training_of_size_0_is_clean_training_to_the_bit() -> None:
    sizes = Maxout(inputs=6, units=(5, 4), pieces=3, classes=3, keep_inputs=1.0, spread=0.3)
    clean, zero, other = (sizes.build(0) for _ in range(3))
    fit(clean, IMAGES, Clean(), PLAN)
    fit(zero, IMAGES, FastGradient(eps=0.0), PLAN)
    fit(other, IMAGES, FastGradient(eps=0.1), PLAN)
    assert same(clean, zero)
    assert not same(clean, other)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_equal_seeds_give_equal_bits_and_others_others(name: str) -> None:
    networks = [SIZES.build(0) for _ in range(3)]
    for network, seed in zip(networks, (1, 1, 2), strict=True):
        before = torch.get_rng_state()
        fit(network, IMAGES, OBJECTIVES[name], PLAN, seed=seed)
        assert torch.equal(torch.get_rng_state(), before)
        assert not network.training
    assert same(networks[0], networks[1])
    assert not same(networks[0], networks[2])


@pytest.mark.parametrize("method", ["sgd", "adam"])
def test_a_training_that_stopped_goes_on_to_the_bit(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    plan = replace(PLAN, method=method, rate=0.05, last_momentum=0.95, rising=3, unlabelled=4)
    errors = iter((0.3, 0.1, 0.2, 0.1, 0.4, 0.5))

    def watch(network: nn.Module) -> float:
        return next(errors)

    whole = NORMALISED.build(0)
    expected = fit(whole, FEW, Virtual(eps=0.3), plan, watch=watch)
    assert expected.best == 2

    class Killed(Exception):
        pass

    def kill(epoch: int, epochs: int, loss: float, watched: float | None) -> None:
        if epoch in (2, 4):
            raise Killed

    errors = iter((0.3, 0.1, 0.2, 0.1, 0.4, 0.5))
    for attempt in range(3):
        network = NORMALISED.build(attempt)  # weights of its own do not matter from the second time on
        try:
            found = fit(
                network, FEW, Virtual(eps=0.3), plan, watch=watch,
                checkpoint=Checkpoint(tmp_path / "unfinished.safetensors"), progress=kill if attempt < 2 else ignore,
            )  # fmt: skip
        except Killed:
            assert attempt < 2
    assert found == expected
    assert same(network, whole)


def ignore(epoch: int, epochs: int, loss: float, watched: float | None) -> None:
    pass


def test_a_killed_process_goes_on_to_the_bit(tmp_path: Path) -> None:
    script = Path(__file__).parent / "killable_images.py"
    path = tmp_path / "unfinished.safetensors"
    process = subprocess.Popen([sys.executable, script, path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while not process.stdout.readline().startswith("epoch 3"):
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    whole, resumed, seen = SIZES.build(0), SIZES.build(9), []
    fit(whole, IMAGES, objective(), PLAN, seed=4)
    found = fit(
        resumed, IMAGES, objective(), PLAN, seed=4, checkpoint=Checkpoint(path),
        progress=lambda epoch, *_: seen.append(epoch),
    )  # fmt: skip
    assert seen[0] >= 4
    assert len(found.losses) == PLAN.epochs
    assert same(whole, resumed)


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    path = tmp_path / "unfinished.safetensors"
    fit(SIZES.build(0), IMAGES, Clean(), PLAN, checkpoint=Checkpoint(path))
    for other in ({"seed": 1}, {"about": {"data": "another"}}):
        with pytest.raises(UsageError, match="remove it to begin anew"):
            fit(SIZES.build(0), IMAGES, Clean(), PLAN, checkpoint=Checkpoint(path), **other)
    with pytest.raises(UsageError, match="remove it to begin anew"):
        fit(SIZES.build(0), IMAGES, FastGradient(), PLAN, checkpoint=Checkpoint(path))


def test_the_best_epoch_is_kept_and_patience_ends_training() -> None:
    errors = [0.5, 0.2, 0.3, 0.2, 0.4, 0.4]
    kept: list[list[torch.Tensor]] = []

    def watch(network: nn.Module) -> float:
        assert not network.training
        kept.append(weights(network))
        return errors[len(kept) - 1]

    network = SIZES.build(0)
    fitted = fit(network, IMAGES, Clean(), replace(PLAN, patience=3), watch=watch)
    assert fitted.watched == (0.5, 0.2, 0.3, 0.2, 0.4)  # three epochs after the second without a new best
    assert fitted.best == 2
    assert all(torch.equal(a, b) for a, b in zip(weights(network), kept[1], strict=True))
    plain = SIZES.build(0)
    fit(plain, IMAGES, Clean(), replace(PLAN, epochs=2))
    assert same(network, plain)  # watching does not disturb


def test_weights_are_cut_to_their_longest() -> None:
    network = Maxout(inputs=6, units=(5,), pieces=2, classes=3, spread=3.0).build(0)
    fit(network, IMAGES, Clean(), replace(PLAN, epochs=1, longest=0.5))
    for linear in linear_layers(network):
        assert linear.weight.norm(dim=1).max() <= 0.5 + 1e-5


def test_every_image_comes_once_in_an_epoch_and_again_and_again_where_steps_are_given() -> None:
    seen: list[Batch] = []

    class Seeing(Objective):
        def __call__(self, network: nn.Module, batch: Batch, generator: Generator) -> torch.Tensor:
            seen.append(batch)
            return Clean()(network, batch, generator)

    fit(SIZES.build(0), IMAGES, Seeing(), replace(PLAN, epochs=1, batch=7))
    assert [len(batch.labels) for batch in seen] == [7, 7, 7, 7, 2]
    rows = torch.cat([batch.inputs for batch in seen])
    assert torch.equal(rows.sort(dim=0).values, IMAGES.inputs.sort(dim=0).values)
    seen.clear()
    fit(SIZES.build(0), FEW, Seeing(), Plan(epochs=1, batch=8, unlabelled=5, steps=4))
    assert [(len(batch.labels), len(batch.inputs)) for batch in seen] == [(8, 13)] * 4
    first = torch.cat([batch.inputs[:8] for batch in seen])[:30].split(10)
    assert all(torch.equal(turn.sort(dim=0).values, FEW.inputs.sort(dim=0).values) for turn in first)


def test_training_learns_and_the_defence_defends() -> None:
    errors = {}
    for name, each in (("clean", Clean()), ("fgsm", FastGradient(eps=0.2))):
        network = Dense(widths=(6, 20, 3)).build(0)
        fit(network, IMAGES, each, Plan(epochs=60, batch=10, rate=0.3, momentum=0.9))
        moved = fgsm(network, IMAGES.inputs, IMAGES.labels, eps=0.2)
        errors[name] = [(network(x).argmax(1) != IMAGES.labels).double().mean().item() for x in (IMAGES.inputs, moved)]
    assert errors["clean"][0] <= 0.1
    assert errors["fgsm"][1] < errors["clean"][1]


def test_decay_is_added_to_the_loss() -> None:
    network, batch = Dense(widths=(6, 4, 3)).build(0), Batch(IMAGES.inputs, IMAGES.labels)
    first, second = (linear.weight for linear in linear_layers(network))
    found = Decayed(inner=Clean(), l1=(0.5, 0.0), l2=(0.1, 0.2))(network, batch, seeded())
    expected = cross_entropy(network(IMAGES.inputs), IMAGES.labels)
    expected = expected + 0.5 * first.abs().sum() + 0.1 * first.square().sum() + 0.2 * second.square().sum()
    torch.testing.assert_close(found, expected)
    with pytest.raises(UsageError, match=r"a decay for each of 2 layers, got \[0.1\]"):
        Decayed(inner=Clean(), l2=(0.1,))(network, batch, seeded())


def test_settled_statistics_are_those_of_all_images() -> None:
    network = NORMALISED.build(0)
    network.train()(IMAGES.inputs[:5])
    images = torch.cat([IMAGES.inputs] * 2)
    settle(network, images, batch=30)
    hidden = linear_layers(network)[0](IMAGES.inputs)
    normalise = next(module for module in network if isinstance(module, nn.BatchNorm1d))
    torch.testing.assert_close(normalise.running_mean, hidden.mean(0))
    torch.testing.assert_close(normalise.running_var, hidden.var(0))
    assert not network.training


def test_the_first_layer_of_an_autoencoder_is_held_fast() -> None:
    network = Dense(widths=(6, 4, 3), activation="sigmoid").build(0)
    before = copy.deepcopy(network)
    encode_first(network, IMAGES, replace(PLAN, epochs=1))
    encoded = linear_layers(network)[0].weight.clone()
    assert not torch.equal(encoded, linear_layers(before)[0].weight)
    fit(network, IMAGES, Clean(), PLAN)
    assert torch.equal(linear_layers(network)[0].weight, encoded)
    assert not torch.equal(linear_layers(network)[1].weight, linear_layers(before)[1].weight)


def test_reconstruction_is_cross_entropy_and_sparsity() -> None:
    torch.manual_seed(0)
    network, x = Autoencoder(6, 4), inputs(5, 6).float()
    code, logits = network(x)
    shares = logits.sigmoid()
    loss = -(x * shares.log() + (1 - x) * (1 - shares).log()).sum(1).mean()
    mean = code.mean(0)
    loss = loss + 2 * (0.1 * (0.1 / mean).log() + 0.9 * (0.9 / (1 - mean)).log()).sum()
    found = Reconstruction(sparsity=0.1, weight=2.0)(network, Batch(x, torch.zeros(5)), seeded())
    torch.testing.assert_close(found, loss)
    early = Autoencoder(6, 4)
    fitted = fit(early, IMAGES, Reconstruction(), replace(PLAN, epochs=10, rate=0.05))
    assert fitted.losses[-1] < fitted.losses[0]


def test_what_cannot_work_is_refused() -> None:
    for bad in ({"method": "lbfgs"}, {"epochs": 0}, {"steps": 0}, {"unlabelled": -1}):
        with pytest.raises(UsageError, match="expected method"):
            Plan(**bad)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="signs, uniform, got 'pink'"):
        Noisy(noise="pink")  # type: ignore[arg-type]
