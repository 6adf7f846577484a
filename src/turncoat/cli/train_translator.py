"""turncoat train translator"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from turncoat.cli.screen import out, tell, training_progress
from turncoat.evaluation.environment import command_line


def train_translator(
    data: str,
    folder: Path,
    seed: int,
    settings: Sequence[str],
    examples: int | None,
    test_examples: int | None,
    columns: tuple[str, str],
    strict: bool,
) -> None:
    """Train a translator; see `turncoat.cli.train` for the arguments. `columns`: those of text and reference."""
    from turncoat.config import with_settings
    from turncoat.training.translation_splits import read_translation_splits
    from turncoat.training.translator import train_translator as train
    from turncoat.training.translator_recipe import TranslatorRecipe

    recipe = with_settings(TranslatorRecipe(), settings)
    splits = read_translation_splits(data, *columns, strict=strict)
    train_set, test_set = splits.train.sample(examples, seed), splits.test.sample(test_examples, seed)
    with training_progress() as progress:
        card = train(train_set, splits.dev, test_set, folder, recipe, seed, progress, command_line())
    found = card.training["test"]
    out.print(
        f"test BLEU {found['sacrebleu']:.1f} ({found['low']:.1f}-{found['high']:.1f}, {found['n']} sentences, "
        f"sacreBLEU {found['signature']})",
        highlight=False,
        soft_wrap=True,
    )
    tell(f"translator: {folder}")
