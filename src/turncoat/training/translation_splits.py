"""Translations to train, choose and judge a translator by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from turncoat.data.parallel import is_translations_file, read_translations
from turncoat.data.splitting import shuffled
from turncoat.data.translation import TranslationDataset
from turncoat.errors import UsageError

SHARE = 0.1  # of a file, for dev and for test


@dataclass(frozen=True)
class TranslationSplits:
    """Three parts that share no example: `dev` chooses the epoch, `test` judges."""

    train: TranslationDataset
    dev: TranslationDataset
    test: TranslationDataset


def read_translation_splits(
    source: str, text_column: str = "text", reference_column: str = "reference", strict: bool = False
) -> TranslationSplits:
    """The splits of a named data set, or files cut in three by a hash of the lines' numbers, always the same way.

    Takes the arguments of `read_translations`.

    Raises:
        UsageError: files with too few sentences to cut.
    """
    if not is_translations_file(source):
        return TranslationSplits(*(read_translations(source, split) for split in ("train", "dev", "test")))
    whole = read_translations(source, "", text_column, reference_column, strict)
    order = shuffled(example.id for example in whole)
    size = round(SHARE * len(order))
    if not size:
        raise UsageError(f"{source}: expected at least {round(1 / SHARE)} sentences to cut in three, got {len(whole)}")
    parts = {"train": set(order[2 * size :]), "dev": set(order[size : 2 * size]), "test": set(order[:size])}
    return TranslationSplits(
        **{
            split: replace(
                whole, name=f"{whole.name}:{split}", examples=tuple(example for example in whole if example.id in ids)
            )
            for split, ids in parts.items()
        }
    )
