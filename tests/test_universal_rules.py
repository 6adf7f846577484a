"""Universal rules on many models: prefixes, readings, rates and their resamples, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from turncoat.data.example import Dataset, Example
from turncoat.rules.rule import Provenance, Rule, RuleBook, in_order
from turncoat.studies.rules.measures import ALL, OUTSIDE, POOLED, Measures, groups
from turncoat.studies.rules.plots import curves
from turncoat.studies.rules.prefixes import make_prefixes
from turncoat.studies.rules.published import CAPS, SIZES, TABLE_5, TABLE_9, TABLE_10
from turncoat.studies.rules.rates import MEASURES, Turns, resamples, turns
from turncoat.studies.rules.run import Tried
from turncoat.studies.rules.victims import Target

MADE = Provenance(
    method="uawr", score="log_probability", data="toys", data_digest="0", texts=2, substitutions="Table", min_count=1
)  # fmt: skip
LABELS = ("dull", "lively")


def book(*rules: tuple[Any, ...]) -> RuleBook:
    return RuleBook(LABELS, in_order(Rule(*rule) for rule in rules), MADE)


def data(*texts: str, label: int = 1) -> Dataset:
    return Dataset("mr/test", tuple(Example(str(i), text, label) for i, text in enumerate(texts)), LABELS)


FIRST = book((1, "good", "a", "fine", 3.0, 5), (1, "film", "n", "movie", 2.0, 5), (1, "plot", "n", "game", 1.0, 5))
SECOND = book((1, "good", "a", "fine", 3.0, 5), (1, "plot", "n", "patch", 2.0, 5), (1, "film", "n", "reel", -1.0, 5))
TEN = "a good film with a good plot and no more"  # ten words: good good film plot, by the first book
TWO = data(TEN, "no such word here at all")
PREFIXES = make_prefixes(TWO, [FIRST, SECOND], 0.4)


def test_prefixes_by_hand() -> None:
    assert [str(text) for text in PREFIXES.texts[0]] == [
        TEN,
        "a fine film with a good plot and no more",
        "a fine film with a fine plot and no more",
        "a fine movie with a fine plot and no more",
        "a fine movie with a fine game and no more",
        "a fine film with a fine patch and no more",  # the second book parts from the first one here
    ]
    assert [str(text) for text in PREFIXES.texts[1]] == [TWO[1].text]
    np.testing.assert_array_equal(PREFIXES.rows[:, 0], [[0, 1, 2, 3, 4], [0, 1, 2, 5, 5]])
    np.testing.assert_array_equal(PREFIXES.rows[:, 1], np.full((2, 5), 6))
    np.testing.assert_array_equal(PREFIXES.applied, [[4, 0], [3, 0]])
    np.testing.assert_array_equal(PREFIXES.words, [10, 6])
    np.testing.assert_array_equal(PREFIXES.clean, [0, 6])
    for cap, first, second in ((0.05, 1, 1), (0.1, 1, 1), (0.25, 2, 2), (0.3, 3, 3), (0.4, 4, 3)):
        assert (PREFIXES.changes(0, cap)[0], PREFIXES.changes(1, cap)[0]) == (first, second)
    assert PREFIXES.text(0, 5) is PREFIXES.texts[0][5]
    assert make_prefixes(TWO, [FIRST], 0.4).fingerprint != PREFIXES.fingerprint
    assert make_prefixes(TWO, [FIRST, SECOND], 0.4).fingerprint == PREFIXES.fingerprint


# Rows of the seven texts above: one target flips at two replacements and back at three, one never, one is wrong before.
WRONG = np.array([[0, 0, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0, 1]], bool)


def test_oblivious_counts_the_last_text_and_incremental_the_first_that_turns() -> None:
    last = turns(WRONG, PREFIXES, 0, 0.3, "oblivious")
    np.testing.assert_array_equal(last.right, [[1, 1], [1, 1], [0, 0]])
    np.testing.assert_array_equal(last.wrong, [[0, 0], [0, 0], [0, 1]])
    np.testing.assert_allclose(last.share, [[0.3, 0], [0.3, 0], [0.3, 0]])
    first = turns(WRONG, PREFIXES, 0, 0.3, "incremental")
    np.testing.assert_array_equal(first.wrong, [[1, 0], [0, 0], [1, 1]])
    np.testing.assert_allclose(first.share, [[0.2, 0], [0.3, 0], [0, 0]])
    assert turns(WRONG, PREFIXES, 1, 0.3, "oblivious").wrong[0, 0]
    assert not turns(WRONG, PREFIXES, 0, 0.1, "incremental").wrong[0, 0]


def test_a_higher_cap_never_turns_fewer_incrementally() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        wrong = rng.random((4, 7)) < 0.3
        rates = [turns(wrong, PREFIXES, 0, cap, "incremental").wrong.sum() for cap in CAPS]
        assert rates == sorted(rates)


# Three targets on four texts. The first: 2 of 3 turned; the second: 1 of 4; the third is never right.
RIGHT = np.array([[1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0]], bool)
AFTER = np.array([[1, 1, 0, 1], [1, 0, 0, 0], [1, 1, 1, 0]], bool)
SHARE = np.array([[0.1, 0.2, 0.3, 0.0], [0.4, 0.3, 0.3, 0.3], [0.0, 0.0, 0.0, 0.3]])


@pytest.mark.parametrize(
    ("measure", "alike", "pooled"),
    [
        ("success", (2 / 3 + 1 / 4) / 2, 3 / 7),
        ("wrong, of all", (3 / 4 + 1 / 4 + 3 / 4) / 3, 7 / 12),
        ("changed, of successes", (0.3 / 2 + 0.4) / 2, 0.7 / 3),
        ("changed, of attacked", (0.6 / 3 + 1.3 / 4) / 2, 1.9 / 7),
    ],
)
def test_both_means_and_their_denominators_by_hand(measure: str, alike: float, pooled: float) -> None:
    drawn = resamples(["Word", "Word", "BERT"], 4, draws=200)
    sums = drawn.sums(MEASURES[measure](Turns(RIGHT, AFTER, SHARE)))
    everyone = np.ones(3, bool)
    for wanted, how in ((alike, False), (pooled, True)):
        estimate = drawn.over(sums, everyone, how)
        assert estimate.value == pytest.approx(wanted, abs=1e-6)
        interval = estimate.interval()
        assert interval.low is not None
        assert interval.high is not None
        assert interval.low <= wanted + 1e-6
        assert interval.high >= wanted - 1e-6
        assert not (estimate - estimate).draws[np.isfinite(estimate.draws)].any()  # equal draws for everything
    nobody = drawn.over(sums, np.array([False, False, False]), pooled=True)
    assert np.isnan(nobody.value)
    assert nobody.interval().low is None


def test_models_are_drawn_within_their_family() -> None:
    drawn = resamples(["Word", "BERT", "Word", "Word"], 5, draws=50)
    assert (drawn.targets[:, 1] == 1).all()
    assert (drawn.targets[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert drawn.targets[1:].std() > 0
    assert (drawn.examples.sum(axis=1) == 5).all()
    np.testing.assert_array_equal(drawn.examples[0], np.ones(5))


def tried(names: Sequence[str], mined: Sequence[str] = ()) -> Tried:
    found = tuple(Target(name, Path(name) / ("b" if name in mined else "a"), name in mined) for name in names)
    return Tried(found, ("first", "second"), PREFIXES, WRONG)


def test_rows_of_a_table() -> None:
    study = Measures(tried(["LSTM-W-GloVe-1", "CNN-C-Random-2", "MiniLM"], ["CNN-C-Random-2"]), draws=100)
    rows = {row.group: row for row in study.measure("first", "incremental", 0.3)}
    assert list(rows) == [ALL, OUTSIDE, "Word", "Character", "ELMo", "BERT"]
    assert {name: row.models for name, row in rows.items()} == {
        ALL: 3, OUTSIDE: 2, "Word": 1, "Character": 1, "ELMo": 0, "BERT": 1
    }  # fmt: skip
    assert rows["ELMo"].values == {}  # not run: nothing is made up for it
    assert rows["Word"].values["success"].estimate == pytest.approx(1 / 2)
    assert rows[ALL].values["success"].estimate == pytest.approx((1 / 2 + 0) / 2)  # the third is never right
    assert rows[ALL].values["success" + POOLED].estimate == pytest.approx(1 / 4)
    assert rows["Word"].values["changed, of successes"].estimate == pytest.approx(0.2)
    # oblivious, the first book turns nobody under 30 %, and the second one target on one text
    better = study.better("second", "first", "oblivious", 0.3, "Word")
    assert better.effect.estimate == pytest.approx(1 / 2)
    assert study.better("first", "first", "oblivious", 0.3, ALL).verdict == "undecided"
    assert study.better("first", "second", "oblivious", 0.3, "ELMo").verdict == "not tested"
    assert list(groups(tried(["mine", "MiniLM", "BERT"]).targets)) == [
        ALL,
        "Word",
        "Character",
        "ELMo",
        "BERT",
        "Other",
    ]


def test_what_was_published_has_its_shape() -> None:
    for name in ("ag_news", "mr"):
        assert len(TABLE_10[name]) == len(CAPS)
        for group, (success, changed) in TABLE_9[name].items():
            assert len(success) == len(changed) == len(SIZES)
            assert success[SIZES.index(6)] == TABLE_5[name][group][1][0]
        assert TABLE_10[name][-1] == TABLE_9[name][ALL][0][-1]  # the cap of 30 % has seven models


def test_curves_say_what_they_show() -> None:
    study = Measures(tried(["LSTM-W-GloVe-1", "CNN-C-Random-2", "MiniLM"]), draws=20)
    points = [(100 * cap, study.success("first", "incremental", cap, "Word").interval()) for cap in (0.1, 0.3)]
    svg = curves("By cap", "words, %", {"UAWR": points}, {"printed": (36.2, 54.3)})
    assert "By cap. UAWR: 0.0 % at 10, 50.0 % at 30." in svg
    assert "printed" in svg
