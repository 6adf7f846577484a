"""Where a bidirectional language model is kept: our own folders, and the original's weights file."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from turncoat.data.cache import cache_folder
from turncoat.errors import BrokenData, MissingResource
from turncoat.models.bilm import ORIGINAL, BiLM, BiLMSizes, WordStates
from turncoat.models.card import FILE, read_card

KIND, WEIGHTS = "bilm", "model.safetensors"
DEFAULT = "bilm"  # folder in the cache


def write_bilm(model: BiLM, folder: Path) -> None:
    """Write the weights into an existing folder."""
    save_file(model.state_dict(), folder / WEIGHTS)


@lru_cache(maxsize=2)
def open_bilm(source: str) -> WordStates:
    """A model from a folder, from the original's .hdf5 file, or ("bilm") from the cache.

    Models that name one source share what they read.

    Raises:
        MissingResource: there is none. BrokenData: the weights do not fit their card.
    """
    path = cache_folder() / DEFAULT if source == DEFAULT else Path(source)
    if path.suffix in {".hdf5", ".h5"} and path.is_file():
        return WordStates(_original(path))
    if not (path / FILE).is_file():
        raise MissingResource(
            f"no bidirectional language model in {path}: run `turncoat zoo pretrain CORPUS --out {path}`, or name the "
            "original's .hdf5 file"
        )
    card = read_card(path)
    try:
        sizes = {**card.architecture, "filters": tuple(map(tuple, card.architecture["filters"]))}
        model = BiLM(BiLMSizes(**sizes))
        model.load_state_dict(load_file(path / card.weights))
    except (KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise BrokenData(f"{path}: the weights do not fit the card: {error}") from error
    return WordStates(model)


def sizes_table(sizes: BiLMSizes) -> dict[str, Any]:
    """The sizes as a card holds them."""
    return asdict(sizes) | {"filters": [list(each) for each in sizes.filters]}


def _original(path: Path, sizes: BiLMSizes = ORIGINAL) -> BiLM:
    """The published weights (Peters et al. 2018, TensorFlow's names and shapes in HDF5).

    It keeps matrices the other way round; forget gates get the 1.0 that TensorFlow adds when it runs.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingResource(f"{path}: reading it needs h5py: run `pip install 'turncoat[elmo]'`") from error
    try:
        with h5py.File(path, "r") as file:

            def take(name: str) -> torch.Tensor:
                return torch.from_numpy(file[name][...]).float()

            return _filled(BiLM(sizes), take)
    except (OSError, KeyError, RuntimeError) as error:
        raise BrokenData(f"{path}: expected the weights of the original ELMo (hdf5): {error}") from error


def _filled(model: BiLM, take: Any) -> BiLM:
    sizes = model.sizes
    weights: dict[str, torch.Tensor] = {}
    weights["speller.bytes.weight"] = take("char_embed")
    for i, (width, count) in enumerate(sizes.filters):
        filters = take(f"CNN/W_cnn_{i}")  # (1, width, characters, filters)
        weights[f"speller.filters.{i}.weight"] = filters.reshape(width * sizes.characters, count).T.contiguous()
        weights[f"speller.filters.{i}.bias"] = take(f"CNN/b_cnn_{i}")
    for i in range(sizes.highways):
        for ours, theirs in (("gate", "carry"), ("transform", "transform")):
            weights[f"speller.highways.{i}.{ours}.weight"] = take(f"CNN_high_{i}/W_{theirs}").T.contiguous()
            weights[f"speller.highways.{i}.{ours}.bias"] = take(f"CNN_high_{i}/b_{theirs}")
    weights["speller.projection.weight"] = take("CNN_proj/W_proj").T.contiguous()
    weights["speller.projection.bias"] = take("CNN_proj/b_proj")
    for layer in range(2):
        for direction in range(2):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
            ours = f"readers.{layer}.{direction}"
            matrix, bias = take(f"{cell}/W_0"), take(f"{cell}/B").clone()  # (input + state, 4 * cells)
            bias[2 * sizes.cells : 3 * sizes.cells] += 1.0
            weights[f"{ours}.inputs.weight"] = matrix[: sizes.projected].T.contiguous()
            weights[f"{ours}.states.weight"] = matrix[sizes.projected :].T.contiguous()
            weights[f"{ours}.inputs.bias"] = bias
            weights[f"{ours}.projection.weight"] = take(f"{cell}/W_P_0").T.contiguous()
    model.load_state_dict(weights)
    return model
