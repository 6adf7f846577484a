"""Word embeddings fit for perturbing: normalised by frequency, and the adversarial perturbation of a whole text."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from turncoat.continuous.modes import Model, quiet
from turncoat.continuous.sizes import check_eps, masked, unit
from turncoat.continuous.slopes import logits_and_slope
from turncoat.errors import UsageError

TINY = 1e-6  # added to the variance


class NormalisedEmbedding(nn.Module):
    """Word vectors whose mean is 0 and whose variance is 1 over the words of the training texts, in each dimension.

    Source: T. Miyato, A. M. Dai, I. Goodfellow. "Adversarial Training Methods for Semi-Supervised Text Classification."
    ICLR 2017, arXiv 1605.07725: v̄ₖ = (vₖ - E(v)) / sqrt(Var(v)), with E(v) = Σⱼ fⱼ vⱼ and Var(v) = Σⱼ fⱼ (vⱼ - E(v))².
    Without it a model could escape a perturbation of fixed size by making its vectors longer. Mean and variance are
    taken of the vectors as they are at each call, and gradients flow through them too. As in the authors' code, 1e-6 is
    added to the variance. The vector for padding is normalised like any other; a model must not read it.

    Args:
        vectors: (vocabulary, dimensions) to begin with.
        counts: how often each word occurs in the training texts (vocabulary,); 0 for padding.

    Raises:
        UsageError: counts of another length, negative ones, or nothing but zeros.
    """

    frequencies: Tensor

    def __init__(self, vectors: Tensor, counts: Tensor) -> None:
        super().__init__()
        if counts.shape != vectors.shape[:1] or bool((counts < 0).any()) or not bool(counts.sum() > 0):
            raise UsageError(
                f"expected a count for each of {len(vectors)} words, none below 0 and some above, "
                f"got shape {tuple(counts.shape)} with sum {counts.sum().item():g}"
            )
        self.vectors = nn.Parameter(vectors.detach().clone())
        self.register_buffer("frequencies", (counts.double() / counts.sum()).to(vectors.dtype))

    def forward(self, ids: Tensor) -> Tensor:
        """Normalised vectors (..., dimensions) of word numbers (...)."""
        mean, deviation = statistics(self.vectors, self.frequencies)
        return (embedding(ids, self.vectors) - mean) / deviation

    def table(self) -> Tensor:
        """The normalised vectors of all words (vocabulary, dimensions)."""
        mean, deviation = statistics(self.vectors, self.frequencies)
        return (self.vectors - mean) / deviation


def statistics(vectors: Tensor, frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (dimensions,) of word vectors (vocabulary, dimensions) by share of words."""
    mean = frequencies @ vectors
    return mean, (TINY + frequencies @ (vectors - mean) ** 2).sqrt()


def perturbable(lengths: Tensor, words: int, end_token: bool = True) -> Tensor:
    """Which of `words` positions may be perturbed (n, words): those before the padding.

    Args:
        lengths: of each text (n,), its end token counted.
        end_token: whether each text ends in one; it is not perturbed.
    """
    return torch.arange(words, device=lengths.device) < (lengths - int(end_token))[:, None]


def adversarial_perturbation(
    model: Model, x: Tensor, labels: Tensor, *, eps: float, mask: Tensor | None = None
) -> Tensor:
    """r = ε g / ‖g‖₂ with g = ∇J(x, label), shaped as `x`: uphill in the loss. Carries no gradient.

    Source: as for `NormalisedEmbedding`, where x is the text's concatenated vectors, after dropout on them: the norm is
    that of the whole text, not of each word. Also the L2 form of adversarial training on images. One forward and one
    backward pass; the model keeps its mode, but for dropout, which is off, and running statistics, which are not
    touched. No perturbation where the gradient is exactly 0. For the virtual one, see `virtual_perturbation`; for the
    random control, `on_sphere`.

    Args:
        x: vectors of words (n, words, dimensions), or other inputs (n, ...).
        labels: gold classes (n,).
        eps: L2 norm of each perturbation.
        mask: words (n, words) that may be perturbed, see `perturbable`; others get 0.

    Raises:
        UsageError: a negative `eps`.
    """
    check_eps(eps)
    with quiet(model):
        _, slope = logits_and_slope(model, x, labels)
    return eps * unit(masked(slope, mask))
