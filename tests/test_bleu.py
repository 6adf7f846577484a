"""BLEU and chrF against values by hand, and against nltk and sacreBLEU."""

from __future__ import annotations

import random

import numpy as np
import pytest
from nltk.translate.bleu_score import SmoothingFunction
from nltk.translate.bleu_score import sentence_bleu as nltk_bleu
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
from sacrebleu.tokenizers.tokenizer_zh import TokenizerZh

from turncoat.errors import UsageError
from turncoat.goals.bleu import COUNTS, corpus_bleu, corpus_counts, sentence_bleu, smoothed, tokens
from turncoat.goals.corpus_bleu import measure_bleu
from turncoat.goals.likeness import CharacterGrams
from turncoat.intervals import RESAMPLES

LINE = "der alte Mann sieht einen Hund und 3.5 U.S. Männer , die e-mail &quot;nein&quot; 1,000 (laut) rufen ."
WORDS = LINE.split()
SENTENCES = [
    *WORDS, "", " ", "Ein Mann.", "Zwei Männer, die 3.5-mal (laut) rufen!", "a b c d", "a  b\tc",
    "&amp; &lt;x&gt; 'tis ~^ [a] U.S., 1,000.5 4-", "世界，你好 a 3。",
]  # fmt: skip


def pairs(count: int) -> list[tuple[str, str]]:
    """References and hypotheses that share some of their words; short and long ones."""
    rng = random.Random(5)
    made = []
    for _ in range(count):
        reference = rng.choices(WORDS, k=rng.randint(1, 14))
        hypothesis = [word if rng.random() < 0.7 else rng.choice(WORDS) for word in reference]
        made.append((" ".join(reference), " ".join(hypothesis[: rng.randint(1, 14)])))
    return made


@pytest.mark.parametrize("sentence", SENTENCES)
def test_tokens_are_those_of_mteval(sentence: str) -> None:
    theirs = TokenizerZh() if "世" in sentence else Tokenizer13a()
    assert " ".join(tokens(sentence)) == theirs(sentence)


class TestSentence:
    def test_by_hand(self) -> None:
        """The last of six words is another: 5/6 of the words match, 4/5, 3/4 and 2/3 of the longer runs: 1/3 in all."""
        value = sentence_bleu("der alte Mann sieht einen Hund", "der alte Mann sieht einen Welpen")
        assert value == pytest.approx((1 / 3) ** (1 / 4), abs=1e-12)

    def test_smoothing_by_hand(self) -> None:
        """The third is another: 5/6, 3/5, 1/4, and no run of four, which counts as 0.1 of 3."""
        value = sentence_bleu("der alte Mann sieht einen Hund", "der alte Kerl sieht einen Hund")
        assert value == pytest.approx((5 / 6 * 3 / 5 * 1 / 4 * 0.1 / 3) ** (1 / 4), abs=1e-12)

    def test_brevity_by_hand(self) -> None:
        assert sentence_bleu("a b c d e f", "a b c d") == pytest.approx(np.exp(1 - 6 / 4), abs=1e-12)

    @pytest.mark.parametrize("sentence", SENTENCES)
    def test_every_sentence_scores_one_against_itself(self, sentence: str) -> None:
        assert sentence_bleu(sentence, sentence) == 1.0

    def test_nothing_in_common_or_nothing_at_all(self) -> None:
        assert sentence_bleu("a b", "c d") == sentence_bleu("a", "") == sentence_bleu("", "a") == 0.0

    def test_equals_nltk_s_method_1(self) -> None:
        """Of four words and more; nltk smooths the orders that shorter hypotheses do not have."""
        smoothing = SmoothingFunction().method1
        for reference, hypothesis in pairs(150):
            ours, words = sentence_bleu(reference, hypothesis), tokens(hypothesis)
            if len(words) >= 4:
                theirs = nltk_bleu([tokens(reference)], words, smoothing_function=smoothing)
                assert ours == pytest.approx(theirs, abs=1e-12)

    def test_equals_sacrebleu_s_floor_with_effective_order(self) -> None:
        theirs = BLEU(effective_order=True, smooth_method="floor", smooth_value=0.1)
        for reference, hypothesis in pairs(150):
            score = theirs.sentence_score(hypothesis, [reference]).score
            assert 100 * sentence_bleu(reference, hypothesis) == pytest.approx(score, abs=1e-9)

    def test_case_counts(self) -> None:
        assert smoothed(["a"], ["A"]) == 0.0


class TestCorpus:
    def test_equals_sacrebleu(self) -> None:
        for count in (1, 3, 60):
            references, hypotheses = map(list, zip(*pairs(count), strict=True))
            sums = corpus_counts(references, hypotheses).sum(axis=0)
            theirs = BLEU().corpus_score(hypotheses, [references])
            assert corpus_bleu(sums) == pytest.approx(theirs.score, abs=1e-9)
            assert sums.tolist() == [*theirs.counts, *theirs.totals, theirs.sys_len, theirs.ref_len]

    def test_many_sums_at_once(self) -> None:
        counts = corpus_counts(*map(list, zip(*pairs(20), strict=True)))
        together = corpus_bleu(np.stack([counts[:10].sum(0), counts[10:].sum(0), np.zeros(COUNTS, int)]))
        assert together.tolist() == [corpus_bleu(counts[:10].sum(0)), corpus_bleu(counts[10:].sum(0)), 0.0]

    def test_the_interval_is_that_of_the_resamples(self) -> None:
        references, hypotheses = map(list, zip(*pairs(60), strict=True))
        found = measure_bleu(references, hypotheses)
        low, high = found.interval.low, found.interval.high
        assert low is not None
        assert high is not None
        assert low < found.score < high
        assert found.resampled.shape == (RESAMPLES,)
        assert found.signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp")
        again = measure_bleu(references, hypotheses)
        assert (again.resampled == found.resampled).all()


class TestCharacterGrams:
    def test_equals_sacrebleu_s_chrf(self) -> None:
        theirs = CHRF()
        for reference, hypothesis in pairs(150):
            score = theirs.sentence_score(hypothesis, [reference]).score
            assert 100 * CharacterGrams().between(reference, hypothesis) == pytest.approx(score, abs=1e-9)

    def test_ends(self) -> None:
        chrf = CharacterGrams()
        assert chrf.between("a b", "ab") == chrf.between("", " ") == 1.0
        assert chrf.between("ab", "cd") == chrf.between("", "a") == chrf.between("a", "") == 0.0

    @pytest.mark.parametrize("wrong", [{"order": 0}, {"beta": 0.0}])
    def test_bad_parameters_are_refused(self, wrong: dict[str, float]) -> None:
        with pytest.raises(UsageError, match="expected order >= 1 and beta > 0"):
            CharacterGrams(**wrong)  # type: ignore[arg-type]
