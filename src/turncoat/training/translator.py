"""Training a translator; a training that was killed loses a minute at most."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from turncoat.data.translation import TranslationDataset
from turncoat.errors import UsageError
from turncoat.goals.corpus_bleu import check_sacrebleu
from turncoat.models.card import Card, versions, write_card
from turncoat.models.small_translator import KIND, SmallTranslator
from turncoat.training.checkpoint import Checkpoint
from turncoat.training.pieces import choose_pieces
from turncoat.training.storing import new_folder
from turncoat.training.translator_learning import Kept, Learning, Pairs, Progress
from turncoat.training.translator_quality import examine
from turncoat.training.translator_recipe import TranslatorRecipe


def train_translator(
    train_set: TranslationDataset,
    dev_set: TranslationDataset,
    test_set: TranslationDataset,
    folder: Path,
    recipe: TranslatorRecipe,
    seed: int = 0,
    progress: Progress = lambda epoch, step, steps, loss: None,
    command: str = "",
) -> Card:
    """Train a translator and keep it, with its card, in a new folder.

    The same data, recipe, seed and machine give the same weights, also when the training was broken off in between.
    Until it is done, what it has reached lies beside that folder (`unfinished`), written once a minute and after each
    epoch; the same call goes on there.

    Args:
        test_set: its BLEU, with an interval, goes on the card.
        command: kept on the card.

    Raises:
        UsageError: the folder is there already, an unfinished training of something else is, or there is nothing to
            learn from. BrokenData: the unfinished training is damaged. MissingResource: sacreBLEU is not installed.
    """
    if folder.exists():
        raise UsageError(f"{folder}: expected a folder that does not exist yet; remove it or choose another")
    about = {
        "data": train_set.name, "rows": len(train_set), "dev": dev_set.name, "seed": seed,
        "sha256": {each.name: each.digest for each in (train_set, dev_set)}, **asdict(recipe),
    }  # fmt: skip
    check_sacrebleu()
    checkpoint = Checkpoint(unfinished(folder) / "training.safetensors")
    kept = _kept(checkpoint, about)
    pieces = choose_pieces(_sentences(train_set), recipe.pieces) if kept is None else kept.pieces
    learning = Learning(
        Pairs.of(train_set, pieces, recipe.most_pieces), Pairs.of(dev_set, pieces), pieces, recipe, seed
    )
    if kept is not None:
        learning.resume(kept)
    while len(learning.losses) < recipe.epochs:
        for _ in learning.epoch(progress):
            if checkpoint.due:
                learning.keep(checkpoint, about)
        learning.close_epoch()
        learning.keep(checkpoint, about)
    translator = SmallTranslator(learning.best(), pieces, folder.name, recipe.beams)
    with new_folder(folder) as partial:
        translator.write(partial)
        training = about | {"command": command, "dev_loss": learning.losses, "test": examine(translator, test_set)}
        made_by = versions("torch", "numpy", "safetensors", "tokenizers")
        card = Card(KIND, (), translator.architecture, training, versions=made_by, weights=translator.weights)
        card = write_card(card, partial)
    shutil.rmtree(unfinished(folder))
    return card


def unfinished(folder: Path) -> Path:
    """Where an unfinished training of this folder lies."""
    return folder.with_name(f".{folder.name}.training")


def _kept(checkpoint: Checkpoint, about: Mapping[str, Any]) -> Kept | None:
    """What an unfinished training has kept, if there is one.

    Raises:
        UsageError: it is another training.
    """
    kept = Kept.read(checkpoint)
    if kept is not None and kept.about != json.loads(json.dumps(about)):
        raise UsageError(
            f"{checkpoint.path}: expected an unfinished training with the same data, recipe and seed; remove the "
            f"folder {checkpoint.path.parent} or choose another --out"
        )
    return kept


def _sentences(dataset: TranslationDataset) -> Iterator[str]:
    return (side for example in dataset for side in (example.text, example.reference))
