"""Several victims that answer as one: the softmax of their mean logits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from turncoat.errors import UsageError
from turncoat.models.callable import CallableVictim
from turncoat.models.ensemble import Ensemble
from turncoat.space import Space
from turncoat.text import Text


def constant(difference: float) -> CallableVictim:
    """A victim that always answers with that difference of logits."""
    answer = [1 / (1 + math.exp(-difference)), 1 / (1 + math.exp(difference))]
    return CallableVictim(lambda asked: [answer] * len(asked), "ab", str(difference))


class TestVictim:
    def test_it_answers_with_the_softmax_of_the_mean_logits(self) -> None:
        logits = np.random.default_rng(0).normal(0, 2, (3, 5, 4))  # members, texts, classes
        strings = [f"text {i}" for i in range(5)]

        def softmax(values: np.ndarray) -> np.ndarray:
            powers = np.exp(values)
            return powers / powers.sum(axis=-1, keepdims=True)

        members = [
            CallableVictim(lambda asked, own=own: softmax(own[[strings.index(each) for each in asked]]), "abcd", str(i))
            for i, own in enumerate(logits)
        ]
        answers = Ensemble(members).predict([[Text(each) for each in strings[:2]], [Text(strings[4])]])
        expected = softmax(logits.mean(axis=0))
        np.testing.assert_allclose(np.concatenate(answers), expected[[0, 1, 4]], rtol=1e-12)

    def test_small_probabilities_count_before_rounding(self) -> None:
        """Logit differences of -18 and 16: the mean is -1. Rounded to six digits, both would be as sure: 0."""
        (answer,) = Ensemble([constant(-18), constant(16)]).predict([[Text("x")]])
        assert answer[0, 0] == pytest.approx(1 / (1 + math.e), rel=1e-6)

    def test_temperatures_divide_logits(self) -> None:
        """Logit differences of 4 and -2, the first halved: (2 - 2) / 2 = 0."""
        members = [constant(4), constant(-2)]
        warm = Ensemble(members, [2, 1])
        np.testing.assert_allclose(warm.predict([[Text("x")]])[0], [[0.5, 0.5]])
        assert warm.fingerprint != Ensemble(members).fingerprint
        with pytest.raises(UsageError, match="2 temperatures above 0"):
            Ensemble(members, [1])

    def test_each_member_reads_its_own_unknown_word(self) -> None:
        read: dict[str, list[str]] = {}

        def member(unknown: str) -> CallableVictim:
            return CallableVictim(
                lambda asked: [[read.setdefault(unknown, []).append(each) or 0.5, 0.5] for each in asked],  # type: ignore[func-returns-value]
                "ab", unknown, unknown,
            )  # fmt: skip

        space = Space(Text("a fine day"), [[], ["nice", "Nice"], []], unknown="[UNK]")
        texts = space.variants(np.array([[0, -1, 0], [0, 1, 0]]))
        Ensemble([member("[UNK]"), member("?")]).predict([texts])
        assert read == {"[UNK]": ["a [UNK] day", "a nice day"], "?": ["a ???? day", "a nice day"]}

    def test_other_labels_are_refused_with_both_lists(self) -> None:
        members = [CallableVictim(len, labels, "".join(labels)) for labels in (("no", "yes"), ("yes", "no"))]
        with pytest.raises(UsageError, match=r"no, yes and yes, no"):
            Ensemble(members)
