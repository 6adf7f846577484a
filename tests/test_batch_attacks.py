"""Adversarial texts for every batch: what is drawn, what it costs, and that training with them can be repeated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from test_hardening import RECIPE, SPLITS, WORDS
from toys import Table
from turncoat.engine.query import Predict
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.space import Space
from turncoat.studies.hardening.batch_attacks import Sampler, spaces_of, train_against, worst
from turncoat.text import Text

SPACE = Space(Text("a b c d"), [("x", "y"), (), ("z",), ()])


def ask(sampler: Sampler, space: Space = SPACE, seed: int = 0) -> tuple[list[int], list[str]]:
    """The worst choices for gold class 0, if the chance of class 1 is the share of x and z; and all that was asked."""
    asked: list[str] = []

    def answer(batches: Any) -> list[Any]:
        asked.extend(str(text) for texts in batches for text in texts)
        shares = [np.array([(str(t).count("x") + str(t).count("z")) / 2 for t in texts]) for texts in batches]
        return [np.stack([1 - share, share], axis=1) for share in shares]

    ((_, choices),) = run([Task("t", worst(space, 0, sampler, np.random.default_rng(seed)), None)], {Predict: answer})
    return choices.tolist(), asked


def test_first_distribution_keeps_most_words() -> None:
    tilt = Sampler(changed=0.3).begin(SPACE)
    np.testing.assert_allclose(tilt.theta, [[0.7, 0.15, 0.15], [0.7, 0.3, 0.0]])


def test_finds_the_worst_text_within_its_questions() -> None:
    """x and z: (1 - 0) x 2/4 = 0.5; x alone: 0.5 x 3/4 = 0.375, z alone as much; y: 0. Worst is x and z."""
    for sampler in (Sampler(samples=16, iterations=3, changed=0.5), Sampler(samples=48, iterations=1, changed=0.5)):
        choices, asked = ask(sampler)
        assert choices == [1, 0, 1, 0]
        assert len(asked) <= 6  # there are six texts, and none is asked twice
        assert sampler.questions == 48


def test_asks_nothing_without_iterations_or_options() -> None:
    choices, asked = ask(Sampler(iterations=0, changed=1.0))
    assert (choices[0] in (1, 2), choices[2], asked) == (True, 1, [])
    assert ask(Sampler(), Space(Text("a b"), [(), ()])) == ([0, 0], [])


def test_refuses() -> None:
    for settings in ({"samples": 0}, {"iterations": -1}, {"changed": 0.0}, {"elite": 1.5}, {"smoothing": 0.0}):
        with pytest.raises(UsageError, match="expected"):
            Sampler(**settings)


def test_training_can_be_repeated_and_learns() -> None:
    spaces = spaces_of(SPLITS.train, Table(WORDS), RECIPE.max_words)
    assert len(spaces) == len(SPLITS.train)
    sampler = Sampler(samples=2, iterations=2)
    first, again, other = (
        train_against(SPLITS.train, SPLITS.dev, RECIPE, each, spaces, seed=1)
        for each in (sampler, sampler, Sampler(iterations=0))
    )
    assert first.victim.fingerprint == again.victim.fingerprint != other.victim.fingerprint
    assert first.card.accuracy["dev"].share > 0.8
    asked = first.card.training["questions"]
    assert 0 < asked <= 4 * len(SPLITS.train) * RECIPE.epochs
    assert other.card.training["questions"] == 0
