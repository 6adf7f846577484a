"""What judges say about the turned texts of a run: quality.json, with a line of provenance for each number.

A number stands with the number of cases behind it, its 95 % interval and the name of what measured it; a metric that
could not be measured stands there too and says why. Nothing stands in for a named resource without saying so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from turncoat.errors import BrokenData, UsageError
from turncoat.evaluation.number_table import Line
from turncoat.evaluation.outcome import Outcome
from turncoat.intervals import Interval
from turncoat.notation import MISSING, cosine, decimal, ends, estimate, percent

FILE = "quality.json"

Unit = Literal["share", "cosine", "number"]
WRITERS = {"share": percent, "cosine": cosine, "number": decimal}
TEXTS, SUBSTITUTIONS = "texts", "substitutions"  # "texts": turned ones


@dataclass(frozen=True)
class Source:
    """Who or what measured.

    Attributes:
        name: model, lexicon or tool, with version or checksum where it has one.
        stands_in_for: what the literature uses for this metric, if this is something else.
        warning: what a reader must know before using the number.

    Raises:
        UsageError: it has no name.
    """

    name: str
    stands_in_for: str = ""
    warning: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise UsageError("expected the name of what measures; an undeclared stand-in is refused")

    def __str__(self) -> str:
        stand_in = f", standing in for {self.stands_in_for}" if self.stands_in_for else ""
        return f"{self.name}{stand_in}{'; WARNING: ' + self.warning if self.warning else ''}"


@dataclass(frozen=True)
class Metric:
    """One number about the turned texts, or why there is none.

    Attributes:
        name: what was measured: "perplexity of the adversarial text, median".
        interval: estimate and 95 % interval; None if it was not measured.
        source: who measured; None if nobody did.
        n: cases behind it.
        of: what a case is.
        unit: "share" in [0, 1], "cosine" in [-1, 1], or a plain "number".
        not_run: why it was not measured; "" if it was.
        values: the number of each case by the example's id, for paired comparisons; may be empty.

    Raises:
        UsageError: neither measured nor explained, or measured by nobody.
    """

    name: str
    interval: Interval | None = None
    source: Source | None = None
    n: int = 0
    of: str = TEXTS
    unit: Unit = "number"
    not_run: str = ""
    values: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.interval is None) != (self.source is None) or (self.interval is None) != bool(self.not_run):
            raise UsageError(f"{self.name}: expected a number and who measured it, or why it was not run")

    @property
    def provenance(self) -> str:
        """Who measured it and how its interval was found, or why nobody did."""
        if self.interval is None:
            return f"not run: {self.not_run}"
        return f"{self.source} ({self.interval.method})"


@dataclass(frozen=True)
class Quality:
    """All that was judged.

    Attributes:
        outcomes: digest of the outcomes that were judged; see `digest`.
        metrics: in reading order.
    """

    outcomes: str
    metrics: tuple[Metric, ...]

    def __getitem__(self, name: str) -> Metric:
        """The metric of that name.

        Raises:
            KeyError: there is none.
        """
        return {metric.name: metric for metric in self.metrics}[name]

    def to_json(self) -> str:
        metrics = [asdict(metric) | {"provenance": metric.provenance} for metric in self.metrics]
        table = {"outcomes": self.outcomes, "metrics": metrics}
        return json.dumps(table, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, content: str) -> Quality:
        """Inverse of `to_json`.

        Raises:
            ValueError, KeyError, TypeError, UsageError: it is none.
        """
        table = json.loads(content)
        return cls(table["outcomes"], tuple(map(_metric, table["metrics"])))


def digest(outcomes: Sequence[Outcome]) -> str:
    """Changes when an outcome does, or when more examples have ended."""
    lines = "\n".join(sorted(outcome.to_json() for outcome in outcomes))
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_quality(folder: Path, outcomes: Sequence[Outcome]) -> Quality | None:
    """What was judged of these outcomes; None if nothing was, or if they have changed since.

    Raises:
        BrokenData: quality.json cannot be read.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        quality = Quality.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError, UsageError) as error:
        raise BrokenData(f"{path}: expected what `turncoat judge` writes: {error}; judge the run again") from error
    return quality if quality.outcomes == digest(outcomes) else None


def quality_lines(quality: Quality) -> list[Line]:
    """The metrics as lines of text; "–" where nothing was measured."""
    return [metric_line(metric) for metric in quality.metrics]


def metric_line(metric: Metric) -> Line:
    """One metric as a line of text; "–" if it was not measured."""
    write, over = WRITERS[metric.unit], f"{metric.n} {metric.of}" if metric.interval else MISSING
    value, interval = estimate(metric.interval, write), ends(metric.interval, write)
    return Line(metric.name, over, value, interval, metric.provenance)


def _metric(fields: dict[str, Any]) -> Metric:
    del fields["provenance"]
    kinds = {"interval": Interval, "source": Source}
    return Metric(**{k: kinds[k](**v) if k in kinds and v is not None else v for k, v in fields.items()})
