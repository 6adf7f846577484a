"""Training the models of the transfer study that read words, characters or spelled words (ELMo).

Source: the paper named in `studies/zoo_names.py`, Section 3.1 and Table 7. It states the training split and the
cross-entropy loss; all else is our choice, as the sizes of `ZooRecipe` say.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from turncoat.data.example import Dataset
from turncoat.data.vectors import read_vectors
from turncoat.errors import UsageError
from turncoat.models.forms import Form
from turncoat.models.network_victim import NetworkVictim, padded
from turncoat.models.sequence_network import KIND, SequenceNetwork, Table, build, form_of
from turncoat.models.vocabulary import UNKNOWN
from turncoat.text import Text
from turncoat.training.learners import Learner
from turncoat.training.recipes import ZooRecipe
from turncoat.training.vocabulary import count_words


class ZooLearner(Learner):
    """A network of the zoo and its texts. Draws its first weights from torch's generator."""

    def __init__(self, dataset: Dataset, recipe: ZooRecipe) -> None:
        self.name, self.labels, self.recipe = dataset.name, dataset.labels, recipe
        self.kind, self.architecture = KIND, recipe.architecture
        vocabulary = count_words(dataset, recipe.least) if recipe.form == "W" else None
        self.form: Form = form_of(self.architecture, vocabulary)
        self._rows = self.form.rows([[Text(example.text) for example in dataset]])
        self.lengths = self._rows.lengths[self._rows.numbers]
        self._golds = torch.tensor([example.label for example in dataset])
        self.network = build(self.form, self.architecture, len(self.labels))
        if recipe.vectors is not None and vocabulary is not None and isinstance(self.network.inputs, Table):
            fill(self.network.inputs, vocabulary.words, recipe.vectors)

    def loss(self, rows: NDArray[np.int64]) -> Tensor:
        ids, lengths = padded(self._rows, self._rows.numbers[rows], int(self.lengths[rows].max()))
        if self.recipe.form == "C":
            hidden = torch.rand(ids.shape) < self.recipe.hidden_characters
            ids = torch.where(hidden & (torch.arange(ids.shape[1]) < lengths[:, None]), UNKNOWN, ids)
        return cross_entropy(self.network(ids, lengths), self._golds[rows])

    def victim(self) -> NetworkVictim[SequenceNetwork, Form]:
        return NetworkVictim(self.network, self.form, self.labels, self.name)  # type: ignore[arg-type]


def fill(table: Table, words: tuple[str, ...], source: str) -> int:
    """Start the vectors of words from a file; gives how many it has. The two reserved words are left as they are.

    The vectors keep their proportions; together they are made as large as those drawn at random.

    Raises:
        UsageError: the file's vectors are of another size. BrokenData: see `read_vectors`.
    """
    known, matrix = read_vectors(Path(source), only={*words[2:]})
    if matrix.shape[1] != table.size:
        raise UsageError(
            f"{source}: expected vectors of {table.size} dimensions, got {matrix.shape[1]}; "
            f"train with --set size={matrix.shape[1]}, or take other vectors"
        )
    numbers = {word: i for i, word in enumerate(words)}
    scale = float(table.vectors.weight[2:].detach().std()) / float(matrix.std())
    with torch.no_grad():
        table.vectors.weight[[numbers[word] for word in known]] = torch.from_numpy(matrix * scale).float()
    return len(known)
