"""A model under study: its name and, if it has them, the factors by which the tables of the studies sort it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Architecture = Literal["LSTM", "BiLSTM", "CNN", "BERT"]
Form = Literal["W", "C", "WC", "sub-word"]


@dataclass(frozen=True)
class Model:
    """Any model has a name; models of the zoo, and those that stand beside them, have factors as well.

    Attributes:
        name: tells it from all others of its study.
        architecture: "BERT" stands for all transformers; None for a model without factors.
        form: what it reads: words (W), characters (C), words and characters (WC), or sub-words.
        embedding: what its input vectors start from; for a transformer, its own name.
        layers: depth; None for a transformer.
    """

    name: str
    architecture: Architecture | None = None
    form: Form | None = None
    embedding: str | None = None
    layers: int | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def has_factors(self) -> bool:
        """Whether the tables of factors and of classes know where it belongs."""
        return None not in (self.architecture, self.form, self.embedding)

    @property
    def family(self) -> str | None:
        """Its class in Table 4: the embedding of a word model, else "Character", "ELMo" or "BERT"."""
        if self.form == "W" or self.form is None:
            return self.embedding
        return {"C": "Character", "WC": "ELMo", "sub-word": "BERT"}[self.form]
