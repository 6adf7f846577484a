"""Every kind of victim obeys the same laws, and is found by what a user types."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import skops.io
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tiny_models import ARCHITECTURES, WORDS, bert_folder, spaces, word_victim
from turncoat.data.example import Dataset, Example
from turncoat.errors import BrokenData, MissingResource, UsageError, VictimError
from turncoat.models.batching import ROWS, Batching
from turncoat.models.callable import CallableVictim
from turncoat.models.card import Accuracy, Card, read_card, write_card
from turncoat.models.loading import load_victim
from turncoat.models.reading import DistinctRows, Reader
from turncoat.models.scikit import load_sklearn, train_sklearn
from turncoat.models.transformer import load_transformer
from turncoat.models.victim import Victim, predict
from turncoat.models.vocabulary import UNKNOWN, Vocabulary
from turncoat.space import Space
from turncoat.text import Text


def shares(strings: list[str]) -> np.ndarray:
    """Chance of "good" grows with the letter o."""
    good = np.array([string.count("o") / (1 + len(string)) for string in strings])
    return np.stack([1 - good, good], axis=1)


shares.labels = ("bad", "good")


def tiny_dataset() -> Dataset:
    examples = [Example(f"{i}", f"{'good great' if i % 2 else 'bad dull'} film {WORDS[i]}", i % 2) for i in range(20)]
    return Dataset("tiny/train", tuple(examples), ("bad", "good"))


@pytest.fixture(scope="module", params=["cnn", "lstm", "bilstm", "bert", "scikit", "callable"])
def victim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    match request.param:
        case "bert":
            return load_transformer(bert_folder(tmp_path_factory.mktemp("bert")))
        case "scikit":
            return train_sklearn(tiny_dataset())
        case "callable":
            return CallableVictim(shares, shares.labels)
        case kind:
            return word_victim(kind)


def test_alone_or_in_company_gives_the_same_bits(victim: Victim) -> None:
    batches = [space.swaps() for space in spaces()] + [space.masked() for space in spaces()]
    together = victim.predict(batches)
    for batch, answer in zip(batches, together, strict=True):
        np.testing.assert_array_equal(victim.predict([batch])[0], answer)
    for batch, answer in zip(batches[::3], together[::3], strict=True):
        for i in range(0, len(batch), 4):
            np.testing.assert_array_equal(victim.predict([batch.take([i])])[0][0], answer[i])


def test_order_does_not_matter(victim: Victim) -> None:
    batches = [space.swaps() for space in spaces()]
    forward, backward = victim.predict(batches), victim.predict(batches[::-1])[::-1]
    for ours, theirs in zip(forward, backward, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_variants_read_as_their_strings(victim: Victim) -> None:
    for space in spaces()[3:6]:
        variants = space.swaps()
        strings = [Text(str(text)) for text in variants]
        np.testing.assert_array_equal(victim.predict([variants])[0], victim.predict([strings])[0])


def test_answers_are_distributions(victim: Victim) -> None:
    answers = predict(victim, [[Text("")], [Text("good film"), Text("¡¿ 😀 ?!")]])
    assert [answer.shape for answer in answers] == [(1, len(victim.labels)), (2, len(victim.labels))]


def test_unknown_words_are_alike(victim: Victim) -> None:
    if isinstance(victim, CallableVictim):
        pytest.skip("a function of letters knows every word")
    space = Space(Text("a good film"), [[], ["mawkish"], []])
    masked = space.variants(np.array([[0, -1, 0], [0, 1, 0]]))
    answer = victim.predict([masked])[0]
    np.testing.assert_array_equal(answer[0], answer[1])


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_padding_never_changes_a_word_network(kind: str) -> None:
    network = word_victim(kind).network
    ids, lengths = torch.tensor([[3, 4, 5, 6]] * 8), torch.tensor([4] * 8)
    longer = torch.cat([ids, torch.zeros(8, 9, dtype=torch.long)], dim=1)
    company = torch.tensor([[7] * 13])
    with torch.inference_mode():
        alone = network(ids, lengths)
        padded = network(torch.cat([longer, company]), torch.tensor([*lengths, 13]))
    assert torch.equal(alone, padded[:8])


def test_cnn_table_equals_training_arithmetic() -> None:
    network = word_victim("cnn").network
    ids, lengths = torch.randint(1, 20, (4, 9)), torch.full((4,), 9)
    with torch.inference_mode():
        quick = network(ids, lengths)
    network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.eval()
    torch.testing.assert_close(quick, network(ids, lengths).detach(), atol=1e-5, rtol=0)


def test_cnn_sees_trained_weights() -> None:
    network = word_victim("cnn").network
    ids, lengths = torch.tensor([[3, 4, 5]]), torch.tensor([3])
    before = network(ids, lengths)
    network.train()
    with torch.no_grad():
        network.embedding.weight[3:] += 1.0
    assert not torch.equal(before, network.eval()(ids, lengths))


class TestReading:
    vocabulary = Vocabulary(["good", "film"])

    def test_case_and_punctuation_are_not_seen(self) -> None:
        assert self.vocabulary.ids_of_string("Good, FILM! [UNK] unk other") == [2, 3, 1, 1, 1]

    def test_head_truncation(self) -> None:
        space = Space(Text("good film good film"), [["bad", "film"]] * 4)
        reader = Reader(self.vocabulary, max_words=2)
        assert reader.read(space.variants(np.array([[1, -1, 2, 0], [2, 0, 1, 1]])))[0].tolist() == [[1, 1], [3, 3]]
        assert word_victim("cnn").visible(Text("film " * 40)) == 30

    def test_options_of_several_words_are_read_as_a_reader_would(self) -> None:
        space = Space(Text("good film"), [["good good"], []], multiword=True)
        matrices = Reader(self.vocabulary, 9).read(space.variants(np.array([[1, 0], [0, 0]])))
        assert [matrix.tolist() for matrix in matrices] == [[[2, 2, 3]], [[2, 3]]]

    def test_no_word_reads_as_unknown(self) -> None:
        assert Reader(self.vocabulary, 9).read([Text("...")])[0].tolist() == [[UNKNOWN]]

    def test_equal_rows_are_kept_once(self) -> None:
        rows = DistinctRows([np.array([[2, 3], [2, 3]], np.int32), np.array([[2, 3, 0]], np.int32)])
        assert rows.numbers.tolist() == [0, 0, 1]
        assert rows.padded(np.array([0, 1]), 4).tolist() == [[2, 3, 0, 0], [2, 3, 0, 0]]

    def test_vocabulary_round_trip(self, tmp_path: Path) -> None:
        self.vocabulary.write(tmp_path / "vocabulary.txt")
        assert Vocabulary.read(tmp_path / "vocabulary.txt").words == self.vocabulary.words
        (tmp_path / "vocabulary.txt").write_text("good\nfilm\n")
        with pytest.raises(BrokenData, match="first two lines"):
            Vocabulary.read(tmp_path / "vocabulary.txt")


@pytest.mark.parametrize("batching", [Batching(64), Batching(64, grid=4), Batching(1)])
def test_micro_batches(batching: Batching) -> None:
    lengths = np.random.default_rng(0).integers(1, 30, 200)
    seen = []
    for rows, length in batching.cut(lengths):
        assert length >= lengths[rows].max()
        assert len(rows) <= ROWS or len(rows) * length <= batching.tokens
        if batching.grid:
            assert (-(-lengths[rows] // 4) * 4 == length).all()
        seen += rows.tolist()
    assert sorted(seen) == list(range(200))

    def forward(rows: np.ndarray, length: int) -> np.ndarray:
        assert len(rows) % ROWS == 0
        return lengths[rows].astype(np.float32)

    np.testing.assert_array_equal(batching.answer(lengths, forward), lengths)


class TestTransformer:
    def test_visible_words_are_wholly_inside(self, tmp_path: Path) -> None:
        victim = load_transformer(bert_folder(tmp_path))
        assert victim.labels == ("bad", "good")
        assert victim.unknown == "[UNK]"
        assert victim.visible(Text("good film")) == 2
        assert victim.visible(Text("good " * 40)) == 22
        assert victim.visible(Text("good " * 21 + "goods film")) == 21  # "good" fits, "##s" does not
        assert victim.visible(Text("")) == 0

    def test_agrees_with_a_plain_forward_pass(self, tmp_path: Path) -> None:
        victim = load_transformer(bert_folder(tmp_path))
        strings = ["good film", "a very dull plot, and a poor cast.", "good"]
        expected = [
            victim.model(**victim.tokenizer(string, return_tensors="pt")).logits.softmax(1)[0].detach().numpy()
            for string in strings
        ]
        np.testing.assert_allclose(victim.predict([[Text(s) for s in strings]])[0], expected, atol=1e-6)

    def test_an_untrained_head_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"lack classifier\.bias, classifier\.weight"):
            load_transformer(bert_folder(tmp_path, classifier=False))

    def test_pickled_weights_are_refused(self, tmp_path: Path) -> None:
        bert_folder(tmp_path)
        torch.save({}, tmp_path / "pytorch_model.bin")
        (tmp_path / "model.safetensors").unlink()
        with pytest.raises(UsageError, match="safetensors"):
            load_transformer(tmp_path)


class TestScikit:
    def test_round_trip(self, tmp_path: Path) -> None:
        victim = train_sklearn(tiny_dataset())
        victim.write(tmp_path)
        again = load_sklearn(tmp_path / "model.skops", victim.labels)
        texts = [Text("good film"), Text("dull film")]
        np.testing.assert_array_equal(victim.predict([texts])[0], again.predict([texts])[0])
        assert predict(again, [texts])[0].argmax(axis=1).tolist() == [1, 0]

    def test_foreign_types_are_refused(self, tmp_path: Path) -> None:
        pipeline = make_pipeline(FunctionTransformer(shares), LogisticRegression())
        pipeline.fit(["good", "bad"], [0, 1])
        skops.io.dump(pipeline, tmp_path / "foreign.skops")
        with pytest.raises(UsageError, match=r"trusts, got .*shares"):
            load_sklearn(tmp_path / "foreign.skops")

    def test_no_classifier(self, tmp_path: Path) -> None:
        skops.io.dump(TfidfVectorizer(), tmp_path / "counts.skops")
        with pytest.raises(UsageError, match="predict_proba"):
            load_sklearn(tmp_path / "counts.skops")

    def test_no_skops_file(self, tmp_path: Path) -> None:
        (tmp_path / "text.skops").write_text("hello")
        with pytest.raises(BrokenData, match=r"skops\.io\.dump"):
            load_sklearn(tmp_path / "text.skops")


class TestCallable:
    def test_asks_each_string_once_in_chunks(self) -> None:
        asked: list[list[str]] = []

        def function(strings: list[str]) -> np.ndarray:
            asked.append(strings)
            return shares(strings)

        texts = [Text(f"word{i % 300}") for i in range(600)]
        CallableVictim(function, shares.labels).predict([texts[:400], texts[400:]])
        assert [len(strings) for strings in asked] == [256, 44]

    @pytest.mark.parametrize("answer", [[0.5], [[0.5, 0.5], [1.0]], "good", [[0.5, 0.5]] * 3])
    def test_answers_that_are_no_table(self, answer: object) -> None:
        with pytest.raises(VictimError, match=r"^mine: expected"):
            CallableVictim(lambda strings: answer, ("a", "b"), name="mine").predict([[Text("x"), Text("y")]])


class TestCard:
    card = Card(
        "cnn", ("bad", "good"), {"widths": (3, 4)}, {"data": "mr/train", "seed": 0}, {"dev": Accuracy(7, 9)},
        {"torch": "2"},
    )  # fmt: skip

    def test_round_trip(self, tmp_path: Path) -> None:
        (tmp_path / "model.safetensors").write_bytes(b"weights")
        written = write_card(self.card, tmp_path)
        read = read_card(tmp_path)
        assert (read.sha256, read.accuracy, read.labels) == (written.sha256, self.card.accuracy, ("bad", "good"))

    def test_other_weights_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "model.safetensors").write_bytes(b"weights")
        write_card(self.card, tmp_path)
        (tmp_path / "model.safetensors").write_bytes(b"Weights")
        with pytest.raises(BrokenData, match="expected sha256"):
            read_card(tmp_path)
        (tmp_path / "model.safetensors").unlink()
        with pytest.raises(BrokenData, match="no such file"):
            read_card(tmp_path)

    @pytest.mark.parametrize("content", ["", "kind = 3", "= =", 'kind = "cnn"\nlabels = []\naccuracy = 1\n'])
    def test_broken_cards(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "card.toml").write_text(content)
        with pytest.raises(BrokenData, match="not a victim's card"):
            read_card(tmp_path)


class TestLoading:
    def test_hugging_face_folder(self, tmp_path: Path) -> None:
        assert load_victim(str(bert_folder(tmp_path))).labels == ("bad", "good")

    def test_skops_file(self, tmp_path: Path) -> None:
        train_sklearn(tiny_dataset()).write(tmp_path)
        assert load_victim(str(tmp_path / "model.skops")).labels == ("0", "1")

    def test_function(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "my_victim.py").write_text("def judge(strings):\n    return [[0.2, 0.3, 0.5] for _ in strings]\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", [*sys.path])
        victim = load_victim("my_victim:judge")
        assert (victim.labels, victim.name) == (("0", "1", "2"), "my_victim:judge")

    @pytest.mark.parametrize("spec", ["no_such_module:judge", "json:judge", "json:__name__", "/no/such/folder", ""])
    def test_nonsense(self, spec: str) -> None:
        with pytest.raises(UsageError, match="expected"):
            load_victim(spec)

    def test_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"neither card\.toml nor config\.json"):
            load_victim(str(tmp_path))

    def test_hub_names_are_not_fetched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(MissingResource, match="--online"):
            load_victim("nobody/no-such-model")
        with pytest.raises(UsageError, match="owner/model"):
            load_victim("not a/hub/name")

    def test_unknown_kind(self, tmp_path: Path) -> None:
        (tmp_path / "model.safetensors").write_bytes(b"weights")
        write_card(Card("quantum", ("a", "b")), tmp_path)
        with pytest.raises(BrokenData, match="'quantum'"):
            load_victim(str(tmp_path))

    def test_weights_that_do_not_fit(self, tmp_path: Path) -> None:
        victim = word_victim("cnn")
        victim.write(tmp_path)
        write_card(Card("cnn", victim.labels, ARCHITECTURES["cnn"] | {"filters": 3}), tmp_path)
        with pytest.raises(BrokenData, match="do not fit"):
            load_victim(str(tmp_path))
        shutil.rmtree(tmp_path)
