"""What kind of words are substituted: stop words, other parts of speech, words that the victim does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from turncoat.data.stopwords import is_stop_word
from turncoat.data.tagger import tag, wordnet_pos
from turncoat.evaluation.judging.judge import Judge, share_of_substitutions, substitutions
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import Metric, Source
from turncoat.models.vocabulary import UNKNOWN, Vocabulary
from turncoat.text import Text


@dataclass(frozen=True)
class StopWords(Judge):
    """How many of the replaced words are stop words."""

    name: ClassVar[str] = "replaced words that are stop words"

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        made = substitutions(turned)
        hits = sum(is_stop_word(swap.old) for swap in made)
        return [share_of_substitutions(self.name, hits, len(made), Source("turncoat's list of stop words"))]


@dataclass(frozen=True)
class PartsOfSpeech(Judge):
    """How many substitutes are tagged, in their sentence, as the replaced word was in its own.

    Nouns, verbs, adjectives and adverbs need agree in that alone, other words in their Penn tag.
    """

    name: ClassVar[str] = "substitutes with the part of speech of the word"

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        agree = [same for outcome in turned for same in _agreements(outcome)]
        source = Source("TextBlob's Pattern tagger")
        return [share_of_substitutions(self.name, sum(agree), len(agree), source)]


@dataclass(frozen=True)
class Unknown(Judge):
    """How many substitutes a word-level victim does not know, and how many of the words they replaced.

    Attributes:
        load: gives the victim's name and the words it knows.
    """

    name: ClassVar[str] = "substitutes unknown to the victim"
    load: Callable[[], tuple[str, Vocabulary]]

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        victim, vocabulary = self.load()
        made = substitutions(turned)
        source = Source(f"vocabulary of {victim} ({len(vocabulary):,} words)")
        counts = [
            sum(UNKNOWN in vocabulary.ids_of_string(word) for word in words)
            for words in ((swap.new for swap in made), (swap.old for swap in made))
        ]
        names = (self.name, "replaced words unknown to the victim")
        return [share_of_substitutions(*pair, len(made), source) for pair in zip(names, counts, strict=True)]


def _agreements(outcome: Outcome) -> list[bool]:
    """For each substitution whether the part of speech stayed; those that cannot be found again are left out."""
    old, new = Text(outcome.original), Text(outcome.adversarial)
    before, after = tag(old.words, old.gaps), tag(new.words, new.gaps)
    shifts = accumulate(
        bool(change.new and not change.old) - bool(change.old and not change.new) for change in outcome.changes
    )
    found = []
    for change, shift in zip(outcome.changes, shifts, strict=True):
        there = change.position + shift
        if change.old and change.new and new.words[there : there + 1] == (change.new,):
            found.append(_kind(before[change.position]) == _kind(after[there]))
    return found


def _kind(penn: str) -> str:
    return wordnet_pos(penn) or penn
