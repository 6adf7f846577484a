"""What a classifier of texts learns from: its texts as they are, and perturbed at their word vectors.

Source: T. Miyato, A. M. Dai, I. Goodfellow. "Adversarial Training Methods for Semi-Supervised Text Classification."
ICLR 2017, arXiv 1605.07725. The losses are those of `continuous.objectives`, with weight 1: `adversarial` (at), and the
mean local smoothness of labelled and unlabelled texts alike (vat); at+vat has both, with one ε.

Differences from the paper: each step takes a labelled batch and an unlabelled one, and the mean is over both, where the
authors' code draws a batch of all texts for vat; ε may rise from 0, for small networks that learn from few texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from turncoat.continuous.modes import Given
from turncoat.continuous.objectives import Batch, Classifier, adversarial, clean, random
from turncoat.continuous.virtual import PowerIteration, lds
from turncoat.training.batching import Pool, Rows
from turncoat.training.gradual import Gradual


class Vectors(NamedTuple):
    """Texts on their way into a model: vectors of their words (n, words, dimensions), what the model is told of their
    lengths (n, ...), and which words may be perturbed (n, words)."""

    inputs: Tensor
    lengths: Tensor
    mask: Tensor


class Perturbing:
    """A recipe's objective, and what it draws: noise, and unlabelled texts.

    Args:
        texts: number of labelled texts.
        unlabelled: lengths of the unlabelled texts (texts,).
        seed: of both draws, which no other generator sees: dropout is the same under every objective.
    """

    def __init__(self, recipe: Gradual, texts: int, unlabelled: Rows, seed: int) -> None:
        self.objective = recipe.objective if recipe.epsilon > 0 else "clean"
        self._parts = self.objective.split("+")
        # for the random control, no step towards what changes the verdict most
        iterations = 0 if self.objective == "random" else 1
        self._search = PowerIteration(eps=recipe.epsilon, xi=recipe.difference, iterations=iterations)
        size = recipe.batch if recipe.unlabelled_batch is None else recipe.unlabelled_batch
        used = self.objective not in ("clean", "at") and size > 0 and len(unlabelled) > 0
        self._pool = Pool(unlabelled, size, seed) if used else None
        self._noise = torch.Generator().manual_seed(seed)
        self._step, self._rising = 0, recipe.ramp * recipe.steps(texts)

    def loss(self, model: Classifier, texts: Vectors, labels: Tensor, read: Callable[[Rows], Vectors]) -> Tensor:
        """Mean loss over labelled texts, and over the next unlabelled ones, if any are used; `read` reads those."""
        known = Batch(texts.inputs, labels, texts.lengths, texts.mask)
        search = replace(self._search, eps=self._search.eps * self._share())
        if self.objective == "random" and self._pool is None:
            return random(model, known, eps=search.eps, generator=self._noise)
        loss = adversarial(model, known, eps=search.eps) if "at" in self._parts else clean(model, known)
        if "vat" not in self._parts and self.objective != "random":
            return loss
        every = [texts] if self._pool is None else [texts, read(self._pool.draw())]
        parts = [lds(Given(model, each.lengths), each.inputs, search, self._noise, each.mask) for each in every]
        return loss + torch.cat(parts).mean()

    def _share(self) -> float:
        """Of epsilon, at this step; each call is one."""
        self._step += 1
        return min(1.0, (self._step - 1) / self._rising) if self._rising else 1.0

    def state(self) -> dict[str, Tensor]:
        """All that the next loss depends on, but for model and texts."""
        taken = self._pool.taken if self._pool else 0
        return {"noise": self._noise.get_state(), "taken": torch.tensor([self._step, taken])}

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a `state`."""
        self._noise.set_state(state["noise"])
        self._step, taken = state["taken"].tolist()
        if self._pool:
            self._pool.taken = taken
