"""FGWS, frequency-guided word substitution: a defence against rare words (Mozes et al., EACL 2021)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.data.counts import occurrences
from turncoat.data.example import Dataset
from turncoat.data.vectors import open_vectors
from turncoat.data.wordnet import base_forms, synonyms
from turncoat.errors import UsageError
from turncoat.models.defended import Defended, chunks_of
from turncoat.models.victim import DIGITS, Victim, predict
from turncoat.text import Change, Text, match_case

Relatives = Callable[[str], Iterable[str]]
VECTOR_NEIGHBOURS = 8
PERCENTILES = tuple(range(0, 101, 10))


def wordnet_names(word: str) -> tuple[str, ...]:
    """Single words that share a synset with the word in any part of speech, and its base forms."""
    names = dict.fromkeys(name for pos in "nvar" for name in (*base_forms(word, pos), *synonyms(word, pos)))
    return tuple(name for name in names if " " not in name and name != word)


def near_words(word: str) -> tuple[str, ...]:
    """`wordnet_names`, and the words with the nearest vectors."""
    (nearest,) = open_vectors().nearest([word], VECTOR_NEIGHBOURS)
    return tuple(dict.fromkeys((*wordnet_names(word), *(near for near, _ in nearest))))


@dataclass(frozen=True)
class Inspection:
    """What the guard saw in a batch; arrays over its texts.

    Attributes:
        restored: the texts with their rare words replaced.
        raw: the victim's probabilities of the texts as they came (texts, classes).
        mended: those of the restored texts.
        drops: how much the verdict lost by it: max(0, F_y(x) - F_y(restored x)), y being the verdict on x.
        flagged: drops above gamma.
    """

    restored: tuple[Text, ...]
    raw: NDArray[np.float64]
    mended: NDArray[np.float64]
    drops: NDArray[np.float64]
    flagged: NDArray[np.bool_]


class FrequencyGuard(Defended):
    """Puts a frequent relative in the place of every rare word, and distrusts a verdict that does not survive this.

    Source: M. Mozes, P. Stenetorp, B. Kleinberg, L. Griffin. "Frequency-Guided Word Substitutions for Detecting Textual
    Adversarial Examples." EACL 2021. A word is rare if its log frequency, ln(1 + count) in the training data, lies
    below `delta`; it gives way to its most frequent relative (ties: alphabet) if that one is more frequent than it.

    The paper detects and does no more. To be attacked, a detector must answer: here a flagged text is answered with the
    restored text's probabilities, any other with its own. So an attack succeeds on a text that passes unseen and turns
    the verdict, or on one that is seen but stays turned when it is restored; `evaluation.defences.flags` tells the two
    apart. CEA is adapted to it by `substitutions.frequent`.

    Args:
        victim: who judges.
        counts: occurrences of each lower-case word in the victim's training data.
        delta: log frequency below which a word is rare.
        gamma: largest drop that is not flagged.
        relatives: what may replace a lower-case word.
    """

    def __init__(
        self,
        victim: Victim,
        counts: Mapping[str, int],
        delta: float,
        gamma: float,
        relatives: Relatives = wordnet_names,
    ) -> None:
        relatives_name = getattr(relatives, "__qualname__", type(relatives).__name__)
        super().__init__(victim, "fgws", [delta, gamma, relatives_name, sorted(counts.items())])
        self.counts, self.delta, self.gamma, self.relatives = counts, delta, gamma, relatives
        self._known: dict[str, str | None] = {}

    @property
    def least_count(self) -> int:
        """Occurrences from which on a word is not rare; see `substitutions.frequent`."""
        return int(np.ceil(np.expm1(self.delta) - 1e-9))

    def predict(self, batches: Sequence[Sequence[Text]]) -> list[NDArray[np.floating]]:
        seen = self.inspect(batches)
        return [np.where(batch.flagged[:, None], batch.mended, batch.raw) for batch in seen]

    def inspect(self, batches: Sequence[Sequence[Text]]) -> list[Inspection]:
        """Look at texts as the guard does."""
        raw = predict(self.victim, batches)
        restored = [tuple(map(self.restore, texts)) for texts in batches]
        mended = predict(self.victim, restored)
        return [self._compare(*found) for found in zip(restored, raw, mended, strict=True)]

    def flagged_words(self, text: Text) -> tuple[Change, ...]:
        """The words that gave a text away, and what the guard put there; () for a text that is not flagged."""
        (seen,) = self.inspect([[text]])
        return text.diff(seen.restored[0]) if seen.flagged[0] else ()

    def restore(self, text: Text) -> Text:
        """The text with a frequent relative in the place of every rare word that has one."""
        changes = {i: new for i, word in enumerate(text.words) if (new := self.replacement(word))}
        return text.replace_all(changes) if changes else text

    def replacement(self, word: str) -> str | None:
        """What the guard puts in a word's place, in its case; None if the word stays."""
        lower = word.lower()
        if lower not in self._known:
            self._known[lower] = self._choose(lower)
        new = self._known[lower]
        return None if new is None else match_case(new, word)

    def _choose(self, word: str) -> str | None:
        count = self.counts.get(word, 0)
        if count >= self.least_count:
            return None
        found = {name.lower() for name in self.relatives(word)} - {word}
        best = min(found, key=lambda name: (-self.counts.get(name, 0), name), default=word)
        return best if self.counts.get(best, 0) > count else None

    def _compare(self, restored: tuple[Text, ...], raw: NDArray[np.float64], mended: NDArray[np.float64]) -> Inspection:
        rows, verdicts = np.arange(len(raw)), raw.argmax(axis=1)
        drops = np.round(np.maximum(0, raw[rows, verdicts] - mended[rows, verdicts]), DIGITS)
        return Inspection(restored, raw, mended, drops, drops > self.gamma)


