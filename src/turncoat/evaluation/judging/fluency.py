"""Fluency: how surprised a language model is by the original and by the adversarial text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from turncoat.engine.query import Cloze, Responder, Weigh
from turncoat.engine.run import Task, run
from turncoat.evaluation.judging.judge import Judge, average
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import Metric, Source
from turncoat.text import Text

if TYPE_CHECKING:
    from turncoat.models.causal_lm import CausalLM

REFERENCE = "GPT-2 small"
ITS_NAMES = ("gpt2", "openai-community/gpt2")


@dataclass(frozen=True)
class Perplexity(Judge):
    """exp(mean negative log-likelihood a token) of each text by itself, by a model that reads from left to right.

    Attributes:
        load: gives the model.
    """

    name: ClassVar[str] = "perplexity"
    load: Callable[[], CausalLM]

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        model, ids = self.load(), [outcome.id for outcome in turned]
        before = model.perplexities([outcome.original for outcome in turned]).tolist()
        after = model.perplexities([outcome.adversarial for outcome in turned]).tolist()
        stands_in_for = "" if model.name in ITS_NAMES else REFERENCE
        source = Source(f"{model.name} (sha256 {model.fingerprint[:12]})", stands_in_for)
        return _compare(self.name, dict(zip(ids, before, strict=True)), dict(zip(ids, after, strict=True)), source)


@dataclass(frozen=True)
class PseudoPerplexity(Judge):
    """exp(mean negative log-probability a word), each word masked in turn; punctuation is read, but not scored.

    Not comparable with perplexity, for every word is guessed from both sides.

    Source: J. Salazar, D. Liang, T. Nguyen, K. Kirchhoff. "Masked Language Model Scoring." ACL 2020.

    Differences from the paper:
        - Words are counted, not tokens, and all pieces of a word are masked at once, so that a rare word of many pieces
          is not betrayed by its own beginning.

    Attributes:
        load: gives the name of a masked language model, and what answers `Weigh`.
    """

    name: ClassVar[str] = "pseudo-perplexity a word"
    load: Callable[[], tuple[str, Responder]]

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        model, weigh = self.load()
        tasks = (Task(outcome.id, _both(outcome)) for outcome in turned)
        found = {task.name: pair for task, pair in run(tasks, {Weigh: weigh}, live=16)}
        before, after = ({o.id: found[o.id][side] for o in turned} for side in (0, 1))
        return _compare(self.name, before, after, Source(model))


async def _both(outcome: Outcome) -> tuple[float, float]:
    return await _pseudo_perplexity(Text(outcome.original)), await _pseudo_perplexity(Text(outcome.adversarial))


async def _pseudo_perplexity(text: Text) -> float:
    """nan for a text without words."""
    if not len(text):
        return math.nan
    weights = await Weigh([Cloze(text, position, word) for position, word in enumerate(text.words)])
    return float(np.exp(-weights.mean()))


def _compare(name: str, before: Mapping[str, float], after: Mapping[str, float], source: Source) -> list[Metric]:
    """Before, after and ratio, of the texts for which both are finite."""
    ids = [id for id in before if math.isfinite(before[id]) and math.isfinite(after[id])]
    return [
        *average(f"{name} of the original text", {id: before[id] for id in ids}, source),
        *average(f"{name} of the adversarial text", {id: after[id] for id in ids}, source),
        *average(f"{name}, adversarial / original", {id: after[id] / before[id] for id in ids}, source),
    ]
