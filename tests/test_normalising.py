"""Word vectors read as normalised ones, against numbers worked out by hand; `test_text_training` trains with them."""

from __future__ import annotations

import torch
from torch import nn

from turncoat.training.normalising import Normalised, normalise


def test_by_hand() -> None:
    """Two words, 2 and -2, the first three times as frequent: mean 1, variance .75·1 + .25·9 = 3. Padding stays."""
    vectors = torch.tensor([[7.0], [2.0], [-2.0]], dtype=torch.float64)
    embedding = nn.Embedding(3, 1, _weight=vectors)
    how = normalise(embedding, torch.tensor([5, 3, 1]), torch.tensor([True, False, False]))
    torch.testing.assert_close(how.frequencies, torch.tensor([0, 0.75, 0.25], dtype=torch.float64))
    expected = torch.tensor([[7.0], [1 / 3**0.5], [-3 / 3**0.5]], dtype=torch.float64)
    torch.testing.assert_close(embedding.weight, expected, rtol=1e-6, atol=0)
    torch.testing.assert_close(embedding(torch.tensor([[2, 1]])), expected[[2, 1]][None], rtol=1e-6, atol=0)


def test_gradients_flow_through_mean_and_variance() -> None:
    torch.manual_seed(0)
    vectors, counts = torch.randn(6, 3, dtype=torch.float64), torch.tensor([5, 4, 3, 2, 1, 1])
    for learnt in (False, True):
        how = Normalised(vectors, counts, torch.arange(6) == 0, learnt)
        assert torch.autograd.gradcheck(how, vectors.clone().requires_grad_())
        assert not [*how.parameters()]
