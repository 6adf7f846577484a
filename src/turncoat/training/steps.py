"""The steps that a training takes: Adam with a schedule, short gradients, and a moving average of the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from turncoat.training.checkpoint import under


class Steps:
    """Steps of Adam on a network.

    Args:
        network: changed in place.
        rate: highest learning rate.
        share: of `rate`, at each step, counted from 0.
        decay: decoupled weight decay.
        most_norm: gradients longer than this, all together, are shortened to it.
        unclipped: first part of the names of parameters whose gradients are left as they are.
        average: decay of the exponential moving average of the weights; less at first, (1 + n) / (10 + n) after n
            steps, as in the code of Miyato et al. (2017). 0: no average is kept.

    Attributes:
        taken: steps so far.
    """

    def __init__(
        self,
        network: nn.Module,
        rate: float,
        share: Callable[[int], float],
        *,
        decay: float = 0.0,
        most_norm: float = 1.0,
        unclipped: str | None = None,
        average: float = 0.0,
    ) -> None:
        self.taken = 0
        self._network, self._rate, self._share = network, rate, share
        self._most_norm, self._average = most_norm, average
        self._parameters: list[Tensor] = [*network.parameters()]
        self._clipped = [p for name, p in network.named_parameters() if not unclipped or not name.startswith(unclipped)]
        self._optimizer = AdamW(self._parameters, lr=rate, weight_decay=decay)
        self._averages = [p.detach().clone() for p in self._parameters] if average else []

    def take(self, loss: Tensor) -> None:
        """One step down the loss."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._clipped, self._most_norm)
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * self._share(self.taken)
        self._optimizer.step()
        self.taken += 1
        if self._averages:
            decay = min(self._average, (1 + self.taken) / (10 + self.taken))
            with torch.no_grad():
                torch._foreach_lerp_(self._averages, self._parameters, 1 - decay)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The network with its averaged weights, if an average is kept."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def state(self) -> dict[str, Tensor]:
        """All that the next step depends on, but for the network's mode."""
        found = {f"network.{name}": tensor for name, tensor in self._network.state_dict().items()}
        moments = self._optimizer.state_dict()["state"]
        found |= {f"adam.{i}.{name}": tensor for i, entry in moments.items() for name, tensor in entry.items()}
        return found | {f"average.{i}": tensor for i, tensor in enumerate(self._averages)}

    def resume(self, taken: int, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a `state` after so many steps."""
        self.taken = taken
        self._network.load_state_dict(under("network", tensors))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in under("adam", tensors).items():
            i, _, entry = name.partition(".")
            moments.setdefault(int(i), {})[entry] = tensor
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})
        for number, average in enumerate(self._averages):
            average.copy_(tensors[f"average.{number}"])

    def _swap(self) -> None:
        for parameter, average in zip(self._parameters, self._averages, strict=bool(self._averages)):
            parameter.data, average.data = average.data, parameter.data


def share_at(step: int, steps: int, warm_up: float | None = None, decline: float = 1.0) -> float:
    """Share of the highest learning rate at a step: rising and falling in straight lines, shrinking by equal factors.

    Args:
        warm_up: share of the steps in which it rises from 0; it then falls to 0. None: it does neither.
        decline: what is left of it after all steps, on top of that.
    """
    shrunk: float = decline ** (step / steps)
    if warm_up is None:
        return shrunk
    rising = max(1, round(warm_up * steps))
    return shrunk * min((step + 1) / rising, (steps - step) / max(1, steps - rising))
