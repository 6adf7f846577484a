"""What to train on: the clean loss, and the losses that add perturbed inputs. Each is a mean over a batch, in nats.

The clean and the perturbed loss run through the model one after the other, in the mode it is in; perturbations are made
as their own functions say, and stay constant: no gradient flows through them. Running statistics of batch
normalisation are taken from the clean pass alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from turncoat.continuous.embedding import adversarial_perturbation
from turncoat.continuous.fgsm import fgsm
from turncoat.continuous.modes import Given, Model, unrecorded
from turncoat.continuous.noise import on_sphere
from turncoat.continuous.sizes import Box
from turncoat.continuous.virtual import PowerIteration, lds
from turncoat.errors import UsageError

Classifier = Callable[..., Tensor]  # logits (n, classes) of inputs, or of inputs and their lengths


@dataclass(frozen=True)
class Batch:
    """Examples with labels, and after them, if any, examples without.

    Attributes:
        inputs: (n, ...); for texts, the vectors of their words (n, words, dimensions), after dropout on them.
        labels: of the first `len(labels)` inputs, at least one.
        lengths: (n,) for models of inputs and lengths; None for models of inputs alone.
        mask: words (n, words) that may be perturbed, see `perturbable`; None for all components.
    """

    inputs: Tensor
    labels: Tensor
    lengths: Tensor | None = None
    mask: Tensor | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.labels) <= len(self.inputs):
            raise UsageError(f"expected 1 to {len(self.inputs)} labels, got {len(self.labels)}")

    @property
    def labelled(self) -> Batch:
        """The examples with labels."""
        known = len(self.labels)
        lengths = None if self.lengths is None else self.lengths[:known]
        return Batch(self.inputs[:known], self.labels, lengths, None if self.mask is None else self.mask[:known])

    def given(self, model: Classifier) -> Model:
        """The model as a function of inputs alone."""
        return model if self.lengths is None else Given(model, self.lengths)


def clean(model: Classifier, batch: Batch) -> Tensor:
    """J(x, l) over the labelled inputs."""
    known = batch.labelled
    return _loss(known.given(model), known.inputs, known.labels)


def fgsm_training(model: Classifier, batch: Batch, *, eps: float, alpha: float = 0.5, box: Box | None = None) -> Tensor:
    """α J(x, l) + (1 - α) J(x', l), with x' by FGSM at the gold label, made anew from the model as it is.

    Source: Goodfellow et al. 2015 (see `fgsm`), section 6; α = 0.5, for MNIST ε = 0.25.

    Raises:
        UsageError: `alpha` outside [0, 1].
    """
    if not 0 <= alpha <= 1:
        raise UsageError(f"expected alpha in [0, 1], got {alpha}")
    known = batch.labelled
    asked = known.given(model)
    perturbed = fgsm(asked, known.inputs, known.labels, eps=eps, box=box)
    return alpha * clean(model, known) + (1 - alpha) * _perturbed_loss(asked, perturbed, known.labels)


def with_noise(model: Classifier, batch: Batch, *, noise: Callable[[Tensor], Tensor]) -> Tensor:
    """J(x + noise(x), l): the control for `fgsm_training`, with `signs` or `uniform` of the same ε.

    There is no clean pass, so the noisy one gives the running statistics.
    """
    known = batch.labelled
    return _loss(known.given(model), known.inputs + noise(known.inputs), known.labels)


def adversarial(model: Classifier, batch: Batch, *, eps: float, weight: float = 1.0) -> Tensor:
    """J(x, l) + weight J(x + r, l), r being the adversarial perturbation of L2 norm ε.

    Source: Miyato, Dai, Goodfellow 2017 (see `adversarial_perturbation`); on IMDB, ε = 5.
    """
    known, loss = batch.labelled, clean(model, batch)
    asked = known.given(model)
    r = adversarial_perturbation(asked, known.inputs, known.labels, eps=eps, mask=known.mask)
    return loss + weight * _perturbed_loss(asked, known.inputs + r, known.labels)


def virtual(
    model: Classifier, batch: Batch, *, search: PowerIteration, generator: Generator, weight: float = 1.0
) -> Tensor:
    """J(x, l) over the labelled inputs, plus weight times the mean LDS over all inputs, labelled or not.

    Source: Miyato et al. 2016 (see `lds`), where the weight is λ = 1. With `search.iterations` 0 it is the random
    control that uses unlabelled inputs too.
    """
    loss = clean(model, batch)
    return loss + weight * lds(batch.given(model), batch.inputs, search, generator, batch.mask).mean()


def random(model: Classifier, batch: Batch, *, eps: float, generator: Generator, weight: float = 1.0) -> Tensor:
    """J(x, l) + weight J(x + r, l), r being a random direction of L2 norm ε: the control for `adversarial`."""
    known = batch.labelled
    r = on_sphere(known.inputs, eps, generator, known.mask)
    return clean(model, known) + weight * _perturbed_loss(known.given(model), known.inputs + r, known.labels)


def _loss(model: Model, x: Tensor, labels: Tensor) -> Tensor:
    return cross_entropy(model(x), labels)


def _perturbed_loss(model: Model, x: Tensor, labels: Tensor) -> Tensor:
    with unrecorded(model):
        return _loss(model, x, labels)
