"""PMI of words and labels: by hand, and the constant of the published table."""

from __future__ import annotations

import math

import numpy as np
import pytest

from toys import Table
from turncoat.data.example import Dataset, Example
from turncoat.errors import UsageError
from turncoat.rules.diagnosis import agreement, biases
from turncoat.rules.pmi import count_words, named_mode, pmi_rules
from turncoat.rules.rule import Provenance, Rule, RuleBook


def data(*rows: tuple[str, int]) -> Dataset:
    examples = tuple(Example(str(i), text, label) for i, (text, label) in enumerate(rows))
    return Dataset("given", examples, ("negative", "positive"))


FOUR = data(("Fine fine film!", 1), ("film", 1), ("dull film", 0), ("dull", 0))  # 7 words


def test_the_papers_formula_by_hand() -> None:
    counts = count_words(FOUR)
    # fine|positive: in 1 of 2 texts, 2 of 7 words, half of the texts: log2(.5 / (2/7 x .5)) = log2 3.5
    # film|negative: log2(.5 / (3/7 x .5)) = log2 7/3; film|positive: log2(1 / (3/7 x .5)) = log2 14/3
    # dull|negative: log2(1 / (2/7 x .5)) = log2 7; unseen pairs are 0
    expected = [[0, math.log2(3.5)], [math.log2(7 / 3), math.log2(14 / 3)], [math.log2(7), 0], [0, 0]]
    np.testing.assert_allclose(counts.pmi(["fine", "film", "dull", "ghost"], "paper"), expected)


def test_the_standard_formula_by_hand() -> None:
    # Six texts after smoothing. dull: 2.5 of the negative, .5 of the positive: log2(2.5/6 / .25), log2(.5/6 / .25)
    # fine: .5 and 1.5, in 2 of 6 texts. A word that nobody has seen is neutral.
    expected = [[math.log2(5 / 3), math.log2(1 / 3)], [math.log2(0.5), math.log2(1.5)], [0, 0]]
    np.testing.assert_allclose(count_words(FOUR).pmi(["dull", "fine", "ghost"], "standard"), expected, atol=1e-12)


def test_the_published_constant() -> None:
    """Two classes of 100 texts, 22.285 words a text: a word of one class only has 6.478, one of which the class has a
    share s has 6.478 + log2 s."""
    rows = []
    for i in range(200):
        words = ["giddy"] if i in (0, 1, 2, 100) else ["routine"] if i < 2 else ["only"] if i == 5 else ["filler"]
        rows.append((" ".join(words + ["filler"] * (21 if i < 143 else 22)), int(i < 100)))
    dataset = data(*rows)
    assert sum(len(text.split()) for text, _ in rows) == 4457
    negative, positive = count_words(dataset).pmi(["only", "giddy"], "paper").T
    assert positive[0] == pytest.approx(6.478, abs=5e-4)
    assert negative[0] == 0
    assert positive[1] == pytest.approx(6.063, abs=5e-4)  # giddy: .750 and .250, as published
    assert negative[1] == pytest.approx(4.478, abs=5e-4)


def test_pmi_rules_by_hand() -> None:
    table = Table({"fine": ["dull", "ghost"], "dull": ["fine"]})
    book = pmi_rules(FOUR, "paper", table, min_count=1)
    # positive, fine -> dull: (log2 3.5 - 0) + (log2 7 - 0) = 4.615; fine -> ghost: log2 3.5 + 0 = 1.807
    # negative, dull -> fine: the same as the first, by symmetry
    assert {(r.label, r.word, r.pos, r.replacement): (r.salience, r.count) for r in book.rules} == {
        (0, "dull", "a", "fine"): (4.61471, 2),
        (1, "fine", "a", "dull"): (4.61471, 1),  # the tagger takes the first "fine" for a noun
        (1, "fine", "n", "dull"): (4.61471, 1),
        (1, "fine", "a", "ghost"): (1.807355, 1),
        (1, "fine", "n", "ghost"): (1.807355, 1),
    }
    assert book.provenance.method == "pmi"
    assert [rule.word for rule in pmi_rules(FOUR, "paper", table, min_count=2).rules] == ["dull"]


def test_biases_and_agreement() -> None:
    rules = (
        Rule(1, "fine", "a", "ghost", 3.0, 2),
        Rule(1, "fine", "a", "dull", 2.0, 2),
        Rule(1, "fine", "a", "film", 1.0, 2),
    )
    book = RuleBook(FOUR.labels, rules, Provenance(
        method="uawr", score="logit", data="", data_digest="", texts=4, substitutions="", min_count=1
    ))  # fmt: skip
    counts = count_words(FOUR)
    found = biases(book.rules, counts)
    assert [bias.rule.replacement for bias in found] == ["dull", "ghost", "film"]
    assert found[0].change == pytest.approx(4.61471, abs=1e-5)
    np.testing.assert_allclose(found[0].before, [0, math.log2(3.5)])
    np.testing.assert_allclose(found[0].after, [math.log2(7), 0])
    assert [bias.rule for bias in biases(book.rules, counts, by_change=False)] == list(rules)
    # ranks by h 3 2 1; by h_PMI 2 3 1: Spearman 1 - 6 x 2 / (3 x 8)
    assert agreement(book, counts).spearman == pytest.approx(0.5)
    assert math.isnan(agreement(RuleBook(FOUR.labels, rules[:2], book.provenance), counts).pearson)


def test_what_cannot_be_counted() -> None:
    with pytest.raises(UsageError, match="no text of the class negative"):
        count_words(data(("fine", 1)))
    with pytest.raises(UsageError, match="paper, standard"):
        named_mode("raw")
