"""Similarity of original and adversarial text, by an encoder that the search did not optimise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from turncoat.data.valences import open_valences
from turncoat.engine.query import Embed
from turncoat.engine.run import Task, run
from turncoat.errors import MissingResource, UsageError
from turncoat.evaluation.judging.judge import Judge, average, not_run, share_of_texts, substitutions, texts_of
from turncoat.evaluation.judging.opposition import flips
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import Metric, Source
from turncoat.models.encoding import Encoder, is_encoder
from turncoat.substitutions.constraints import similarities
from turncoat.text import Text

WINDOW = 7  # words on either side of a change: 15 in all
ALIKE = 0.9  # a text so similar, in which a word's feeling flips, shows what the encoder does not see
REFERENCE = "the Universal Sentence Encoder"


@dataclass(frozen=True)
class SimilarBy(Judge):
    """Cosines by one encoder, and what they miss. Its name stands in that of every metric.

    Attributes:
        load: gives the encoder.
        of_run: name of the encoder that the run itself used; None if it used none.
        drift: a turned text of a smaller cosine has drifted from its meaning.
        valences: VADER's lexicon; None for the one found on this machine.
    """

    name: ClassVar[str] = "similarity"
    load: Callable[[], Encoder]
    of_run: str | None = None
    drift: float = 0.8
    valences: str | Path | None = None

    def __post_init__(self) -> None:
        if not -1 <= self.drift <= 1:
            raise UsageError(f"expected a cosine in [-1, 1] for drift, got {self.drift}")

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        encoder = self.load()
        whole, near = _cosines(turned, encoder)
        source = _source(encoder, self.of_run)
        name, window = f"similarity ({Path(encoder.name).name})", 2 * WINDOW + 1
        yield from average(name, whole, source, "cosine")
        yield from average(f"{name} of the {window} words around each change", near, source, "cosine")
        drifted = sum(cosine < self.drift for cosine in whole.values())
        yield share_of_texts(f"semantic drift: {name} below {self.drift:g}", drifted, len(whole), source)
        alike = [outcome for outcome in turned if whole[outcome.id] >= ALIKE]
        yield self._unseen(f"texts with a polarity flip among those of {name} {ALIKE:g} or more", alike, source)

    def _unseen(self, name: str, alike: Sequence[Outcome], source: Source) -> Metric:
        try:
            flipped = flips(substitutions(alike), open_valences(self.valences))
        except MissingResource as error:
            return not_run(name, error)
        return share_of_texts(name, texts_of(flipped), len(alike), source)


def _cosines(turned: Sequence[Outcome], encoder: Encoder) -> tuple[dict[str, float], dict[str, float]]:
    """By the example's id: of the whole texts, and of the words around the changes where there is such a number."""
    tasks = (Task(outcome.id, _measure(outcome)) for outcome in turned)
    found = {task.name: cosines for task, cosines in run(tasks, {Embed: encoder.embed})}
    whole = {outcome.id: found[outcome.id][0] for outcome in turned}
    return whole, {id: near for id in whole if (near := found[id][1]) is not None}


def _source(encoder: Encoder, of_run: str | None) -> Source:
    usual = "universal-sentence-encoder" in encoder.name.lower()
    own = is_encoder(encoder, of_run)
    warning = "the run itself used this encoder, so its search may have optimised the number" if own else ""
    return Source(f"{encoder.name} (sha256 {encoder.fingerprint[:12]})", "" if usual else REFERENCE, warning)


async def _measure(outcome: Outcome) -> tuple[float, float | None]:
    """Cosine of the whole texts, and the mean over the changes of that of the words around each.

    The latter is None for texts with words more or less than the original.
    """
    old, new = Text(outcome.original), Text(outcome.adversarial)
    whole = float((await similarities(old, [new]))[0])
    places = [change.position for change in outcome.changes]
    if not places or len(old) != len(new):
        return whole, None
    parts = [(_around(old, place), _around(new, place)) for place in places]
    near = [float((await similarities(before, [after]))[0]) for before, after in parts]
    return whole, sum(near) / len(near)


def _around(text: Text, place: int) -> Text:
    return text.part(max(0, place - WINDOW), place + WINDOW + 1)
