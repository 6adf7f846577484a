"""How well a translator translates what it has not seen."""

from __future__ import annotations

from typing import Any

from turncoat.data.translation import TranslationDataset
from turncoat.goals.corpus_bleu import measure_bleu, tokeniser_for
from turncoat.models.translator import Translator, translate
from turncoat.text import Text


def examine(translator: Translator, test_set: TranslationDataset) -> dict[str, Any]:
    """Corpus BLEU on a data set, with its 95 % interval, as plain values for a card."""
    (translations,) = translate(translator, [[Text(example.text) for example in test_set]])
    references = [example.reference for example in test_set]
    found = measure_bleu(references, translations.tolist(), tokeniser_for(references))
    ends = {"low": found.interval.low, "high": found.interval.high}
    return {
        "data": test_set.name,
        "n": len(test_set),
        "sacrebleu": round(found.score, 2),
        **{name: round(end, 2) for name, end in ends.items() if end is not None},
        "interval": found.interval.method,
        "signature": found.signature,
    }
