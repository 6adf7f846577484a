"""The best-known adversarial example for readers (R. Jia, P. Liang. EMNLP 2017, Figure 1)."""

from __future__ import annotations

from turncoat.data.reading import ReadingExample

PARAGRAPH = (
    "Peyton Manning became the first quarterback ever to lead two different teams to multiple Super Bowls. He is also "
    "the oldest quarterback ever to play in a Super Bowl at age 39. The past record was held by John Elway, who led "
    "the Broncos to victory in Super Bowl XXXIII at age 38 and is currently Denver's Executive Vice President of "
    "Football Operations and General Manager."
)
QUESTION = "What is the name of the quarterback who was 38 in Super Bowl XXXIII?"
ANSWER = "John Elway"
PUBLISHED = "Quarterback Jeff Dean had jersey number 37 in Champ Bowl XXXIV."  # approved by people
MISLED = "Jeff Dean"  # what BiDAF answered then


def super_bowl() -> ReadingExample:
    """The untouched example of SQuAD's article Super Bowl 50."""
    id = "56d9a0eadc89441400fdb640"
    return ReadingExample(id, PARAGRAPH, QUESTION, (ANSWER,), (PARAGRAPH.index(ANSWER),), "Super_Bowl_50")
