"""What the models of a study read through: word vectors and language models are often not the published ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from turncoat.models.card import FILE, Card, read_card
from turncoat.studies.zoo_names import MINILM, model_named

TRANSFORMERS = "BERT"  # the class in which the tables put all of them


def inputs_note(folders: Iterable[Path]) -> str:
    """A sentence for each source of inputs, with what it was trained on if turncoat trained it; "" without any.

    Args:
        folders: of trained models; others are passed over.

    Raises:
        BrokenData: a model's card cannot be read.
    """
    cards = [read_card(folder) for folder in folders if (folder / FILE).is_file()]
    found = dict.fromkeys(told for card in cards for told in _sources(card))
    transformers = {
        name
        for card in cards
        if (name := str(card.training.get("model", ""))) and model_named(name).architecture == TRANSFORMERS
    }
    if transformers == {MINILM.name}:
        found[f"{MINILM} alone stands in the class {TRANSFORMERS}; it is none of the 63"] = None
    return "".join(f"{sentence}. " for sentence in sorted(found)).strip()


def _sources(card: Card) -> Iterable[str]:
    if (vectors := card.training.get("vectors")) is not None:
        path = Path(str(vectors))
        yield f"{_embedding(card)} vectors are {path.name}{_ours(path.with_suffix('.toml'), 'running_words')}"
    if card.architecture.get("form") == "WC":
        path = Path(str(card.architecture["bilm"]))
        yield f"ELMo inputs come from {path.name}{_ours(path / FILE, 'words')}"


def _embedding(card: Card) -> str:
    return str(model_named(str(card.training.get("model", ""))).embedding or "Word")


def _ours(file: Path, words: str) -> str:
    """What a card beside the source says of its training."""
    if not file.is_file():
        return ""
    content: Mapping[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    about = content | content.get("training", {})
    perplexity = about.get("perplexity_of_the_last_tenth")
    told = f", perplexity {perplexity:.0f}" if perplexity is not None else ""
    return f", trained by turncoat on {about[words] / 1e6:.1f} million words{told}, not the published ones"
