"""Universal rules, "where the gold label is z, put ŵ for w", and the book that they are kept in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from itertools import groupby
from typing import NamedTuple

from turncoat.errors import UsageError


class Place(NamedTuple):
    """What a rule looks at: the gold label, the word in lower case, its part of speech (n, v, a, r; "" for others)."""

    label: int
    word: str
    pos: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the gold label is `label`, replace `word` by `replacement`.

    Attributes:
        label: class index.
        word: as it stands in the text, in lower case.
        pos: part of speech that the word must have where it stands: n, v, a, r; "" for any other.
        replacement: in lower case.
        salience: how far it turns the verdict: mean drop of the gold score plus total rise of the other scores, in nats
            (mined) or bits (PMI).
        count: how often the data set has the word, with this part of speech, in texts of this label.
    """

    label: int
    word: str
    pos: str
    replacement: str
    salience: float
    count: int

    @property
    def place(self) -> Place:
        return Place(self.label, self.word, self.pos)


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where rules come from.

    Attributes:
        method: "uawr" (mined from victims' answers) or "pmi" (from counts alone).
        score: what its saliences measure; see `mining.SCORES`, `pmi.MODES`.
        data: name of the data set; data_digest: of its texts and labels.
        texts: examples that were read.
        substitutions: where the candidates came from.
        min_count: rules seen less often were left out.
        victims: name and fingerprint of each; () for PMI.
        most_instances: most places at which one rule was tried; instances: tried in all. 0 for PMI.
        seed: decides which places those were.
        turncoat: version that made the book.
    """

    method: str
    score: str
    data: str
    data_digest: str
    texts: int
    substitutions: str
    min_count: int
    victims: tuple[tuple[str, str], ...] = ()
    most_instances: int = 0
    instances: int = 0
    seed: int = 0
    turncoat: str = field(default_factory=lambda: version("turncoat"))


@dataclass(frozen=True)
class RuleBook:
    """Rules of one data set.

    Attributes:
        labels: class names; a rule's label is an index into them.
        rules: by label, highest salience first; ties by word, part of speech and replacement.
        provenance: how they were made.
    """

    labels: tuple[str, ...]
    rules: tuple[Rule, ...]
    provenance: Provenance

    def __len__(self) -> int:
        return len(self.rules)

    def of(self, label: int) -> tuple[Rule, ...]:
        """The rules of one class, highest salience first."""
        return self._classes.get(label, ())

    @cached_property
    def best(self) -> Mapping[Place, Rule]:
        """The rule of highest salience for each place; the others are never applied."""
        best: dict[Place, Rule] = {}
        for rule in self.rules:
            best.setdefault(rule.place, rule)
        return best

    @cached_property
    def _classes(self) -> Mapping[int, tuple[Rule, ...]]:
        return {label: tuple(rules) for label, rules in groupby(self.rules, lambda rule: rule.label)}

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of the labels and rules, sixteen digits of it."""
        content = json.dumps([self.labels, [astuple(rule) for rule in self.rules]])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def aligned(self, labels: Sequence[str]) -> RuleBook:
        """The book with its classes numbered as `labels` are; upper and lower case do not matter.

        Raises:
            UsageError: these are other classes.
        """
        ours, theirs = ([name.lower() for name in names] for names in (self.labels, labels))
        if ours == theirs:
            return self
        if sorted(ours) != sorted(theirs):
            raise UsageError(
                f"the rules are for the classes {', '.join(self.labels)}, not for {', '.join(labels)}; "
                "mine rules on data with these classes"
            )
        rules = (replace(rule, label=theirs.index(ours[rule.label])) for rule in self.rules)
        return RuleBook(tuple(labels), in_order(rules), self.provenance)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """By label, highest salience first; ties by word, part of speech and replacement."""
    return tuple(sorted(rules, key=lambda r: (r.label, -r.salience, r.word, r.pos, r.replacement)))
