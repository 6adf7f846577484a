"""How a translator is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from turncoat.errors import UsageError
from turncoat.models.beam_search import Beams
from turncoat.models.small_transformer import Sizes


@dataclass(frozen=True, kw_only=True)
class TranslatorRecipe:
    """Numbers for some ten thousands of short sentences on one core.

    Attributes:
        sizes: of the network.
        beams: how the trained translator searches.
        pieces: most pieces of words that both languages share.
        epochs: passes over the data; the weights of the one with the least dev loss are kept.
        batch: pairs a step.
        rate: highest learning rate of Adam.
        warm_up: share of the steps in which the rate rises from 0; it then falls to 0.
        smoothing: share of each piece's probability that is spread over all pieces.
        average: decay of the moving average of the weights that is judged and kept; 0: the weights themselves.
        most_norm: gradients longer than this are shortened to it.
        most_pieces: longer training sentences, of either side, are left out.
        bfloat16: compute the forward pass in bfloat16 (weights and everything after training stay float32).
    """

    sizes: Sizes = field(default_factory=Sizes)
    beams: Beams = field(default_factory=Beams)
    pieces: int = 6000
    epochs: int = 12
    batch: int = 64
    rate: float = 1e-3
    warm_up: float = 0.1
    smoothing: float = 0.1
    average: float = 0.999
    most_norm: float = 1.0
    most_pieces: int = 64
    bfloat16: bool = True

    def __post_init__(self) -> None:
        if self.pieces < 8 or self.epochs < 1 or self.batch < 1 or self.most_pieces < 2:
            raise UsageError(
                "expected pieces >= 8, epochs >= 1, batch >= 1 and most_pieces >= 2, got "
                f"{self.pieces}, {self.epochs}, {self.batch} and {self.most_pieces}"
            )
        if self.rate <= 0 or self.most_norm <= 0:
            raise UsageError(f"expected rate and most_norm above 0, got {self.rate} and {self.most_norm}")
        for name in ("warm_up", "smoothing", "average"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"expected {name} in [0, 1), got {getattr(self, name)}")
