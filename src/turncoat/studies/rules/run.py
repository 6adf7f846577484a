"""Universal rules on a zoo: mined with ensembles of growing size and from counts alone, tried on every model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.models.victim import DIGITS
from turncoat.rules.instances import find_instances
from turncoat.rules.mining import Mining, make_book
from turncoat.rules.pmi import Mode, make_pmi_book
from turncoat.rules.rule import RuleBook
from turncoat.rules.trial import Probabilities, Recorded, Trial, choose, pool
from turncoat.studies.rules.prefixes import Prefixes, make_prefixes
from turncoat.studies.rules.published import CAPS, SIZES
from turncoat.studies.rules.rates import Reading, Turns, turns
from turncoat.studies.rules.victims import MINED, Members, Target, load, targets
from turncoat.studies.stored_answers import StoredAnswers
from turncoat.studies.transfer.resampling import Cells

OnTexts = Callable[[int], None]
HEADLINE = 6  # members of the ensemble in Table 5
PMI, STANDARD = "PMI, paper", "PMI, standard"
PMI_MODES: dict[str, Mode] = {PMI: "paper", STANDARD: "standard"}


def uawr(size: int) -> str:
    """Name of the rules mined with an ensemble of some size."""
    return f"UAWR, {size} model{'s' * (size > 1)}"


@dataclass(frozen=True, eq=False)
class Tried:
    """What every target says to every text.

    Attributes:
        targets: who was asked.
        books: names of the rule books, in the order of `prefixes`.
        prefixes: the texts.
        wrong: whether a target is wrong about a text (targets, texts).
    """

    targets: tuple[Target, ...]
    books: tuple[str, ...]
    prefixes: Prefixes
    wrong: Cells

    def turns(self, book: str, cap: float, reading: Reading) -> Turns:
        """What a book does under a cap."""
        return turns(self.wrong, self.prefixes, self.books.index(book), cap, reading)


@dataclass(frozen=True, kw_only=True)
class RuleStudy:
    """Mine on one part of the data, try on another; what models answer is kept on disk, so that it can be continued.

    Source: Section 4.2 of the paper (see `zoo_names`), Tables 5, 9 and 10.

    Differences from the paper:
        - A model that rules were mined from is a target by its second instance, trained apart, where there is one.
        - Rules, those of PMI too, come from a declared part of the training texts.
        - All words are tried, also those that a member of the ensemble cannot see.

    Attributes:
        train: texts that rules come from; test: texts they are tried on.
        zoo: folder with ZOO/MODEL/a and ZOO/MODEL/b.
        models: of the zoo that the rules are tried on.
        work: where answers and rule books are kept.
        members: of the ensembles.
        mining: how rules are mined.
        sizes: of the ensembles; those with more models than there are members are left out.
        caps: largest shares of words changed.
    """

    train: Dataset
    test: Dataset
    zoo: Path
    models: tuple[str, ...]
    work: Path
    members: Members
    mining: Mining
    sizes: tuple[int, ...] = SIZES
    caps: tuple[float, ...] = CAPS

    def __post_init__(self) -> None:
        both = {example.id for example in self.train} & {example.id for example in self.test}
        if both:
            raise UsageError(f"expected other texts to try rules on than to mine, got {min(both)} among both")
        if not self.members.names:
            raise UsageError(f"expected at least one model to mine rules from in {self.zoo}, got {self.members}")

    @property
    def sizes_here(self) -> tuple[int, ...]:
        """Sizes of the ensembles that there are members for."""
        return tuple(size for size in self.sizes if size <= len(self.members.names)) or (len(self.members.names),)

    @property
    def headline(self) -> str:
        """The rules of Tables 1, 5, 6: those of six models, or of as many as there are."""
        return uawr(HEADLINE if HEADLINE in self.sizes_here else max(self.sizes_here))

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Whom the rules are tried on: members of any ensemble by their second instance."""
        return targets(self.zoo, self.models, self.members.of(max(self.sizes_here)))

    @cached_property
    def trial(self) -> Trial:
        """The questions of mining."""
        instances = find_instances(self.train, self.mining.substitutions)
        return choose(self.train, instances, self.mining.min_count, self.mining.most_instances, self.mining.seed)

    def ask_member(self, name: str, on_texts: OnTexts = lambda done: None) -> Recorded:
        """A member's answers to the questions of mining; asks for what is not on disk."""
        victim = load(self.zoo / name / MINED, self.train.labels)
        questions = self.trial.questions()
        answers = StoredAnswers(self.work / "members", self.trial.fingerprint).ask(victim, questions, on_texts)
        ends = np.cumsum([len(question) for question in questions])[:-1]
        return Recorded(victim.name, victim.fingerprint, victim.labels, np.split(answers, ends))

    @cached_property
    def books(self) -> dict[str, RuleBook]:
        """All rule books by name; asks members for what is not on disk."""
        trial, mining = self.trial, self.mining
        books = {
            name: make_pmi_book(self.train, trial.instances, mode, mining.substitutions, mining.min_count)
            for name, mode in PMI_MODES.items()
        }
        found = [self.ask_member(name) for name in self.members.of(max(self.sizes_here))]
        for size in self.sizes_here:
            victims = [(member.name, member.fingerprint) for member in found[:size]]
            books[uawr(size)] = make_book(trial, pool(trial, found[:size]), victims, mining)
        return books

    @cached_property
    def prefixes(self) -> Prefixes:
        """The texts that all targets are asked about."""
        return make_prefixes(self.test, list(self.books.values()), max(self.caps))

    def ask_target(self, target: Target, on_texts: OnTexts = lambda done: None) -> Cells:
        """Whether a target is wrong about each text (texts,); asks for what is not on disk."""
        stored = StoredAnswers(self.work / "targets", self.prefixes.fingerprint, _verdicts)
        said = stored.ask(load(target.folder, self.test.labels), self.prefixes.texts, on_texts)
        gold = np.repeat(self.prefixes.labels, [len(texts) for texts in self.prefixes.texts])
        return np.asarray(said != gold)

    @cached_property
    def tried(self) -> Tried:
        """Everything that tables are made of; asks for what is not on disk."""
        wrong = np.stack([self.ask_target(target) for target in self.targets])
        return Tried(self.targets, tuple(self.books), self.prefixes, wrong)


def _verdicts(probabilities: Probabilities) -> NDArray[np.int8]:
    """Classes (texts,), decided as for all attacks: after rounding."""
    return np.asarray(np.round(probabilities, DIGITS).argmax(axis=1), np.int8)
