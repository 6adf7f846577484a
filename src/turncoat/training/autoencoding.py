"""A network whose first layer comes from a sparse autoencoder and stays as it is: AE400-10 of Szegedy et al. 2013."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from turncoat.models.images import linear_layers
from turncoat.training.image_objectives import Reconstruction
from turncoat.training.image_plan import Plan, Pool
from turncoat.training.images import Progress, fit


class Autoencoder(nn.Module):
    """One layer of sigmoid units, and a linear layer back to the logits of the pixels."""

    def __init__(self, pixels: int, units: int) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(pixels, units), nn.Linear(units, pixels)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Activations of the units (n, units) and logits of the pixels (n, pixels)."""
        code = self.encoder(pixels).sigmoid()
        return code, self.decoder(code)


def encode_first(
    network: nn.Module,
    pool: Pool,
    plan: Plan,
    objective: Reconstruction = Reconstruction(),
    *,
    seed: int = 0,
    progress: Progress = lambda epoch, epochs, loss, watched: None,
) -> None:
    """Give a network the first layer of an autoencoder trained on the pool's images, and hold it fast.

    The layer must be followed by sigmoid units. Labels are not looked at.
    """
    first = linear_layers(network)[0]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        autoencoder = Autoencoder(first.in_features, first.out_features)
    fit(autoencoder, pool, objective, plan, seed=seed, progress=progress)
    first.load_state_dict(autoencoder.encoder.state_dict())
    first.requires_grad_(False)
