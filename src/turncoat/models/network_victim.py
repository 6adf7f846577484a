"""Victims of our own: a network, and the form in which it reads texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from turncoat.models.batching import split_like
from turncoat.models.fingerprint import fingerprint
from turncoat.models.forms import Form
from turncoat.models.network import Network
from turncoat.models.reading import DistinctRows
from turncoat.models.storable import Storable
from turncoat.text import Text

NetworkT = TypeVar("NetworkT", bound=Network)
FormT = TypeVar("FormT", bound=Form)


class NetworkVictim(Storable, Generic[NetworkT, FormT]):
    """A network that is shown each distinct row of numbers once."""

    weights: ClassVar[str] = "model.safetensors"

    def __init__(self, network: NetworkT, form: FormT, labels: tuple[str, ...], name: str) -> None:
        network.eval()
        self.network, self.form = network, form
        self.labels, self.name, self.unknown = labels, name, form.unknown
        self.fingerprint = fingerprint(network)

    def visible(self, text: Text) -> int:
        return self.form.visible(text)

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        distinct = self.form.rows(batches)

        def probabilities(rows: NDArray[np.int64], length: int) -> NDArray[np.float32]:
            return self.network(*padded(distinct, rows, length)).softmax(1).numpy()  # type: ignore[no-any-return]

        with torch.inference_mode():
            answers = self.network.batching.answer(distinct.lengths, probabilities)
        return [*split_like(answers[distinct.numbers], batches)]

    def write(self, folder: Path) -> None:
        save_file(self.network.state_dict(), folder / self.weights)
        self.form.write(folder)


def padded(distinct: DistinctRows, rows: NDArray[np.int64], length: int) -> tuple[Tensor, Tensor]:
    """Numbers and lengths of some distinct rows, as a network takes them."""
    return torch.from_numpy(distinct.padded(rows, length)), torch.from_numpy(distinct.lengths[rows])
