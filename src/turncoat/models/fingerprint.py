"""What tells one set of weights from another."""

from __future__ import annotations

import hashlib

from torch import nn


def fingerprint(network: nn.Module) -> str:
    """sha256 over the names, shapes and values of a network's tensors, by name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
