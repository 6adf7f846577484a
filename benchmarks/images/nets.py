"""The networks of the study, each trained when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from images.digits import Digits, part
from images.measures import by_fgsm, wrong
from images.shelf import Shelf
from images.sizes import Sizes
from turncoat.models.images import AE400, FC10, FC100, FC123, FC200, Dense, Maxout
from turncoat.models.images import Sizes as Widths
from turncoat.training.autoencoding import encode_first
from turncoat.training.checkpoint import Checkpoint
from turncoat.training.image_objectives import Clean, Decayed, FastGradient, Noisy, Objective
from turncoat.training.image_plan import Plan, Pool
from turncoat.training.images import fit

EPS = 0.25
TRAININGS: Mapping[str, Objective] = {
    "clean": Clean(),
    "fgsm": FastGradient(eps=EPS),
    "noise-signs": Noisy(noise="signs", eps=EPS),
    "noise-uniform": Noisy(noise="uniform", eps=EPS),
    "l1": Decayed(inner=Clean(), l1=(0.0025, 0.0, 0.0)),
    "l2": Decayed(inner=Clean(), l2=(1e-4, 1e-4, 1e-4)),
    "dropout": Clean(),  # of the hidden units too
}
SZEGEDY: Mapping[str, tuple[Dense, tuple[float, ...]]] = {
    "FC10(1e-4)": (FC10, (1e-4,)),
    "FC10(1e-2)": (FC10, (1e-2,)),
    "FC10(1)": (FC10, (1.0,)),
    "FC100-100-10": (FC100, (1e-5, 1e-5, 1e-6)),
    "FC200-200-10": (FC200, (1e-5, 1e-5, 1e-6)),
    "AE400-10": (AE400, (0.0, 1e-6)),
}
HALVES = ("FC100-100-10 on P1", "FC123-456-10 on P1", "FC100-100-10' on P2")


@dataclass(frozen=True)
class Study:
    """What every part is given."""

    sizes: Sizes
    digits: Digits
    shelf: Shelf

    def maxout(self, training: str, seed: int, widths: Maxout | None = None) -> nn.Sequential:
        """A maxout network; held-out images choose the epoch, for FGSM training by their error after FGSM."""
        widths = widths or self.sizes.maxout
        if training == "dropout":
            widths = replace(widths, keep_hidden=0.5)
        name = f"maxout-{'x'.join(map(str, widths.units))}-{training}-{seed}"
        held = self.digits.choosing

        def watched(network: nn.Module) -> float:
            x, y = held.inputs, held.labels
            x = by_fgsm(network, x, y, EPS) if training == "fgsm" else x
            return wrong(network, x, y) / max(1, len(y))

        return self.trained(
            name, widths, self.digits.fitting, TRAININGS[training], self.sizes.maxout_plan, seed, watched
        )

    def softmax(self, name: str, pool: Pool, widths: Dense, seed: int = 0) -> nn.Sequential:
        """Softmax regression."""
        return self.trained(f"softmax-{name}-{seed}", widths, pool, Clean(), self.sizes.softmax_plan, seed)

    def szegedy(self, name: str) -> nn.Sequential:
        """One of the six networks of the L-BFGS tables, on all training images."""
        return self._decayed(name, *SZEGEDY[name], self.digits.train, seed=0)

    def half(self, name: str) -> nn.Sequential:
        """One of the three networks that saw the first or the second half of the training images."""
        middle = len(self.digits.train.labels) // 2
        first = name.endswith("P1")
        pool = part(self.digits.train, *((0, middle) if first else (middle, 2 * middle)))
        widths = FC123 if name.startswith("FC123") else FC100
        return self._decayed(name, widths, (1e-5, 1e-5, 1e-6), pool, seed=1 if first else 2)

    def _decayed(self, name: str, widths: Dense, decays: tuple[float, ...], pool: Pool, seed: int) -> nn.Sequential:
        def prepare(network: nn.Sequential) -> None:
            encode_first(network, pool, self.sizes.encoding_plan, seed=seed)

        first = prepare if widths is AE400 else None
        name = name.replace(" ", "-").replace("'", "")
        return self.trained(name, widths, pool, decayed(widths, decays), self.sizes.sigmoid_plan, seed, prepare=first)

    def trained(
        self,
        name: str,
        widths: Widths,
        pool: Pool,
        objective: Objective,
        plan: Plan,
        seed: int,
        watch: Callable[[nn.Module], float] | None = None,
        prepare: Callable[[nn.Sequential], None] | None = None,
        finish: Callable[[nn.Sequential], None] | None = None,
    ) -> nn.Sequential:
        """A network from the shelf, or trained now.

        Args:
            watch: chooses the epoch; with `sizes.again`, training is done anew on all images for that many epochs.
            prepare, finish: what is done with the network before and after.
        """

        def make(network: nn.Sequential, checkpoint: Checkpoint) -> Mapping[str, Any]:
            if prepare:
                prepare(network)
            fitted = fit(network, pool, objective, plan, seed=seed, watch=watch, checkpoint=checkpoint)
            told = {"objective": repr(objective), "plan": repr(plan), "losses": fitted.losses, "epoch": fitted.best,
                    "watched": fitted.watched, "rows": len(pool.labels)}  # fmt: skip
            if self.sizes.again and watch:
                fresh, whole = widths.build(seed), self.digits.train
                again = Checkpoint(checkpoint.path.with_suffix(".again.safetensors"))
                fit(fresh, whole, objective, replace(plan, epochs=fitted.best), seed=seed, checkpoint=again)
                network.load_state_dict(fresh.state_dict())
                again.path.unlink(missing_ok=True)
                told["rows"] = len(whole.labels)
            if finish:
                finish(network)
            return told

        return self.shelf.network(name, widths, make, seed)


def decayed(widths: Dense, decays: tuple[float, ...]) -> Decayed:
    """Szegedy et al.'s decay: λ Σ w² / k for each layer, k being its number of units, with a λ for each.

    The decays of the hidden layers, and that k counts units, are from memory of the paper, not from a copy.
    """
    units = widths.widths[1:]
    return Decayed(inner=Clean(), l2=tuple(decay / k for decay, k in zip(decays, units, strict=True)))
