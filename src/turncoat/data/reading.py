"""Questions about paragraphs: the examples and data sets of reading comprehension."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.data.example import Examples, Fault


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """One question about a paragraph.

    Attributes:
        id: unique in its data set, the same from run to run.
        text: the paragraph.
        question: what is asked.
        answers: gold answers, one an annotator, so that equal ones may repeat.
        starts: where each stands in `text`, in characters.
        article: title of the article that the paragraph is from.
    """

    id: str
    text: str
    question: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]
    article: str = ""


@dataclass(frozen=True)
class ReadingDataset(Examples[ReadingExample]):
    """Questions in a fixed order.

    Attributes:
        name: registered name or file name, with its split ("squad/test").
        examples: the examples.
        faults: questions left out.
        source: where it was found, for people.
    """

    name: str
    examples: tuple[ReadingExample, ...]
    faults: tuple[Fault, ...] = ()
    source: str = ""
