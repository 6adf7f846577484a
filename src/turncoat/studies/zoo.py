"""Training the zoo: two instances of each model, each in its own folder, `ZOO/NAME/a` and `ZOO/NAME/b`.

Each finished model is kept at once; the same call goes on with those that are missing, and two processes with the same
folder share the work. A model that cannot be trained leaves a note and the others go on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import tomli_w

from turncoat.data.vectors import find_vectors
from turncoat.disk import locked, write_file
from turncoat.errors import MissingResource, TurncoatError
from turncoat.models.card import FILE, Card, read_card
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.transformer import TransformerVictim
from turncoat.studies.model import Model
from turncoat.studies.zoo_names import MINILM, ZOO, zoo_model
from turncoat.training.recipes import FineTune, Recipe, ZooRecipe
from turncoat.training.splits import Splits
from turncoat.training.storing import save
from turncoat.training.trainer import Progress, examine, train

INSTANCES = ("a", "b")
BACKBONES = {"BERT": "bert-base-uncased", "RoBERTa": "roberta-base", "ALBERT": "albert-base-v2", "MiniLM": None}
VECTORS = {"GloVe": "glove", "W2vec": "word2vec", "fastText": "fasttext"}
LARGE = 20_000  # training texts from which a word must occur 5 times to be known, else 2
CHARACTERS, CHARACTER_SIZE = 1014, 64
WHY = "not_trained.toml"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the models read through that is not learned from the data set.

    Attributes:
        vectors: folder with GloVe, word2vec and fastText vectors; None: see `find_vectors`.
        bilm: source of the language model for ELMo inputs; see `open_bilm`.
        online: whether transformers may be fetched from the hub.
    """

    vectors: Path | None = None
    bilm: str = "bilm"
    online: bool = False


@dataclass(frozen=True)
class Member:
    """One instance of a model in a zoo folder."""

    model: Model
    instance: str
    folder: Path

    @property
    def trained(self) -> bool:
        return (self.folder / FILE).is_file()

    @property
    def card(self) -> Card:
        return read_card(self.folder)


def members(folder: Path, models: Sequence[Model] = ZOO) -> list[Member]:
    """All instances of some models, trained or not, in the order of the models."""
    return [Member(model, each, folder / str(model) / each) for model in models for each in INSTANCES]


def chosen_models(names: Sequence[str]) -> tuple[Model, ...]:
    """Models by name; "all" means the 63, "one-layer" those of one layer, the transformers and MiniLM.

    Raises:
        UnknownName: see `zoo_model`.
    """
    found: dict[Model, None] = {}
    for name in names:
        if name == "all":
            found |= dict.fromkeys(ZOO)
        elif name == "one-layer":
            found |= dict.fromkeys([*(m for m in ZOO if m.layers in (1, None)), MINILM])
        else:
            found[zoo_model(name)] = None
    return tuple(found)


def recipe_for(model: Model, texts: int, inputs: Inputs) -> Recipe:
    """How a model is trained on so many texts.

    Raises:
        MissingResource: word vectors that are not on this machine.
    """
    if model.layers is None:
        return FineTune(backbone=BACKBONES[str(model)])
    vectors = None
    if model.form == "W" and model.embedding in VECTORS:
        vectors = str(find_vectors(VECTORS[model.embedding], inputs.vectors))
    recipe = ZooRecipe(
        stack=model.architecture,  # type: ignore[arg-type]
        form=model.form,  # type: ignore[arg-type]
        layers=model.layers,
        least=5 if texts >= LARGE else 2,
        vectors=vectors,
        bilm=inputs.bilm,
    )
    if model.form != "C":
        return recipe
    # by their last state, recurrent readers of so many characters learn little
    return replace(recipe, size=CHARACTER_SIZE, longest=CHARACTERS, pooled=True)


def train_members(
    wanted: Sequence[Member],
    splits: Splits,
    inputs: Inputs,
    seed: int = 0,
    on_end: Callable[[Member, str], None] = lambda member, why: None,
    progress: Progress = lambda epoch, step, steps, loss: None,
    command: str = "",
) -> None:
    """Train what is not there yet.

    Instances a and b of a model have the seeds 2 * `seed` and 2 * `seed` + 1; all learn from the same texts.

    Args:
        on_end: called with each member that was tried, and with what went wrong, or "".
    """
    for member in wanted:
        with locked(_beside(member) / f".{member.instance}.lock", wait=False) as ours:
            if member.trained or not ours:  # another process trains it
                continue
            try:
                _train(member, splits, inputs, 2 * seed + INSTANCES.index(member.instance), progress, command)
            except (TurncoatError, RuntimeError, OSError, MemoryError) as error:
                _note(member, error)
                on_end(member, str(error))
            else:
                (_beside(member) / f"{member.instance}.{WHY}").unlink(missing_ok=True)
                on_end(member, "")


def why_not_trained(member: Member) -> str:
    """What went wrong when this member was last tried; "" if it was not, or went well."""
    file = _beside(member) / f"{member.instance}.{WHY}"
    return str(tomllib.loads(file.read_text(encoding="utf-8"))["error"]) if file.is_file() else ""


def _train(member: Member, splits: Splits, inputs: Inputs, seed: int, progress: Progress, command: str) -> None:
    recipe = recipe_for(member.model, len(splits.train), inputs)
    if isinstance(recipe, FineTune) and recipe.backbone is not None and inputs.online:
        from turncoat.models.finding import find_folder

        recipe = replace(recipe, backbone=str(find_folder(recipe.backbone, online=True)))
    trained = examine(train(splits.train, splits.dev, recipe, seed, progress, command), splits.test)
    about = {"model": str(member.model), "instance": member.instance, "parameters": _parameters(trained.victim)}
    save(replace(trained, card=replace(trained.card, training={**trained.card.training, **about})), member.folder)


def _parameters(victim: object) -> int:
    """How many numbers were trained."""
    match victim:
        case NetworkVictim(network=network) | TransformerVictim(model=network):
            return sum(weights.numel() for weights in network.parameters())
        case _:
            raise TypeError(f"expected a model of the zoo, got a {type(victim).__name__}")


def _note(member: Member, error: Exception) -> None:
    kind = "not run" if isinstance(error, MissingResource) else "failed"
    about = {"model": str(member.model), "instance": member.instance, "state": kind, "error": str(error)}
    write_file(tomli_w.dumps(about), _beside(member) / f"{member.instance}.{WHY}")


def _beside(member: Member) -> Path:
    return member.folder.parent
