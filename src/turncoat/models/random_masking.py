"""RanMASK: many copies of a text with random words masked, and a vote over them (Zeng et al., 2023)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.models.batching import split_like
from turncoat.models.defended import Defended, right
from turncoat.models.victim import Victim, predict
from turncoat.space import MASK, Choices, Space, Variants
from turncoat.text import Text

Tally = Literal["votes", "mean"]
RATES = (0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05)
COPIES = (25, 100)


class RandomMasking(Defended):
    """Answers with the votes of `copies` copies of a text, each with a random share of its words made unknown.

    Source: J. Zeng, J. Xu, X. Zheng, X. Huang. "Certified Robustness to Text Adversarial Attacks by Randomized [MASK]."
    Computational Linguistics 49(2), 2023.

    Differences from the paper:
        - The masks are drawn from the text itself and `seed`, so that equal texts have equal answers and no question
          is asked twice. An attack can come to fit these very masks: ask again with others (`redrawn`).
        - The victim is taken as it is; the paper's was trained on masked texts. No certificate is computed.

    Args:
        victim: who judges the copies.
        rate: share of a text's words that is masked in each copy.
        copies: number of copies.
        seed: decides all masks.
        tally: probabilities are shares of the "votes", or the "mean" of the copies' probabilities.
    """

    def __init__(
        self, victim: Victim, rate: float = 0.3, copies: int = 25, seed: int = 0, tally: Tally = "votes"
    ) -> None:
        if not 0 <= rate < 1:
            raise UsageError(f"expected a share of masked words in [0, 1), got {rate}")
        if copies < 1:
            raise UsageError(f"expected at least 1 copy, got {copies}")
        if tally not in get_args(Tally):
            raise UsageError(f"expected tally to be one of {', '.join(get_args(Tally))}, got {tally!r}")
        super().__init__(victim, "ranmask", [rate, copies, seed, tally])
        self.rate, self.copies, self.seed, self.tally = rate, copies, seed, tally

    def redrawn(self, seed: int, copies: int | None = None, tally: Tally | None = None) -> RandomMasking:
        """The same defence with other masks.

        Who knows the defence but not its masks attacks it so: CEA with `run_to_convergence` against more copies and
        their mean, which is near the expected answer that all masks share. (The first text just past the line falls
        back under other masks.) `evaluation.defences.ask_again` then asks the defence itself.
        """
        return RandomMasking(self.victim, self.rate, copies or self.copies, seed, tally or self.tally)

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        masked = [self._masked(part) for texts in batches for part in self._as_numbers(texts)]
        classes = len(self.labels)
        answers = np.concatenate(predict(self.victim, masked)).reshape(-1, self.copies, classes)
        if self.tally == "votes":
            answers = np.eye(classes)[answers.argmax(axis=2)]
        return [*split_like(answers.mean(axis=1), batches)]

    def _as_numbers(self, texts: Sequence[Text]) -> list[Variants]:
        """The texts as choices in spaces of their own, or in the one they come from."""
        if isinstance(texts, Variants) and texts.space.unknown == self.unknown:
            return [texts]
        return [Space(text, [()] * len(text), unknown=self.unknown).original() for text in texts]

    def _masked(self, texts: Variants) -> Variants:
        """`copies` masked copies of each text, one text after the other."""
        words = texts.choices.shape[1]
        hidden = int(self.rate * words + 0.5)
        choices: Choices = np.repeat(texts.choices, self.copies, axis=0)
        if hidden:
            lots = np.concatenate([self._generator(text).random((self.copies, words)) for text in texts])
            np.put_along_axis(choices, lots.argsort(axis=1, kind="stable")[:, :hidden], MASK, axis=1)
        return Variants(texts.space, choices)

    def _generator(self, text: Text) -> Generator:
        """The text's own random numbers: they depend on its string and the seed alone."""
        digest = hashlib.sha256(str(text).encode("utf-8", "surrogatepass")).digest()
        return np.random.default_rng([self.seed, int.from_bytes(digest[:8], "big")])


def calibrate(
    victim: Victim,
    validation: Dataset,
    most_cost: float = 0.02,
    rates: Sequence[float] = RATES,
    copies: Sequence[int] = COPIES,
    seed: int = 0,
) -> RandomMasking:
    """The highest rate, and then the fewest copies, at which few validation texts are misread that were read rightly.

    Args:
        validation: labelled texts.
        most_cost: accuracy that the defence may cost on them.
        rates, copies: what to choose from.

    Raises:
        UsageError: no validation text, nothing to choose from, or every choice costs more.
    """
    if not len(validation) or not len(rates) or not len(copies):
        raise UsageError(
            f"expected validation texts, rates and copies, got {len(validation)}, {len(rates)} and {len(copies)}"
        )
    before, least = right(victim, validation).mean(), np.inf
    for rate in sorted(rates, reverse=True):
        for count in sorted(copies):
            defended = RandomMasking(victim, rate, count, seed)
            cost = before - right(defended, validation).mean()
            if cost <= most_cost + 1e-12:
                return defended
            least = min(least, cost)
    raise UsageError(f"every rate costs more than {most_cost:.1%} accuracy, the mildest {least:.1%}; allow more")
