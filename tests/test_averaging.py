"""The averaging encoder: its vectors, its folder, and its training."""

from __future__ import annotations

import lzma
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from tiny_models import spaces, word_victim
from turncoat.cli.app import app
from turncoat.data.passages import neighbours, passages, sentences
from turncoat.errors import BrokenData, UnknownName, UsageError
from turncoat.models.averaging import KIND, WEIGHTS, Averaging, AveragingEncoder, AveragingNetwork
from turncoat.models.card import Card, read_card, write_card
from turncoat.models.encoding import is_encoder, load_encoder
from turncoat.text import Text
from turncoat.training.encoder import EncoderRecipe, train_encoder

SIZES = Averaging(words=200, groups=300, width=8, hidden=16, dimensions=12)
TOPICS = {
    "sea": ["the ship sails the wide sea", "a captain sails his ship", "waves of the sea rise"],
    "farm": ["the farmer ploughs a field", "cows stand in the field", "a farmer feeds his cows"],
    "court": ["the judge hears a case", "a lawyer pleads the case", "lawyers bow to the judge"],
}


@pytest.fixture(scope="module")
def encoder() -> AveragingEncoder:
    torch.manual_seed(0)
    network = AveragingNetwork(SIZES).train()
    network(*(torch.randint(200, (64,)), torch.arange(0, 64, 4), torch.randint(300, (64,)), torch.arange(0, 64, 4)))
    return AveragingEncoder(network, "tiny")


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """Passages that keep to their topic."""
    rng = np.random.default_rng(0)
    lines = [
        ". ".join(sentence.capitalize() for sentence in rng.permutation(TOPICS[topic])) + "."
        for topic in rng.choice(sorted(TOPICS), 60)
    ]
    path = tmp_path / "stories.txt.xz"
    path.write_bytes(lzma.compress("\n".join(lines).encode()))
    return path


