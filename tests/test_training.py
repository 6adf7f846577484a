"""Training is repeatable, learns what can be learned, and stores what it made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reviews import reviews
from tiny_models import bert_folder
from turncoat.data.example import Dataset, Example
from turncoat.errors import BrokenData, UsageError
from turncoat.models.card import FILE, read_card
from turncoat.models.loading import load_victim
from turncoat.text import Text
from turncoat.training.batching import batches
from turncoat.training.holding_out import hold_out
from turncoat.training.recipes import Cnn, FineTune, LinearBaseline, Lstm, Recipe
from turncoat.training.steps import share_at
from turncoat.training.storing import save
from turncoat.training.trainer import Trained, measure, train
from turncoat.training.vocabulary import count_words

CNN = Cnn(epochs=6, patience=6, batch=8, rate=1e-2, embedding=8, filters=8, max_words=20)
LSTM = Lstm(epochs=6, patience=6, batch=8, rate=1e-2, embedding=8, hidden=8, max_words=20)


TRAIN, DEV = reviews("train", 120), reviews("dev", 40)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(bert_folder(tmp_path_factory.mktemp("backbone"), classifier=False))


def recipe(kind: str, backbone: str) -> Recipe:
    tune = FineTune(backbone=backbone, epochs=6, batch=8, rate=5e-3, max_tokens=24, bfloat16=False)
    return {"cnn": CNN, "lstm": LSTM, "transformer": tune, "linear": LinearBaseline(longest=1)}[kind]


@pytest.mark.parametrize("kind", ["cnn", "lstm", "transformer", "linear"])
def test_learns_and_comes_back_the_same(kind: str, backbone: str, tmp_path: Path) -> None:
    trained = train(TRAIN, DEV, recipe(kind, backbone), seed=3, command="turncoat train")
    assert trained.card.accuracy["dev"].share > 0.9
    assert measure(trained.victim, DEV) == trained.card.accuracy["dev"]
    saved = save(trained, tmp_path / "victim")
    victim = load_victim(str(tmp_path / "victim"))
    assert (victim.labels, victim.fingerprint) == (trained.victim.labels, trained.victim.fingerprint)
    texts = [Text("a good film"), Text("the plot is very dull"), Text("mawkish")]
    np.testing.assert_array_equal(victim.predict([texts])[0], trained.victim.predict([texts])[0])
    card = read_card(tmp_path / "victim")
    assert (card.kind, card.sha256, card.training["seed"]) == (kind, saved.card.sha256, 3)
    assert (card.training["data"], card.training["rows"], card.training["command"]) == (
        "reviews/train", 120, "turncoat train",
    )  # fmt: skip
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("kind", ["cnn", "lstm", "transformer"])
def test_seed_decides(kind: str, backbone: str) -> None:
    short = replace(recipe(kind, backbone), epochs=1)
    first, again, other = (train(TRAIN, DEV, short, seed=seed).victim.fingerprint for seed in (0, 0, 1))
    assert first == again != other


def test_progress_is_told_after_every_step() -> None:
    told = []
    train(TRAIN, DEV, replace(CNN, epochs=2), progress=lambda *step: told.append(step))
    assert [step[:3] for step in told] == [(epoch, step, 15) for epoch in (1, 2) for step in range(1, 16)]
    assert all(np.isfinite(step[3]) for step in told)


def test_stops_early_and_keeps_the_best_epoch() -> None:
    told = []
    trained = train(TRAIN, DEV, replace(CNN, rate=0.0, epochs=9, patience=2), progress=lambda *step: told.append(step))
    assert told[-1][0] == 3
    assert measure(trained.victim, DEV) == trained.card.accuracy["dev"]


def test_rate_rises_and_falls() -> None:
    rates = [share_at(step, 100, 0.1) for step in range(100)]
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(1 / 90)
    assert {share_at(step, 100, None) for step in range(100)} == {1.0}


def test_batches_hold_every_text_once() -> None:
    lengths = np.random.default_rng(1).integers(1, 40, 333)
    drawn = [*batches(lengths, 8, np.random.default_rng(2))]
    assert sorted(np.concatenate(drawn)) == list(range(333))
    assert max(map(len, drawn)) == 8


def test_vocabulary_counts() -> None:
    examples = (Example("0", "Good good film, unk unk", 0), Example("1", "bad bad film good", 1))
    assert count_words(Dataset("d", examples, ("a", "b"))).words[2:] == ("good", "bad", "film")


def test_hold_out_is_stable_and_stratified() -> None:
    rest, dev = hold_out(TRAIN, 0.25)
    assert (len(rest), len(dev), dev.name) == (90, 30, "reviews/train:dev")
    assert sum(example.label for example in dev) == 15
    assert {example.id for example in rest}.isdisjoint(example.id for example in dev)
    assert hold_out(TRAIN, 0.25)[1] == dev
    with pytest.raises(UsageError, match="between 0 and 1"):
        hold_out(TRAIN, 1.0)


class TestRefused:
    def test_other_labels(self) -> None:
        with pytest.raises(UsageError, match="the same labels"):
            train(TRAIN, replace(DEV, labels=("no", "yes")), CNN)

    def test_no_examples(self) -> None:
        with pytest.raises(UsageError, match="0 examples"):
            train(replace(TRAIN, examples=()), DEV, CNN)

    def test_a_label_nobody_has(self) -> None:
        with pytest.raises(UsageError, match="every label"):
            train(*(replace(data, labels=("bad", "good", "so-so")) for data in (TRAIN, DEV)), LinearBaseline())

    def test_folder_in_the_way(self, tmp_path: Path) -> None:
        trained: Trained = train(TRAIN, DEV, LinearBaseline(longest=1))
        save(trained, tmp_path / "victim")
        before = (tmp_path / "victim" / FILE).read_bytes()
        with pytest.raises(UsageError, match="does not exist yet"):
            save(trained, tmp_path / "victim")
        assert (tmp_path / "victim" / FILE).read_bytes() == before

    def test_tampered_weights(self, tmp_path: Path) -> None:
        save(train(TRAIN, DEV, replace(CNN, epochs=1)), tmp_path / "victim")
        with (tmp_path / "victim" / "model.safetensors").open("ab") as file:
            file.write(b"!")
        with pytest.raises(BrokenData, match="sha256"):
            load_victim(str(tmp_path / "victim"))