def calibrate(
    victim: Victim,
    train: Dataset,
    validation: Dataset,
    percentile: float = 80,
    fp_threshold: float = 0.9,
    relatives: Relatives = wordnet_names,
) -> FrequencyGuard:
    """A guard with thresholds of its own data.

    Args:
        train: what the victim was trained on; its words are counted.
        validation: clean texts that set gamma.
        percentile: delta is this percentile of the log frequencies of the training vocabulary.
        fp_threshold: share of the validation texts whose drop lies at or below gamma, so that they are not flagged.

    Raises:
        UsageError: no text to count or to validate on, or a share or percentile out of range.
    """
    if not 0 <= percentile <= 100 or not 0 < fp_threshold <= 1:
        raise UsageError(
            f"expected a percentile in [0, 100] and fp_threshold in (0, 1], got {percentile} and {fp_threshold}"
        )
    counts = occurrences(train)
    if not counts or not len(validation):
        raise UsageError(f"expected texts to count and to validate on, got {len(train)} and {len(validation)}")
    delta = float(np.percentile(np.log1p(list(counts.values())), percentile))
    guard = FrequencyGuard(victim, counts, delta, 0.0, relatives)
    drops = np.sort(np.concatenate([guard.inspect([texts])[0].drops for texts in chunks_of(validation.examples)]))
    gamma = float(drops[int(np.ceil(fp_threshold * len(drops) - 1e-9)) - 1])
    return FrequencyGuard(victim, counts, delta, gamma, relatives)


def tune(
    victim: Victim,
    train: Dataset,
    validation: Dataset,
    adversarial: Sequence[Text],
    percentiles: Sequence[float] = PERCENTILES,
    fp_threshold: float = 0.9,
    relatives: Relatives = wordnet_names,
) -> FrequencyGuard:
    """The calibrated guard whose percentile flags most of these adversarial texts; the highest percentile wins a tie.

    They must come from the validation data: on the texts that the guard is judged by, this would be peeking.
    """
    if not len(adversarial) or not len(percentiles):
        raise UsageError(f"expected adversarial texts and percentiles, got {len(adversarial)} and {len(percentiles)}")
    guards = [calibrate(victim, train, validation, p, fp_threshold, relatives) for p in sorted(percentiles)]
    flags = [int(guard.inspect([adversarial])[0].flagged.sum()) for guard in guards]
    return guards[max(range(len(guards)), key=lambda i: (flags[i], i))]