def test_unit_vectors_that_see_neither_case_nor_punctuation(encoder: AveragingEncoder) -> None:
    texts = [Text(s) for s in ("A good film.", "a GOOD, film", "a goood film", "", "¿ 😀", "word " * 500)]
    vectors = encoder.embed([texts[:2], texts[2:]])
    assert [v.shape for v in vectors] == [(2, 12), (4, 12)]
    assert vectors[0].dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(np.concatenate(vectors), axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(vectors[0][0], vectors[0][1])
    assert vectors[0][0] @ vectors[1][0] < 1


def test_alone_or_in_company_gives_the_same_bits(encoder: AveragingEncoder) -> None:
    batches = [space.swaps() for space in spaces()]
    together = encoder.embed(batches)
    for batch, vectors in zip(batches[::2], together[::2], strict=True):
        np.testing.assert_array_equal(encoder.embed([batch])[0], vectors)
        np.testing.assert_array_equal(encoder.embed([batch.take([1])])[0][0], vectors[1])


def test_a_folder_is_opened_through_the_one_door(encoder: AveragingEncoder, tmp_path: Path) -> None:
    encoder.write(tmp_path)
    write_card(Card(KIND, (), asdict(SIZES), weights=WEIGHTS), tmp_path)
    loaded = load_encoder(str(tmp_path))
    assert loaded.name == str(tmp_path)
    texts = [[Text("A good film."), Text("the plot is dull")]]
    np.testing.assert_allclose(
        loaded.embed(texts)[0], encoder.embed(texts)[0], atol=1e-2
    )  # tables are in half precision
    np.testing.assert_array_equal(loaded.embed(texts)[0], load_encoder(str(tmp_path)).embed(texts)[0])
    assert is_encoder(loaded, str(tmp_path))
    assert is_encoder(loaded, f"{tmp_path}/.")  # the same files under another name
    assert not is_encoder(loaded, None)
    assert not is_encoder(loaded, "nobody/no-encoder")
    weights = (tmp_path / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(weights[:-1])
    with pytest.raises(BrokenData, match="sha256"):
        load_encoder(str(tmp_path))
    (tmp_path / WEIGHTS).write_bytes(weights)
    write_card(Card(KIND, (), asdict(SIZES) | {"width": 9}, weights=WEIGHTS), tmp_path)
    with pytest.raises(BrokenData, match="do not fit"):
        load_encoder(str(tmp_path))


def test_a_victim_is_no_encoder(tmp_path: Path) -> None:
    victim = word_victim("cnn")
    victim.write(tmp_path)
    write_card(Card("cnn", victim.labels), tmp_path)
    with pytest.raises(UsageError, match="expected a sentence encoder"):
        load_encoder(str(tmp_path))


def test_training_brings_neighbours_together_and_is_repeatable(stories: Path, tmp_path: Path) -> None:
    recipe = EncoderRecipe(sizes=SIZES, steps=80, batch=8, temperature=0.2)
    losses: list[float] = []
    note = lambda epoch, step, steps, loss: losses.append(loss)  # noqa: E731
    card = train_encoder([str(stories)], tmp_path / "one", recipe, seed=1, progress=note, command="made by a test")
    assert len(losses) == 80
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
    assert card.kind == KIND
    assert card.architecture == asdict(SIZES)
    assert card.training["data"][str(stories)]["pairs"] == 120
    assert (card.training["seed"], card.training["command"], card.training["steps"]) == (1, "made by a test", 80)
    assert read_card(tmp_path / "one").sha256 == card.sha256
    again = train_encoder([str(stories)], tmp_path / "two", recipe, seed=1)
    assert again.sha256 == card.sha256
    assert train_encoder([str(stories)], tmp_path / "three", recipe, seed=2).sha256 != card.sha256

    encoder = load_encoder(str(tmp_path / "one"))
    vectors = encoder.embed([[Text(sentence) for topic in TOPICS.values() for sentence in topic]])[0]
    near = vectors @ vectors.T
    same = np.kron(np.eye(3), np.ones((3, 3))).astype(bool)
    assert near[same & ~np.eye(9, dtype=bool)].mean() > near[~same].mean() + 0.3


def test_training_refuses_what_cannot_work(stories: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 256 pairs"):
        train_encoder([str(stories)], tmp_path / "encoder", EncoderRecipe(sizes=SIZES))
    assert not (tmp_path / "encoder").exists()
    with pytest.raises(UsageError, match="does not exist yet"):
        train_encoder([str(stories)], tmp_path, EncoderRecipe(sizes=SIZES, batch=8))
    with pytest.raises(UnknownName, match="no data set is named"):
        train_encoder(["no-such-data"], tmp_path / "encoder", EncoderRecipe(sizes=SIZES))
    for wrong in ({"steps": 0}, {"batch": 1}, {"temperature": 0.0}):
        with pytest.raises(UsageError, match="expected"):
            EncoderRecipe(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="width"):
        Averaging(width=0)


def test_sentences_and_neighbours() -> None:
    passage = 'Mr. Smith came. "Did he stay?" She asked!\nIt was late<br /><br />and dark there . 3 men left.'
    assert sentences(passage) == [
        "Mr.", "Smith came.", '"Did he stay?', "She asked!", "It was late", "and dark there .", "3 men left.",
    ]  # fmt: skip
    assert list(neighbours(passage)) == [("It was late", "and dark there ."), ("and dark there .", "3 men left.")]
    assert list(neighbours("One sentence alone is no pair.")) == []
    assert list(neighbours(f"Three words here. {'Word ' * 65}.")) == []


def test_passages_are_lines_of_a_file(stories: Path) -> None:
    found = list(passages(str(stories)))
    assert len(found) == 60
    assert all(len(list(neighbours(passage))) == 2 for passage in found)


def test_the_command(stories: Path, tmp_path: Path) -> None:
    settings = [word for setting in ("steps=3", "batch=8", "sizes.width=4") for word in ("--set", setting)]
    done = CliRunner().invoke(app, ["train-encoder", str(stories), "--out", str(tmp_path / "encoder"), *settings])
    assert done.exit_code == 0, done.stderr
    assert "learned from 120 pairs of neighbouring sentences" in done.stdout
    assert "Warning" not in done.stderr
    assert load_encoder(str(tmp_path / "encoder")).embed([[Text("a ship")]])[0].shape == (1, 256)
