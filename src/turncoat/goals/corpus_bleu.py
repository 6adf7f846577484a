"""Corpus BLEU as reports give it: sacreBLEU's own number and signature, and its 95 % interval over sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from turncoat.errors import MissingResource
from turncoat.goals.bleu import corpus_bleu, corpus_counts
from turncoat.intervals import RESAMPLES, SEED, Interval, percentile

CHINESE = regex.compile(r"\p{Han}")


@dataclass(frozen=True)
class CorpusBleu:
    """BLEU of many sentences.

    Attributes:
        score: in points, 0 to 100, computed by sacreBLEU.
        resampled: the score of each resample (resamples,), equal to sacreBLEU's to rounding; resample i of two systems
            takes the same sentences, if they have equally many.
        signature: sacreBLEU's, which says how it was computed.
    """

    score: float
    resampled: NDArray[np.float64]
    signature: str

    @property
    def interval(self) -> Interval:
        """The score with its 95 % interval."""
        return percentile(self.score, self.resampled, "percentile bootstrap over sentences")


def measure_bleu(references: Sequence[str], hypotheses: Sequence[str], tokenise: str = "13a") -> CorpusBleu:
    """Corpus BLEU of at least one sentence.

    Args:
        tokenise: sacreBLEU's name of the tokeniser: "13a" for languages with blanks, "zh", "ja-mecab", ...

    Raises:
        MissingResource: sacreBLEU is not installed.
    """
    bleu = _sacrebleu(tokenise)
    score = bleu.corpus_score(list(hypotheses), [list(references)]).score
    counts = corpus_counts(references, hypotheses, lambda string: bleu.tokenizer(string.strip()).split())
    rng, size = np.random.default_rng(SEED), len(counts)
    sums = np.stack([counts[rng.integers(size, size=size)].sum(axis=0) for _ in range(RESAMPLES)])
    return CorpusBleu(float(score), corpus_bleu(sums), str(bleu.get_signature()))


def tokeniser_for(references: Sequence[str]) -> str:
    """sacreBLEU's tokeniser for the language of the references: "zh" if there are Chinese letters, else "13a"."""
    return "zh" if any(CHINESE.search(reference) for reference in references) else "13a"


def check_sacrebleu() -> None:
    """
    Raises:
        MissingResource: sacreBLEU is not installed.
    """
    _sacrebleu("13a")


def _sacrebleu(tokenise: str) -> Any:
    try:
        from sacrebleu import BLEU
    except ImportError as error:
        raise MissingResource("corpus BLEU needs sacreBLEU: pip install 'turncoat[translation]'") from error
    return BLEU(tokenize=tokenise)
