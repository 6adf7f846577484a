"""What a study says of the sources that its models read through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from turncoat.models.card import Card, write_card
from turncoat.studies.zoo_inputs import inputs_note


def model(folder: Path, name: str, architecture: dict[str, Any] | None = None, **training: Any) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    write_card(Card("sequence", ("a", "b"), architecture or {}, {"model": name, **training}), folder)
    return folder


def test_vectors_and_language_models_of_our_own_are_named(tmp_path: Path) -> None:
    (tmp_path / "glove-300.toml").write_text("running_words = 13849390\n")
    bilm = tmp_path / "bilm"
    bilm.mkdir()
    (bilm / "card.toml").write_text("[training]\nwords = 1200000\nperplexity_of_the_last_tenth = 573.7\n")
    glove = {"vectors": str(tmp_path / "glove-300.bin")}
    folders = [
        model(tmp_path / "a", "CNN-W-GloVe-1", **glove),
        model(tmp_path / "b", "LSTM-W-GloVe-1", **glove),
        model(tmp_path / "c", "CNN-WC-ELMo-1", {"form": "WC", "bilm": str(bilm)}),
        model(tmp_path / "d", "CNN-W-Random-1", {"form": "W"}),
        tmp_path / "not-trained",
    ]
    assert inputs_note(folders) == (
        "ELMo inputs come from bilm, trained by turncoat on 1.2 million words, perplexity 574, not the published ones. "
        "GloVe vectors are glove-300.bin, trained by turncoat on 13.8 million words, not the published ones."
    )


def test_files_without_a_card_are_named_alone(tmp_path: Path) -> None:
    folder = model(tmp_path / "a", "CNN-W-W2vec-1", vectors="/else/GoogleNews.bin")
    assert inputs_note([folder]) == "W2vec vectors are GoogleNews.bin."


def test_minilm_does_not_pass_for_the_three_transformers(tmp_path: Path) -> None:
    minilm = model(tmp_path / "a", "MiniLM")
    assert inputs_note([minilm]) == "MiniLM alone stands in the class BERT; it is none of the 63."
    assert inputs_note([minilm, model(tmp_path / "b", "BERT")]) == ""
