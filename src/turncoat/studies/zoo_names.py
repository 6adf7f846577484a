"""The 63 models of the transfer study, by name.

Source: L. Yuan, X. Zheng, Y. Zhou, C.-J. Hsieh, K.-W. Chang. "Generating Universal Language Adversarial Examples by
Understanding and Enhancing the Transferability across Neural Models." 2020 (arXiv 2011.08558), Table 7. All tables,
figures and sections named in this room are those of this version.
"""

from __future__ import annotations

import difflib

from turncoat.errors import UnknownName
from turncoat.studies.model import Architecture, Form, Model

DEPTHS: dict[Architecture, tuple[int, ...]] = {"LSTM": (1, 2, 4), "BiLSTM": (1, 2, 4), "CNN": (1, 2, 4, 6)}
INPUTS: tuple[tuple[Form, str], ...] = (
    ("W", "Random"), ("W", "GloVe"), ("W", "W2vec"), ("W", "fastText"), ("C", "Random"), ("WC", "ELMo"),
)  # fmt: skip
TRANSFORMERS = ("BERT", "RoBERTa", "ALBERT")
SPELLINGS = {"word2vec": "w2vec", "word": "w", "character": "c", "char": "c"}  # what the paper writes elsewhere


def _zoo() -> tuple[Model, ...]:
    networks = [
        Model(f"{architecture}-{form}-{embedding}-{layers}", architecture, form, embedding, layers)
        for architecture, depths in DEPTHS.items()
        for layers in depths
        for form, embedding in INPUTS
    ]
    return (*networks, *(Model(name, "BERT", "sub-word", name) for name in TRANSFORMERS))


ZOO = _zoo()  # in the order of Table 7, which numbers them from 1
MINILM = Model("MiniLM", "BERT", "sub-word", "MiniLM")  # stands beside the 63, never for one of them
ORDER = (*ZOO, MINILM)
BY_NAME = {model.name.lower(): model for model in ORDER}


def zoo_model(name: str) -> Model:
    """The model of that name, in any case; "word2vec", "Word" and "Character" are read as "W2vec", "W" and "C".

    Raises:
        UnknownName: the zoo has no such model; the message suggests near ones.
    """
    key = _key(name)
    if key not in BY_NAME:
        near = [BY_NAME[match].name for match in difflib.get_close_matches(key, BY_NAME)]
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownName(
            f"expected one of the {len(ZOO)} models of the zoo (such as {ZOO[0]} or {ZOO[-1]}), or {MINILM}, which "
            f"stands beside them, got {name!r}{hint}"
        )
    return BY_NAME[key]


def model_named(name: str) -> Model:
    """The model of the zoo with that name, or else a model of one's own, without factors."""
    return BY_NAME.get(_key(name)) or Model(name)


def place(model: Model) -> int:
    """Where it stands among all models: first the zoo, in the order of Table 7, then those beside it, then others."""
    return ORDER.index(model) if model in ORDER else len(ORDER)


def _key(name: str) -> str:
    return "-".join(SPELLINGS.get(part, part) for part in name.strip().lower().split("-"))
