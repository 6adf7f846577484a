"""Multi30k (Elliott, Frank, Sima'an and Specia 2016): descriptions of pictures, from English."""

from __future__ import annotations

from collections.abc import Mapping

from turncoat.data.originals import original
from turncoat.data.parallel import read_parallel
from turncoat.data.splitting import check_split
from turncoat.data.translation import TranslationDataset, TranslationExample

FILES: Mapping[str, str] = {"train": "train", "dev": "val", "test": "test_2016_flickr", "test2017": "test_2017_flickr"}


def load_en_de(split: str) -> TranslationDataset:
    """Multi30k, English to German; splits train 29,000, dev 1,014, test 1,000 (2016, Flickr), test2017 1,000.

    As published (task 1, raw), but for blanks at the ends of lines. An example's id is its line in the original file.
    """
    return _load("de", split)


def load_en_fr(split: str) -> TranslationDataset:
    """Multi30k, English to French; splits as for German: the same English sentences."""
    return _load("fr", split)


def _load(language: str, split: str) -> TranslationDataset:
    name = f"multi30k_en_{language}"
    check_split(name, split, FILES)
    source, reference = (original("multi30k", f"{FILES[split]}.{side}.gz") for side in ("en", language))
    pairs = read_parallel(source, reference, strict=True)
    examples = (
        TranslationExample(f"multi30k-{split}-{number:05d}", pair.text, pair.reference)
        for number, pair in enumerate(pairs, 1)
    )
    return TranslationDataset(f"{name}/{split}", tuple(examples), source=pairs.source)
