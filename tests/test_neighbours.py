"""Neighbours of words, ranks of antonyms, losses around texts, and the diagram."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import ttest_1samp
from torch.nn.functional import cross_entropy

from test_training import DEV
from tiny_models import word_victim
from turncoat.data.antonyms import Antonyms
from turncoat.errors import UsageError
from turncoat.models.document_lstm import DocumentLstm
from turncoat.models.forms import WordForm
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.vocabulary import Vocabulary
from turncoat.studies.foundations.antonym_ranks import antonym_ranks, compare
from turncoat.studies.foundations.embedding_diagram import embedding_diagram
from turncoat.studies.foundations.neighbours import WordSpace, antonym_pairs, neighbour_rows, opposed_in_feeling
from turncoat.studies.foundations.text_losses import text_losses
from turncoat.training.recipes import DocumentReader, Lstm

VALENCES = {"good": 1.9, "great": 3.1, "bad": -2.5}
ANGLES = np.radians([0, 10, 90, 180, -10])
SIZES = np.array([[1], [3], [2], [1], [1]])  # which do not matter
SPACE = WordSpace(["good", "great", "film", "bad", "fine"], SIZES * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1))


def test_nearest_by_angle_and_of_equally_near_ones_the_commoner_first() -> None:
    found = SPACE.nearest("good", VALENCES, 3)
    assert [each.word for each in found] == ["great", "fine", "film"]
    assert [each.distance for each in found] == pytest.approx([0.01519, 0.01519, 1.0], abs=1e-4)
    assert [str(each) for each in found] == ["great + (0.015)", "fine (0.015)", "film (1.000)"]
    assert str(SPACE.nearest("film", VALENCES, 5)[-2]) == "bad − (1.000)"


def test_rank_of_the_nearest_is_1_and_ties_count_against() -> None:
    assert [SPACE.rank("good", word) for word in ("film", "bad")] == [3, 4]
    assert SPACE.rank("bad", "good") == 4
    assert SPACE.rank("film", "great") == 1


def test_table_has_two_columns_a_training_and_the_antonym_s_rank() -> None:
    rows = neighbour_rows({"AT": SPACE, "VAT": SPACE}, VALENCES, size=2)
    assert list(rows[0]) == ["", "good, AT", "bad, AT", "good, VAT", "bad, VAT"]
    assert rows[0]["good, AT"] == "great + (0.015)"
    assert rows[-1] == {
        "": "rank of the antonym",
        **{
            f"{word}, {name}": f"{other}: 4"
            for name in ("AT", "VAT")
            for word, other in (("good", "bad"), ("bad", "good"))
        },
    }


def test_a_victim_s_words_without_the_reserved_ones() -> None:
    victim = word_victim("lstm")
    space = WordSpace.of(victim, 3)
    assert space.words == victim.form.vocabulary.words[2:5]
    assert len(WordSpace.of(victim).words) == len(victim.form.vocabulary) - 2
    table = victim.network.embedding.weight.detach().numpy()  # type: ignore[union-attr]
    a, b = table[2], table[3]
    expected = 1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert space.distances(space.words[0])[1] == pytest.approx(expected, rel=1e-5)


def test_antonym_pairs_once_each() -> None:
    antonyms = Antonyms(
        thesaurus=None,  # type: ignore[arg-type]
        direct={"a": {"good": ["bad", "evil"], "bad": ["good"]}, "n": {"good": ["bad"], "film": ["film"]}},
        senses={},
        opposites={},
    )
    pairs = antonym_pairs(SPACE.words, antonyms)
    assert pairs == (("bad", "good"),)
    assert opposed_in_feeling((*pairs, ("good", "great"), ("film", "good")), VALENCES) == pairs


class TestAntonymRanks:
    words = tuple(f"w{i}" for i in range(120))
    pairs = tuple((f"w{i}", f"w{i + 1}") for i in range(0, 120, 2))

    def space(self, angle: float, seed: int = 0) -> WordSpace:
        """Pairs that stand about so many radians apart, in random places of three dimensions."""
        rng = np.random.default_rng(seed)
        first = rng.normal(size=(60, 3))
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        away = np.cross(first, rng.normal(size=(60, 3)))
        second = np.cos(angle) * first + np.sin(angle) * away / np.linalg.norm(away, axis=1, keepdims=True)
        return WordSpace(self.words, np.stack([first, second], axis=1).reshape(120, 3))

    def test_farther_apart_is_seen_and_equal_is_not(self) -> None:
        near, far = ({seed: self.space(angle, seed) for seed in range(2)} for angle in (0.05, 1.5))
        ranks = {name: antonym_ranks(name, found, self.pairs) for name, found in
                 {"base": near, "AT": far, "same": near}.items()}  # fmt: skip
        assert ranks["base"].median.estimate < 3 < ranks["AT"].median.estimate
        apart, same = compare(ranks, "base")
        assert (apart.first, apart.second, apart.apart, same.apart) == ("AT", "base", True, None)
        assert apart.seeds == same.seeds == (0, 1)
        logs = np.mean([ranks["AT"].logs[seed] - ranks["base"].logs[seed] for seed in range(2)], axis=0)
        assert apart.factor.estimate == pytest.approx(np.exp(logs.mean()))
        assert ttest_1samp(logs, 0).pvalue < 0.001
        assert apart.p < 0.001
        assert apart.factor.low is not None
        assert 1 < apart.factor.low < apart.factor.estimate
        assert (same.factor.estimate, same.p) == (1.0, 1.0)
        assert compare(dict(reversed(ranks.items())), "AT")[1].apart is False

    def test_too_few_pairs(self) -> None:
        with pytest.raises(UsageError, match="at least 50 antonym pairs, got 3"):
            antonym_ranks("base", {0: self.space(1)}, self.pairs[:3])
        with pytest.raises(UsageError, match="base: expected at least one space"):
            antonym_ranks("base", {}, self.pairs)

    def test_paired_by_seed(self) -> None:
        """VAT is the baseline's seed 1 again: over the common seed nothing moved, whatever its seed 0 says."""
        near, far = self.space(0.05, 1), self.space(1.5, 2)
        trained = {"base": {0: far, 1: near}, "VAT": {1: near}, "AT": {2: far}}
        ranks = {name: antonym_ranks(name, found, self.pairs) for name, found in trained.items()}
        (moved,) = compare(ranks, "base")  # AT shares no seed
        assert (moved.first, moved.seeds, moved.factor.estimate, moved.p) == ("VAT", (1,), 1.0, 1.0)
        assert ranks["base"].median.estimate > ranks["VAT"].median.estimate


