"""Numbers, rules and texts printed in the study of universal rules, to stand beside our own.

Source: see `zoo_names`; Tables 1, 5, 6, 9, 10. Percent throughout. At a cap of 30 %, Table 10 has the numbers of
Table 9's ensembles of seven, while Table 5 has those of six: two rule sets in one paper. Its row "ALL" is no
member-weighted mean of the other rows.
"""

from __future__ import annotations

from dataclasses import dataclass

SIZES = (2, 3, 4, 5, 6, 7)
CAPS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
DATA = ("ag_news", "mr")

# Success, and words changed, by targets: PMI and UAWR at a cap of 30 %.
TABLE_5 = {
    "ag_news": {
        "ALL": ((29.0, 14.3), (62.7, 15.0)),
        "Word": ((31.5, 14.1), (69.9, 14.4)),
        "Character": ((23.5, 13.4), (49.2, 15.6)),
        "ELMo": ((29.4, 16.1), (57.5, 16.0)),
        "BERT": ((17.9, 14.2), (33.4, 16.1)),
    },
    "mr": {
        "ALL": ((68.0, 10.6), (86.8, 9.0)),
        "Word": ((72.7, 10.5), (90.1, 8.4)),
        "Character": ((61.4, 10.0), (80.0, 10.1)),
        "ELMo": ((69.0, 11.9), (89.3, 9.5)),
        "BERT": ((35.9, 10.9), (65.8, 11.1)),
    },
}

# Success by size of the ensemble, and words changed.
TABLE_9 = {
    "ag_news": {
        "ALL": ((52.9, 56.9, 56.9, 62.4, 62.7, 63.2), (15.1, 14.9, 15.1, 15.0, 14.9, 14.9)),
        "Word": ((57.1, 60.9, 60.9, 71.0, 69.9, 69.9), (14.6, 14.4, 14.7, 14.5, 14.5, 14.5)),
        "Character": ((50.0, 50.5, 50.1, 43.8, 49.2, 49.4), (15.6, 15.7, 15.8, 15.7, 15.6, 15.6)),
        "ELMo": ((47.2, 55.3, 55.4, 57.6, 57.5, 60.2), (16.2, 15.8, 15.9, 16.2, 16.0, 15.9)),
        "BERT": ((27.4, 30.5, 33.3, 32.6, 33.4, 34.3), (15.9, 16.1, 16.0, 15.9, 16.1, 16.1)),
    },
    "mr": {
        "ALL": ((85.3, 86.2, 85.8, 86.3, 86.8, 87.0), (9.3, 9.3, 9.2, 9.1, 9.0, 9.0)),
        "Word": ((88.9, 89.6, 89.0, 90.3, 90.1, 90.3), (8.6, 8.6, 8.6, 8.4, 8.4, 8.4)),
        "Character": ((79.0, 79.2, 78.1, 76.5, 80.0, 80.1), (10.2, 10.2, 10.1, 10.2, 10.1, 10.1)),
        "ELMo": ((87.5, 89.4, 89.1, 89.6, 89.3, 89.8), (10.0, 9.7, 9.7, 9.6, 9.5, 9.4)),
        "BERT": ((60.0, 62.5, 66.2, 63.8, 65.8, 66.2), (11.3, 11.6, 10.9, 11.1, 11.1, 11.0)),
    },
}

# Success by cap, all targets.
TABLE_10 = {
    "ag_news": (16.3, 27.6, 38.8, 48.8, 57.3, 63.2),
    "mr": (36.2, 54.3, 66.1, 75.3, 81.1, 87.0),
}

# Mean success of PWWS when it asks the target itself.
PWWS = {"ag_news": 66.6, "mr": 90.8}


@dataclass(frozen=True)
class PublishedRule:
    """A row of Table 6 (MR). PMI with positive and with negative, each before and after."""

    label: str
    word: str
    replacement: str
    positive: tuple[float, float]
    negative: tuple[float, float]


TABLE_6 = (
    PublishedRule("positive", "funny", "laughable", (5.792, 0.000), (4.980, 6.478)),
    PublishedRule("positive", "average", "mediocre", (5.741, 2.086), (5.004, 6.408)),
    PublishedRule("positive", "glorious", "splendiferous", (6.478, 0.000), (0.000, 0.000)),
    PublishedRule("positive", "giddy", "woozy", (6.063, 0.000), (4.478, 6.478)),
    PublishedRule("positive", "brilliant", "brainy", (6.168, 0.000), (4.109, 6.478)),
    PublishedRule("negative", "toilet", "bathroom", (0.000, 6.478), (6.478, 0.000)),
    PublishedRule("negative", "excellent", "splendid", (6.013, 6.478), (4.620, 0.000)),
    PublishedRule("negative", "bizarre", "outlandish", (5.478, 6.478), (5.478, 0.000)),
    PublishedRule("negative", "excruciating", "harrowing", (0.000, 6.256), (6.478, 3.671)),
    PublishedRule("negative", "routine", "everyday", (2.230, 6.478), (6.400, 0.000)),
)


@dataclass(frozen=True)
class PublishedText:
    """A text of Table 1 (AG News) that fooled all 63 models.

    The print has lost which words are struck out; where a word and its neighbour cannot both stand, the first is the
    original ("President Chairman Bush").

    Attributes:
        start: how the text begins, to find it in the data.
        changes: word and replacement, in the order of the text.
    """

    start: str
    changes: tuple[tuple[str, str], ...]


TABLE_1 = (
    PublishedText("Senate Panel Gives NASA Extra Money (AP)", (("cut", "contract"),)),
    PublishedText("Deal in Congress to Keep Tax Cuts", (("Keep", "preserve"), ("President", "Chairman"))),
    PublishedText("Nortel Downsizes Again Aug. 23, 2004", (("Networks", "Web"), ("executives", "administrators"))),
)
