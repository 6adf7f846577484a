"""Tables 5, 9 and 10: how often rules turn the targets of each family, and how much better one book is than another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from turncoat.intervals import SEED, Interval
from turncoat.studies.rules.rates import MEASURES, Estimate, Reading, Resamples, resamples
from turncoat.studies.rules.run import Tried
from turncoat.studies.rules.victims import FAMILIES, OTHERS, Target
from turncoat.studies.transfer.resampling import DRAWS, Cells
from turncoat.studies.verdicts import Claim, Finding, judge

ALL, OUTSIDE = "ALL", "ALL but members"
POOLED = ", pooled"


@dataclass(frozen=True)
class Measured:
    """What a rule book does to a group of targets under a cap.

    Attributes:
        models: targets in the group; 0 where no model of a family is here, and then nothing else is known.
        values: by measure, with all models alike; with ", pooled" behind it, summed over models before dividing.
    """

    rules: str
    reading: Reading
    cap: float
    group: str
    models: int
    values: Mapping[str, Interval]


@dataclass(frozen=True, eq=False)
class Measures:
    """Makes rows of tables; equal seeds draw equal models and examples for all of them, so that books pair up."""

    tried: Tried
    draws: int = DRAWS
    seed: int = SEED

    @cached_property
    def groups(self) -> dict[str, Cells]:
        """Which targets make up each row of Table 5 (targets,)."""
        return groups(self.tried.targets)

    @cached_property
    def resamples(self) -> Resamples:
        families = [target.family for target in self.tried.targets]
        return resamples(families, len(self.tried.prefixes.words), self.draws, self.seed)

    def measure(self, rules: str, reading: Reading, cap: float, only: Sequence[str] | None = None) -> list[Measured]:
        """One row a group."""
        turns = self.tried.turns(rules, cap, reading)
        sums = {name: self.resamples.sums(of(turns)) for name, of in MEASURES.items()}
        rows = []
        for group, chosen in self.groups.items():
            if only is not None and group not in only:
                continue
            values = {
                name + POOLED * pooled: self.resamples.over(of_targets, chosen, pooled).interval()
                for name, of_targets in (sums.items() if chosen.any() else ())
                for pooled in (False, True)
            }
            rows.append(Measured(rules, reading, cap, group, int(chosen.sum()), values))
        return rows

    def success(self, rules: str, reading: Reading, cap: float, group: str) -> Estimate:
        """Success over the texts that each target reads rightly, all models alike."""
        sums = self.resamples.sums(MEASURES["success"](self.tried.turns(rules, cap, reading)))
        return self.resamples.over(sums, self.groups[group], pooled=False)

    def better(self, first: str, second: str, reading: Reading, cap: float, group: str) -> Finding:
        """Whether the first book turns more than the second one, on the same texts and models."""
        effect = self.success(first, reading, cap, group) - self.success(second, reading, cap, group)
        claim = Claim(0, f"{first} > {second}", f"difference of success, {reading}, cap {cap:.0%}, targets: {group}")
        return judge(claim, effect.value, effect.draws)


def groups(targets: Sequence[Target]) -> dict[str, Cells]:
    """All targets, those that no rule was mined from, and the families of Table 5, here or not."""
    families = np.array([target.family for target in targets])
    members = np.array([target.member for target in targets])
    found = {ALL: np.ones(len(targets), np.bool_)}
    if members.any() and not members.all():
        found[OUTSIDE] = ~members
    found |= {family: families == family for family in FAMILIES.values()}
    if OTHERS in families:
        found[OTHERS] = families == OTHERS
    return found
