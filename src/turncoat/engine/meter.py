"""How many texts the models have read, and how long they took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from turncoat.engine.query import Ask, Responder, Responders
from turncoat.text import Text


@dataclass
class Meter:
    """Counts what passes through the responders it has wrapped.

    Attributes:
        texts: texts answered, by kind of query.
        seconds: time spent answering, by kind of query.
        on_answer: called after each answered round, for progress displays.
    """

    texts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    on_answer: Callable[[], None] = lambda: None

    def measured(self, responders: Responders) -> Responders:
        """The same responders, counted."""
        return {kind: self._measured(kind, responder) for kind, responder in responders.items()}

    def _measured(self, kind: type[Ask], responder: Responder) -> Responder:
        name = kind.__name__

        def answer(batches: Sequence[Sequence[Text]]) -> list[NDArray[Any]]:
            start = time.perf_counter()
            answers = responder(batches)
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
            self.texts[name] = self.texts.get(name, 0) + sum(map(len, batches))
            self.on_answer()
            return answers

        return answer
