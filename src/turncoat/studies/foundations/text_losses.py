"""How flat a text classifier is around texts: its losses at them, and where word vectors are perturbed.

Source: T. Miyato, A. M. Dai, I. Goodfellow. ICLR 2017, arXiv 1605.07725, Figure 2: negative log-likelihood, adversarial
and virtual adversarial loss on the test set at ε = 5, in the course of training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from turncoat.continuous.embedding import adversarial_perturbation, perturbable
from turncoat.continuous.modes import Given, evaluating
from turncoat.continuous.slopes import losses
from turncoat.continuous.virtual import PowerIteration, lds
from turncoat.data.example import Dataset
from turncoat.models.networks import word_victim
from turncoat.models.victim import Victim
from turncoat.training.rows import WordRows

SIZE = 64  # texts at once


@dataclass(frozen=True)
class TextLosses:
    """In nats, one entry a text (texts,).

    Attributes:
        nll: -log p(label), of the text as it is.
        adversarial: the same, of the text moved by ε uphill in it.
        virtual: KL divergence of the verdict on the text moved by ε in the virtual adversarial direction.
    """

    nll: NDArray[np.float64]
    adversarial: NDArray[np.float64]
    virtual: NDArray[np.float64]


def text_losses(victim: Victim, dataset: Dataset, eps: float = 5.0, xi: float = 0.1, seed: int = 0) -> TextLosses:
    """Losses of a word network, without dropout. ε is in units of its word vectors: compare normalised ones only.

    Raises:
        UsageError: see `word_victim`.
    """
    reader = word_victim(victim)
    network, form = reader.network, reader.form
    texts = WordRows((example.text for example in dataset), form.vocabulary, form.longest)
    golds = torch.tensor([example.label for example in dataset])
    search, noise = PowerIteration(eps=eps, xi=xi), torch.Generator().manual_seed(seed)
    order = np.argsort(texts.lengths, kind="stable")
    found = np.zeros((3, len(dataset)))
    with evaluating(network), torch.no_grad():
        for rows in np.split(order, range(SIZE, len(order), SIZE)):
            ids, lengths = texts.padded(rows)
            vectors, labels = network.vectors(ids, lengths), golds[rows]
            mask = perturbable(lengths, vectors.shape[1], end_token=False)
            model = Given(network.read, lengths)
            r = adversarial_perturbation(model, vectors, labels, eps=eps, mask=mask)
            parts = losses(model(vectors), labels), losses(model(vectors + r), labels)
            found[:, rows] = torch.stack([*parts, lds(model, vectors, search, noise, mask)]).double().numpy()
    return TextLosses(*found)
