"""Very small differentiable classifiers with random weights, for tests of perturbations."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def smooth_network(inputs: int = 6, classes: int = 3, hidden: int = 8, seed: int = 1) -> nn.Sequential:
    """One hidden layer of tanh, in 64-bit floats and evaluation mode; with seed 1 all three classes occur."""
    torch.manual_seed(seed)
    layers = nn.Sequential(nn.Flatten(), nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, classes))
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter *= 2
    return layers.double().eval()


class TwoClasses(nn.Module):
    """Logistic regression as two logits: 0 and wᵀx + b."""

    def __init__(self, w: list[float], b: float) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w, dtype=torch.float64))
        self.b = nn.Parameter(torch.tensor(b, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        z = x.flatten(1) @ self.w + self.b
        return torch.stack([torch.zeros_like(z), z], dim=1)


class LastState(nn.Module):
    """A recurrent classifier of vectors (n, words, dimensions), read up to their lengths (n,)."""

    def __init__(self, dimensions: int = 5, classes: int = 2, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.reader = nn.LSTM(dimensions, 7, batch_first=True)
        self.classes = nn.Linear(7, classes)
        self.double()

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        states, _ = self.reader(vectors)
        logits: Tensor = self.classes(states[torch.arange(len(vectors)), lengths - 1])
        return logits


def inputs(n: int, *shape: int, seed: int = 1) -> Tensor:
    """Numbers of [0, 1] (n, *shape), 64-bit."""
    return torch.rand(n, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
