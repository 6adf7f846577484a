"""Sentences and their translations: the examples and data sets of machine translation."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.data.example import Examples, Fault


@dataclass(frozen=True, slots=True)
class TranslationExample:
    """One sentence (or more) and its translation by a person.

    Attributes:
        id: unique in its data set, the same from run to run.
        text: what is to be translated.
        reference: the person's translation.
    """

    id: str
    text: str
    reference: str


@dataclass(frozen=True)
class TranslationDataset(Examples[TranslationExample]):
    """Sentences in a fixed order.

    Attributes:
        name: registered name or file name, with its split ("multi30k_en_de/test").
        examples: the examples.
        faults: rows left out.
        source: where it was found, for people.
    """

    name: str
    examples: tuple[TranslationExample, ...]
    faults: tuple[Fault, ...] = ()
    source: str = ""
