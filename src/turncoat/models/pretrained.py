"""Reading a model and its tokenizer from a folder in Hugging Face's form: safetensors only, no code, no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from turncoat.errors import UsageError


def load_pretrained(
    kind: Any, folder: Path, expected: str, *, advice: str = "", new_head: bool = False, **options: Any
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model, in float32 and set to answer (eval), and tokenizer.

    Args:
        kind: the auto class that builds the model.
        folder: where the files are.
        expected: what the model should be, without an article, for messages ("masked language model").
        advice: what to do about a model of which weights are missing.
        new_head: whether weights may be missing, as a new head will be trained.
        options: more, for the auto class.

    Raises:
        UsageError: no such model, no safetensors weights, no tokenizer, or weights are missing.
    """
    told = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # what is missing is said below
    try:
        model, info = kind.from_pretrained(
            folder, use_safetensors=True, trust_remote_code=False, local_files_only=True,
            dtype=torch.float32, output_loading_info=True, **options,
        )  # fmt: skip
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, ImportError) as error:
        raise UsageError(
            f"{folder}: expected a {expected} with safetensors weights and a tokenizer: {error}"
        ) from error
    finally:
        logging.set_verbosity(told)
    if info["missing_keys"] and not new_head:
        missing = ", ".join(sorted(info["missing_keys"]))
        raise UsageError(
            f"{folder}: expected a trained {expected}, but its weights lack {missing}{advice and f'; {advice}'}"
        )
    return model, tokenizer


def need_fast(folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Raises UsageError unless the tokenizer tells where in a text its tokens stand."""
    if not tokenizer.is_fast:
        raise UsageError(f"{folder}: expected a fast tokenizer (tokenizer.json), got {type(tokenizer).__name__}")
