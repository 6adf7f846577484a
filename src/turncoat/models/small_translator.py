"""The translator that turncoat trains itself: a small transformer over pieces of words, and a beam search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from turncoat.errors import BrokenData
from turncoat.models.batching import Batching, split_like
from turncoat.models.beam_search import END, Beams, search
from turncoat.models.card import Card
from turncoat.models.fingerprint import fingerprint
from turncoat.models.small_transformer import Sizes, SmallTransformer
from turncoat.models.translator import Translator, as_objects, single_spaced
from turncoat.text import Text

KIND = "translator"
PIECES = "tokenizer.json"
UNKNOWN_WORD = "[UNK]"
MAX_PIECES = 128
BATCHING = Batching(tokens=512, grid=1)  # sources of one length together: nothing is ever padded


class SmallTranslator(Translator):
    """A `SmallTransformer` and its pieces, in float32.

    A translation is the same in any company where products of a multiple of `batching.ROWS` rows agree to the bit;
    elsewhere it may differ only if two translations are worth the same but for rounding.

    Args:
        beams: how it searches.
    """

    weights: ClassVar[str] = "model.safetensors"

    def __init__(self, network: SmallTransformer, pieces: Tokenizer, name: str, beams: Beams | None = None) -> None:
        self.network, self.pieces, self.name = network.eval(), pieces, name
        self.unknown, self.beams = UNKNOWN_WORD, beams or Beams()
        self.fingerprint = f"{fingerprint(network)} beams {self.beams.width} {self.beams.power}"

    def translate(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.object_]]:
        rows: dict[tuple[int, ...], int] = {}
        encodings = self.pieces.encode_batch(single_spaced(batches))
        numbers = [rows.setdefault((*encoding.ids[: MAX_PIECES - 1], END), len(rows)) for encoding in encodings]
        sources = list(rows)
        lengths = np.array([len(ids) for ids in sources], np.int64)

        def answer(chosen: NDArray[np.int64], length: int) -> NDArray[np.object_]:
            ids = torch.tensor([sources[row] for row in chosen])
            found = search(self.network, ids, self.beams, most=2 * length + 10)
            return as_objects(self.pieces.decode_batch(found))

        return split_like(BATCHING.answer(lengths, answer)[numbers], batches)

    def visible(self, text: Text) -> int:
        offsets = self.pieces.encode(str(text)).offsets[: MAX_PIECES - 1]
        seen = max((end for _, end in offsets), default=0)
        ends = np.cumsum([len(gap) + len(word) for gap, word in zip(text.gaps, text.words, strict=False)])
        return int(np.searchsorted(ends, seen, side="right"))

    def write(self, folder: Path) -> None:
        """Write the weights and the pieces into an existing folder."""
        save_file(self.network.state_dict(), folder / self.weights)
        self.pieces.save(str(folder / PIECES))

    @property
    def architecture(self) -> dict[str, float]:
        """What the card keeps to build it again."""
        return {**asdict(self.network.sizes), **{f"beams_{key}": value for key, value in asdict(self.beams).items()}}


def load_small_translator(folder: Path, card: Card) -> SmallTranslator:
    """A stored translator.

    Raises:
        BrokenData: its files do not fit the card.
    """
    try:
        pieces = Tokenizer.from_file(str(folder / PIECES))
        sizes = dict(card.architecture)
        beams = Beams(width=sizes.pop("beams_width"), power=sizes.pop("beams_power"))
        network = SmallTransformer(pieces.get_vocab_size(), Sizes(**sizes))
        network.load_state_dict(load_file(folder / card.weights))
    except (KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise BrokenData(f"{folder}: the weights do not fit the card's architecture: {error}") from error
    except Exception as error:  # the library that reads pieces raises nothing more special
        raise BrokenData(f"{folder / PIECES}: expected a tokenizer: {error}") from error
    return SmallTranslator(network, pieces, folder.name, beams)