@pytest.mark.parametrize("kind", ["cnn", "lstm", "lstm-lm"])
def test_losses_of_each_text_stand_in_its_place_and_worst_case_is_worse(kind: str) -> None:
    vocabulary = Vocabulary(sorted({word for example in DEV for word in example.text.split()}))
    if kind == "lstm-lm":
        torch.manual_seed(1)
        network = DocumentLstm(len(vocabulary), 2, hidden=8, embedding=8, top=4, dropout=0.5)
        victim = NetworkVictim(network, WordForm(vocabulary, 20), DEV.labels, kind)
    else:
        victim = word_victim(kind)
    found = text_losses(victim, DEV, eps=1.0)
    assert found.nll.shape == found.adversarial.shape == found.virtual.shape == (len(DEV),)
    assert (found.adversarial >= found.nll).mean() > 0.9
    assert (found.virtual >= 0).mean() > 0.9
    example = DEV[7]
    ids = torch.tensor([victim.form.vocabulary.ids_of_string(example.text)])
    with torch.no_grad():
        logits = victim.network(ids, torch.tensor([ids.shape[1]]))
    assert found.nll[7] == pytest.approx(cross_entropy(logits, torch.tensor([example.label])).item(), rel=1e-4)
    unmoved = text_losses(victim, DEV, eps=0.0)
    np.testing.assert_array_equal(unmoved.adversarial, unmoved.nll)


class TestDiagram:
    def test_says_what_the_recipe_says(self) -> None:
        svg = embedding_diagram(DocumentReader(hidden=77, top=31, epsilon=2.5))
        for told in ("77 units", "ReLU 31", "‖r‖₂ = 2.5", "‹end›", "v̄₁ + r₁"):
            assert told in svg
        assert "r₄" not in svg  # nothing is added to the end mark
        assert svg == embedding_diagram(DocumentReader(hidden=77, top=31, epsilon=2.5))

    def test_without_an_end_mark(self) -> None:
        svg = embedding_diagram(Lstm(), ("so", "dull"))
        assert "ReLU" not in svg
        assert "v̄₂ + r₂" in svg
        with pytest.raises(UsageError, match="at least one word"):
            embedding_diagram(Lstm(), ())
