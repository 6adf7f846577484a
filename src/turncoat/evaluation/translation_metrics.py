"""What an attack on a translator achieved: BLEU and meaning lost, against how much of the source was changed.

Every number is over all sentences that were attacked, with the text that the search ended in, reached or not; those
that say "of successes" are over the sentences whose translation was distorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.errors import MissingResource, UsageError
from turncoat.evaluation.quality import Metric, Source, Unit
from turncoat.goals.corpus_bleu import CorpusBleu, measure_bleu
from turncoat.intervals import mean, percentile, proportion
from turncoat.models.encoding import Encoder, is_encoder
from turncoat.text import Text

SENTENCES, SUCCESSES = "sentences", "distorted sentences"
PAIRED = "percentile bootstrap over sentences, paired"
USUAL_SOURCE = "the Universal Sentence Encoder"
USUAL_TARGET = "a multilingual sentence encoder"
MULTILINGUAL = ("multilingual", "labse", "laser", "xlm", "bge-m3")  # in the names of encoders of many languages
NOBODY = "no sentence encoder"


@dataclass(frozen=True, kw_only=True)
class Translated:
    """One attacked sentence.

    Attributes:
        id: the example's id.
        reference: a person's translation of the untouched text.
        original, adversarial: the untouched text, and the one that the search ended in.
        before, after: their translations by the victim.
        success: whether the goal was reached.
    """

    id: str
    reference: str
    original: str
    adversarial: str
    before: str
    after: str
    success: bool


def translation_metrics(
    cases: Sequence[Translated],
    source_encoder: Encoder | None = None,
    target_encoder: Encoder | None = None,
    of_run: str | None = None,
    tokenise: str = "13a",
) -> tuple[Metric, ...]:
    """All metrics of a run; where something is missing, the metric says what.

    Args:
        source_encoder: for the similarity of the source texts.
        target_encoder: for the meaning of the translations; one whose name is not known as multilingual is declared a
            stand-in for such, with a warning.
        of_run: name of the encoder that the search itself used.
        tokenise: sacreBLEU's name of the tokeniser of the target language.

    Raises:
        UsageError: two cases have the same id.
    """
    if len({case.id for case in cases}) != len(cases):
        raise UsageError("expected cases with distinct ids; were two runs put together?")
    if not cases:
        return (Metric("success rate", not_run="no sentence was attacked"),)
    return (
        *_success(cases),
        *_bleu(cases, tokenise),
        *_meaning(cases, target_encoder, of_run),
        *_similarity(cases, source_encoder, of_run),
        *_changes(cases),
    )


def _success(cases: Sequence[Translated]) -> Iterator[Metric]:
    interval = proportion(sum(case.success for case in cases), len(cases))
    yield Metric("success rate", interval, Source("the goal, asked afresh"), len(cases), SENTENCES, "share")


def _bleu(cases: Sequence[Translated], tokenise: str) -> Iterator[Metric]:
    references = [case.reference for case in cases]
    try:
        before, after = (
            measure_bleu(references, translations, tokenise)
            for translations in ([case.before for case in cases], [case.after for case in cases])
        )
    except MissingResource as error:
        yield Metric("BLEU drop (BD)", not_run=str(error))
        return
    source = Source(f"sacreBLEU {before.signature}")
    numbers: list[tuple[str, float, NDArray[np.float64], Unit]] = [
        ("BLEU before", before.score, before.resampled, "number"),
        ("BLEU after", after.score, after.resampled, "number"),
        ("BLEU drop (BD), points", before.score - after.score, before.resampled - after.resampled, "number"),
    ]
    if before.score > 0 and before.resampled.min() > 0:
        numbers.append(("BLEU drop, relative", *_relative(before, after), "share"))
    for name, estimate, resampled, unit in numbers:
        yield Metric(name, percentile(estimate, resampled, PAIRED), source, len(cases), SENTENCES, unit)


def _relative(before: CorpusBleu, after: CorpusBleu) -> tuple[float, NDArray[np.float64]]:
    return 1 - after.score / before.score, 1 - after.resampled / before.resampled


def _meaning(cases: Sequence[Translated], encoder: Encoder | None, of_run: str | None) -> Iterator[Metric]:
    """SD: how much less like the reference the translation has become, in hundredths of a cosine."""
    name = "semantic drop (SD), points"
    if encoder is None:
        yield Metric(name, not_run=f"{NOBODY} of the target language")
        return
    sides = [[case.reference for case in cases], [case.before for case in cases], [case.after for case in cases]]
    reference, before, after = (_vectors(encoder, strings) for strings in sides)
    drops = 100 * (_cosines(reference, before) - _cosines(reference, after))
    yield _mean(name, cases, drops, _declared(encoder, USUAL_TARGET, MULTILINGUAL, of_run), SENTENCES)


def _similarity(cases: Sequence[Translated], encoder: Encoder | None, of_run: str | None) -> Iterator[Metric]:
    name = "source similarity"
    if encoder is None:
        yield Metric(name, not_run=NOBODY)
        return
    sides = ([case.original for case in cases], [case.adversarial for case in cases])
    cosines = _cosines(*(_vectors(encoder, strings) for strings in sides))
    source = _declared(encoder, USUAL_SOURCE, ("universal-sentence-encoder",), of_run)
    yield from _both(name, cases, cosines, source, "cosine")


def _changes(cases: Sequence[Translated]) -> Iterator[Metric]:
    texts = [(Text(case.original), Text(case.adversarial)) for case in cases]
    counts = np.array([len(old.diff(new)) for old, new in texts], np.float64)
    words = np.array([max(1, len(old)) for old, _ in texts])
    source = Source("words of the two texts, punctuation not counted")
    yield from _both("changed words", cases, counts, source, "number")
    yield from _both("changed words, share", cases, counts / words, source, "share")


def _both(
    name: str, cases: Sequence[Translated], values: NDArray[np.float64], source: Source, unit: Unit
) -> Iterator[Metric]:
    """The mean over all sentences, and over the successes."""
    yield _mean(name, cases, values, source, SENTENCES, unit)
    won = np.array([case.success for case in cases])
    successes = [case for case in cases if case.success]
    yield _mean(f"{name} of successes", successes, values[won], source, SUCCESSES, unit)


def _mean(
    name: str,
    cases: Sequence[Translated],
    values: NDArray[np.float64],
    source: Source,
    of: str,
    unit: Unit = "number",
) -> Metric:
    interval = mean(values)
    if interval is None:
        return Metric(name, not_run=f"there are no {of}")
    by_id = {case.id: float(value) for case, value in zip(cases, values, strict=True)}
    return Metric(name, interval, source, len(cases), of, unit, values=by_id)


def _declared(encoder: Encoder, usual: str, known: Sequence[str], of_run: str | None) -> Source:
    """The encoder, with what it stands in for and what a reader must know of it."""
    right = any(name in encoder.name.lower() for name in known)
    warnings = []
    if usual == USUAL_TARGET and not right:
        warnings.append("it may not know the language of the translations")
    if is_encoder(encoder, of_run):
        warnings.append("the run itself used this encoder, so its search may have optimised the number")
    name = encoder.name and f"{encoder.name} (sha256 {encoder.fingerprint[:12]})"  # `Source` refuses a nameless one
    return Source(name, "" if right else usual, "; ".join(warnings))


def _vectors(encoder: Encoder, strings: Sequence[str]) -> NDArray[np.float64]:
    (vectors,) = encoder.embed([[Text(string) for string in strings]])
    return vectors.astype(np.float64)


def _cosines(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    cosines: NDArray[np.float64] = np.round((first * second).sum(axis=1), 6)
    return cosines
