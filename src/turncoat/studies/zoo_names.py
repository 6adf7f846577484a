"""The 63 models of the transfer study, by name.

Source: L. Yuan, X. Zheng, Y. Zhou, C.-J. Hsieh, K.-W. Chang. "Generating Universal Language Adversarial Examples by
Understanding and Enhancing the Transferability across Neural Models." 2020 (arXiv 2011.08558), Table 7. All tables,
figures and sections named in this room are those of this version.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from turncoat.errors import UnknownName

Architecture = Literal["LSTM", "BiLSTM", "CNN", "BERT"]
Form = Literal["W", "C", "WC", "sub-word"]

DEPTHS: dict[Architecture, tuple[int, ...]] = {"LSTM": (1, 2, 4), "BiLSTM": (1, 2, 4), "CNN": (1, 2, 4, 6)}
INPUTS: tuple[tuple[Form, str], ...] = (
    ("W", "Random"), ("W", "GloVe"), ("W", "W2vec"), ("W", "fastText"), ("C", "Random"), ("WC", "ELMo"),
)  # fmt: skip
TRANSFORMERS = ("BERT", "RoBERTa", "ALBERT")
SPELLINGS = {"word2vec": "w2vec", "word": "w", "character": "c", "char": "c"}  # what the paper writes elsewhere


@dataclass(frozen=True)
class ZooModel:
    """What makes a model of the zoo that model; its printed form is its name ("CNN-W-GloVe-4").

    Attributes:
        id: its number in Table 7, from 1.
        architecture: "BERT" stands for all three transformers.
        form: what it reads: words (W), characters (C), words and characters (WC), or sub-words.
        embedding: what its input vectors start from; for a transformer, its own name.
        layers: depth; None for a transformer.
    """

    id: int
    architecture: Architecture
    form: Form
    embedding: str
    layers: int | None

    def __str__(self) -> str:
        if self.layers is None:
            return self.embedding
        return f"{self.architecture}-{self.form}-{self.embedding}-{self.layers}"

    @property
    def family(self) -> str:
        """Its class in Table 4: the embedding of a word model, else "Character", "ELMo" or "BERT"."""
        if self.form == "W":
            return self.embedding
        return {"C": "Character", "WC": "ELMo", "sub-word": "BERT"}[self.form]


def _zoo() -> tuple[ZooModel, ...]:
    kinds: list[tuple[Architecture, Form, str, int | None]] = [
        (architecture, form, embedding, layers)
        for architecture, depths in DEPTHS.items()
        for layers in depths
        for form, embedding in INPUTS
    ]
    kinds += [("BERT", "sub-word", name, None) for name in TRANSFORMERS]
    return tuple(ZooModel(id, *kind) for id, kind in enumerate(kinds, 1))


ZOO = _zoo()  # in the order of Table 7
BY_NAME = {str(model).lower(): model for model in ZOO}


def zoo_model(name: str) -> ZooModel:
    """The model of that name, in any case; "word2vec", "Word" and "Character" are read as "W2vec", "W" and "C".

    Raises:
        UnknownName: the zoo has no such model; the message suggests near ones.
    """
    parts = name.strip().lower().split("-")
    key = "-".join(SPELLINGS.get(part, part) for part in parts)
    if key not in BY_NAME:
        near = [str(BY_NAME[match]) for match in difflib.get_close_matches(key, BY_NAME)]
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownName(
            f"expected one of the {len(ZOO)} models of the zoo (such as {ZOO[0]} or {ZOO[-1]}), got {name!r}{hint}"
        )
    return BY_NAME[key]
