"""What every training by gradient can be told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from turncoat.errors import UsageError

Objective = Literal["clean", "random", "at", "vat", "at+vat"]


@dataclass(frozen=True, kw_only=True)
class Gradual:
    """What every training by gradient needs.

    Attributes:
        epochs: most passes over the data.
        patience: epochs without a better dev accuracy after which training stops; the best epoch's weights are kept.
        keep_last: the last epoch's weights are kept, whatever the dev accuracy, and no training stops early.
        batch: texts a step.
        rate: highest learning rate.
        decay: decoupled weight decay.
        warm_up: share of the steps in which the rate rises from 0; it then falls to 0. None: it stays as it is.
        decline: what is left of the rate at the end, by equal factors a step.
        most_norm: gradients longer than this are shortened to it.
        average: decay of the moving average of the weights, which is what is judged and kept; 0: no average.
        bfloat16: compute the forward pass in bfloat16 (weights and everything after training stay float32).
        objective: what is added to the cross-entropy of the texts as they are: nothing; or the loss at word vectors
            perturbed at random, adversarially (at), virtually adversarially (vat: the divergence from the verdict on
            the text as it is, which needs no label), or both. Where unlabelled texts are used, random is a divergence
            too.
        epsilon: L2 norm of the perturbation of a whole text; 0: the clean loss is all. In units of normalised vectors;
            5 suits texts of hundreds of words, about 1 single sentences.
        ramp: share of the steps in which epsilon rises from 0; 0: it is there at once, as in the paper. A network that
            has learnt nothing yet may never begin to against a large one.
        normalise: word vectors have mean 0 and variance 1 over the words of the training texts, all along. None: where
            the objective perturbs them.
        difference: step of the finite difference by which the virtual adversarial direction is found.
        unlabelled_batch: unlabelled texts a step, if there are any; None: as many as `batch`; 0: none.
    """

    epochs: int = 10
    patience: int = 2
    keep_last: bool = False
    batch: int = 64
    rate: float = 1e-3
    decay: float = 0.0
    warm_up: float | None = None
    decline: float = 1.0
    most_norm: float = 1.0
    average: float = 0.0
    bfloat16: bool = False
    objective: Objective = "clean"
    epsilon: float = 5.0
    ramp: float = 0.0
    normalise: bool | None = None
    difference: float = 0.1
    unlabelled_batch: int | None = None

    def __post_init__(self) -> None:
        if self.objective not in get_args(Objective):
            raise UsageError(f"expected an objective of {', '.join(get_args(Objective))}, got {self.objective!r}")
        if not (math.isfinite(self.epsilon) and self.epsilon >= 0):
            raise UsageError(f"expected epsilon of at least 0, got {self.epsilon}")
        if self.difference <= 0 or (self.unlabelled_batch or 0) < 0:
            raise UsageError(
                "expected difference above 0 and unlabelled_batch of at least 0, "
                f"got {self.difference} and {self.unlabelled_batch}"
            )
        if not (0 < self.decline <= 1 and 0 <= self.average < 1 and 0 <= self.ramp <= 1):
            raise UsageError(
                "expected decline in (0, 1], average in [0, 1) and ramp in [0, 1], "
                f"got {self.decline}, {self.average} and {self.ramp}"
            )

    @property
    def normalises(self) -> bool:
        """Whether word vectors are normalised."""
        return self.objective != "clean" if self.normalise is None else self.normalise

    def steps(self, texts: int) -> int:
        """How many steps all epochs have together."""
        return -(-texts // self.batch) * self.epochs

    @property
    def wants_unlabelled(self) -> bool:
        """Whether unlabelled texts are of use."""
        return self.objective not in ("clean", "at") and self.unlabelled_batch != 0
