"""Perplexity by any causal language model of the hub's format, with safetensors weights. Its code is never run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from turncoat.errors import UsageError
from turncoat.models.finding import find_folder
from turncoat.models.fingerprint import fingerprint
from turncoat.models.pretrained import load_pretrained

STRIDE = 512  # new tokens a window, in texts longer than the model's input
NO_LIMIT = 1024  # input of models that state none


class CausalLM:
    """A language model that reads from left to right.

    Args:
        name: folder or hub name.
        online: whether the hub may be asked.

    Raises:
        MissingResource: the model is not on this machine.
        UsageError: it is no causal language model, lacks weights, or its tokenizer has no token to begin a text with.
    """

    def __init__(self, name: str, online: bool = False) -> None:
        folder = find_folder(name, online)
        loaded, tokenizer = load_pretrained(AutoModelForCausalLM, folder, "causal language model")
        self.model: Any = loaded
        self.tokenizer: Any = tokenizer
        self.name = name
        self.fingerprint = fingerprint(self.model)
        start = self.tokenizer.bos_token_id
        self._start = self.tokenizer.eos_token_id if start is None else start
        self._window = int(getattr(self.model.config, "max_position_embeddings", None) or NO_LIMIT)
        if self._start is None:
            raise UsageError(f"{folder}: expected a tokenizer with a token that begins (or ends) texts, found none")
        if self._sees_ahead():
            raise UsageError(
                f"{folder}: expected a causal language model, but this one sees the words that follow "
                f"({type(self.model).__name__}); a masked language model gives pseudo-perplexity: --masked-lm"
            )

    def perplexities(self, strings: Sequence[str]) -> NDArray[np.float64]:
        """exp(mean negative log-likelihood a token) of each string by itself (strings,); nan for one without tokens.

        Every token is predicted, the first from the token that begins a text. Of strings longer than the model's
        input, each token is predicted once, in windows that move on by `STRIDE` tokens.
        """
        return np.array([self._perplexity(string) for string in strings], np.float64)

    def _perplexity(self, string: str) -> float:
        ids = self.tokenizer(string, add_special_tokens=False, verbose=False)["input_ids"]
        return float(np.exp(self._losses(torch.tensor([self._start, *ids])).mean())) if ids else float("nan")

    def _losses(self, ids: Tensor) -> NDArray[np.float64]:
        """Negative log-likelihood of every token but the first."""
        losses, done = [], 1
        stride = min(STRIDE, self._window - 1)
        while done < len(ids):
            end = min(len(ids), self._window if done == 1 else done + stride)
            logits = self._logits(ids[max(0, end - self._window) : end])
            new = end - done
            losses.append(cross_entropy(logits[-new - 1 : -1], ids[done:end], reduction="none").double().numpy())
            done = end
        return np.concatenate(losses)

    def _logits(self, ids: Tensor) -> Tensor:
        with torch.inference_mode():
            return self.model(input_ids=ids[None]).logits[0].float()  # type: ignore[no-any-return]

    def _sees_ahead(self) -> bool:
        """Whether another last token changes what is expected after the first."""
        first, second = (self._logits(torch.tensor([self._start, self._start, last]))[0] for last in (0, 1))
        return not torch.allclose(first, second, atol=1e-4)
