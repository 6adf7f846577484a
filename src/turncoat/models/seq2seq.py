"""Translators from Hugging Face: any encoder-decoder with safetensors weights. Code in a model folder is never run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel, PreTrainedTokenizerBase

from turncoat.errors import UsageError
from turncoat.models.batching import Batching, split_like
from turncoat.models.finding import find_folder
from turncoat.models.fingerprint import fingerprint
from turncoat.models.pretrained import load_pretrained
from turncoat.models.tokens import pad
from turncoat.models.translator import Translator, as_objects, single_spaced
from turncoat.text import Text

BATCHING = Batching(tokens=512, grid=1)  # sources of one length together: nothing is ever padded
NO_LIMIT = 100_000  # tokenizers without a limit report about 1e30


class Seq2SeqTranslator(Translator):
    """An encoder-decoder and its tokenizer, in float32, with beam search.

    A translation does not depend on its company as long as products of a multiple of `batching.ROWS` rows agree to the
    bit: sources of one length stand together, in such multiples.

    Args:
        prefix: put before every text ("translate English to German: " for T5).
        language: the token that begins a translation, for models of many languages ("de_DE", "deu_Latn"); None for the
            model's own.
        beams: width of the search.
    """

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str,
        prefix: str = "", language: str | None = None, beams: int = 4,
    ) -> None:  # fmt: skip
        if beams < 1:
            raise UsageError(f"expected beams >= 1, got {beams}")
        self.model: Any = model.eval()  # type: ignore[no-untyped-call]
        self.tokenizer, self.name, self.prefix, self.beams = tokenizer, name, prefix, beams
        self.unknown = tokenizer.unk_token or "[UNK]"
        self.max_tokens = _max_tokens(model, tokenizer)
        self._first = _first_token(tokenizer, language, name)
        self.fingerprint = f"{fingerprint(model)} prefix {prefix!r} language {language} beams {beams}"

    def translate(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.object_]]:
        strings = [self.prefix + string for string in single_spaced(batches)]
        encoding = self.tokenizer(strings, truncation=True, max_length=self.max_tokens)["input_ids"]
        rows: dict[tuple[int, ...], int] = {}
        numbers = [rows.setdefault(tuple(ids), len(rows)) for ids in encoding]
        sources = list(rows)
        lengths = np.array([len(ids) for ids in sources], np.int64)

        def answer(chosen: NDArray[np.int64], length: int) -> NDArray[np.object_]:
            inputs = pad(self.tokenizer, {"input_ids": [list(sources[row]) for row in chosen]}, length)
            return as_objects(self._generate(inputs["input_ids"]))

        return split_like(BATCHING.answer(lengths, answer)[numbers], batches)

    def visible(self, text: Text) -> int:
        """Whole words within the longest input; by words of the text alone, as not every tokenizer tells places."""
        special = len(self.tokenizer(self.prefix)["input_ids"])
        left = self.max_tokens - special
        if len(self._pieces(str(text))) <= left:
            return len(text)
        seen = range(len(text) + 1)
        return max(count for count in seen if len(self._pieces(str(text.part(0, count)))) <= left)

    def _pieces(self, string: str) -> list[int]:
        return list(self.tokenizer(string, add_special_tokens=False, verbose=False)["input_ids"])

    def _generate(self, ids: torch.Tensor) -> list[str]:
        first = {} if self._first is None else {"forced_bos_token_id": self._first}
        room, most = getattr(self.model.config, "max_position_embeddings", None), 2 * ids.shape[1] + 10
        with torch.inference_mode():
            found = self.model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), num_beams=self.beams, do_sample=False,
                max_new_tokens=min(most, int(room or most)), **first,
            )  # fmt: skip
        return [str(string) for string in self.tokenizer.batch_decode(found, skip_special_tokens=True)]


def load_seq2seq(
    name: str | Path, online: bool = False, prefix: str = "", language: str | None = None, beams: int = 4
) -> Seq2SeqTranslator:
    """An encoder-decoder from a folder or from the hub; see `Seq2SeqTranslator`.

    Raises:
        UsageError: no encoder-decoder with trained safetensors weights and a tokenizer. MissingResource: see
            `find_folder`; or a package that its tokenizer needs.
    """
    folder = find_folder(str(name), online)
    expected = "translator (encoder-decoder; Marian needs `pip install sentencepiece`)"
    model, tokenizer = load_pretrained(AutoModelForSeq2SeqLM, folder, expected)
    return Seq2SeqTranslator(model, tokenizer, Path(name).name, prefix, language, beams)


def _max_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    if tokenizer.model_max_length < NO_LIMIT:
        return int(tokenizer.model_max_length)
    return int(getattr(model.config, "max_position_embeddings", None) or 512)


def _first_token(tokenizer: PreTrainedTokenizerBase, language: str | None, name: str) -> int | None:
    if language is None:
        return None
    number = tokenizer.get_vocab().get(language)
    if number is None:
        raise UsageError(f"{name}: expected a language token of this model, got {language!r}")
    return int(number)
