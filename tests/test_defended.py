"""Defences as victims: FGWS by hand, RanMASK's masks and votes, and attacks that know them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import turncoat
from toys import Table
from turncoat.attacks.cross_entropy import CrossEntropy
from turncoat.config import from_table, to_table
from turncoat.data.example import Dataset, Example
from turncoat.errors import UsageError
from turncoat.evaluation.defences import ask_again, clean_cost, flags
from turncoat.models import frequency_guard, random_masking
from turncoat.models.callable import CallableVictim
from turncoat.models.frequency_guard import FrequencyGuard
from turncoat.models.random_masking import RandomMasking
from turncoat.models.victim import predict
from turncoat.space import Space
from turncoat.substitutions.frequent import Frequent
from turncoat.text import Change, Text

# A victim that counts words: bad, dull -> class 0; good, fine, splendid -> class 1; nothing else moves it from 0.4/0.6.
WEIGHTS = {"bad": -0.3, "dull": -0.3, "good": 0.3, "fine": 0.2, "splendid": 0.3, "meh": -0.4, "ghastly": -0.4}
RELATIVES = {"meh": ["fine", "so-so"], "splendid": ["good"], "ghastly": ["grim"], "fine": ["good"], "zzz": ["yyy"]}
COUNTS = {"good": 50, "bad": 40, "film": 30, "fine": 10, "so-so": 12, "a": 90, "meh": 1}


def lively(strings: list[str]) -> list[list[float]]:
    """Probabilities of dull and lively."""
    scores = [min(max(0.6 + sum(WEIGHTS.get(w.lower(), 0) for w in Text(s).words), 0.05), 0.95) for s in strings]
    return [[1 - p, p] for p in scores]


VICTIM = CallableVictim(lively, ("dull", "lively"), "lively")


def relatives(word: str) -> list[str]:
    return RELATIVES.get(word, [])


def guard(delta: float = math.log(6), gamma: float = 0.1) -> FrequencyGuard:
    return FrequencyGuard(VICTIM, COUNTS, delta, gamma, relatives)


class TestFrequencyGuard:
    @pytest.mark.parametrize(
        ("word", "new"),
        [
            ("meh", "so-so"),  # 12 > 10
            ("Meh", "So-so"),
            ("splendid", "good"),  # never seen
            ("fine", None),  # 10 >= 5: not rare
            ("ghastly", None),  # its relative was never seen either
            ("unheard", None),  # no relative
        ],
    )
    def test_rare_words_give_way_to_their_most_frequent_relative(self, word: str, new: str | None) -> None:
        assert guard().replacement(word) == new

    def test_delta_is_a_log_frequency(self) -> None:
        assert guard(math.log1p(10)).least_count == 10
        assert guard(math.log1p(10)).replacement("fine") is None
        assert guard(math.log1p(10.5)).replacement("fine") == "good"
        assert guard(0.0).restore(Text("meh splendid")) == Text("meh splendid")

    def test_a_flagged_text_is_answered_restored(self) -> None:
        """ "A meh film.": 0.2 lively, so dull with 0.8; restored 0.6 lively: the verdict loses 0.4 > 0.1."""
        (seen,) = guard().inspect([[Text("A meh film."), Text("A splendid film."), Text("A bad film.")]])
        assert [str(text) for text in seen.restored] == ["A so-so film.", "A good film.", "A bad film."]
        np.testing.assert_allclose(seen.raw[:, 1], [0.2, 0.9, 0.3])
        np.testing.assert_allclose(seen.mended[:, 1], [0.6, 0.9, 0.3])
        np.testing.assert_allclose(seen.drops, [0.4, 0, 0])
        assert seen.flagged.tolist() == [True, False, False]
        (answers,) = guard().predict([[Text("A meh film."), Text("A bad film.")]])
        np.testing.assert_allclose(answers[:, 1], [0.6, 0.3])

    def test_a_drop_of_gamma_is_not_flagged(self) -> None:
        assert not guard(gamma=0.4).inspect([[Text("A meh film.")]])[0].flagged[0]
        assert guard(gamma=0.399).inspect([[Text("A meh film.")]])[0].flagged[0]

    def test_a_verdict_that_gains_is_not_flagged(self) -> None:
        rising = FrequencyGuard(VICTIM, COUNTS, math.log(6), 0.0, lambda word: ["good"] if word == "ok" else [])
        assert rising.inspect([[Text("an ok film")]])[0].drops[0] == 0

    def test_flagged_words_are_explained(self) -> None:
        assert guard().flagged_words(Text("A meh film.")) == (Change(1, "meh", "so-so"),)
        assert guard().flagged_words(Text("A splendid film.")) == ()  # replaced, but the verdict stands

    def test_numbers_and_strings_are_answered_alike(self) -> None:
        space = Space(Text("a meh film"), [[], ["bad", "splendid"], []])
        swaps = space.swaps()
        (numbers,), (strings,) = guard().predict([swaps]), guard().predict([[Text(str(t)) for t in swaps]])
        np.testing.assert_array_equal(numbers, strings)

    def test_its_settings_are_its_fingerprint(self) -> None:
        same, other = guard(), guard(gamma=0.2)
        assert same.fingerprint == guard().fingerprint != other.fingerprint
        assert (same.name, same.labels, same.visible(Text("a b"))) == ("fgws(lively)", VICTIM.labels, 2)

    def test_calibration_by_hand(self) -> None:
        """Counts 3, 2, 1, 1: log frequencies ln 4, ln 3, ln 2, ln 2; their 75th percentile lies at index 2.25."""
        train = dataset("a a a b b c d")
        # Drops of the validation texts: 0.4 ("meh"), and 0 for the nine others.
        validation = dataset("meh film", *["a film"] * 9)
        found = frequency_guard.calibrate(VICTIM, train, validation, 75, 0.9, lambda word: ["a"])
        assert found.delta == pytest.approx(math.log(3) + 0.25 * (math.log(4) - math.log(3)))
        assert found.gamma == 0
        strict = frequency_guard.calibrate(VICTIM, train, validation, 75, 1.0, lambda word: ["a"])
        assert strict.gamma == pytest.approx(0.4)

    def test_calibration_needs_texts_and_sensible_shares(self) -> None:
        texts, none = dataset("a film"), dataset()
        for train, validation in ((none, texts), (texts, none)):
            with pytest.raises(UsageError, match="expected texts to count and to validate on"):
                frequency_guard.calibrate(VICTIM, train, validation, relatives=relatives)
        with pytest.raises(UsageError, match="percentile in"):
            frequency_guard.calibrate(VICTIM, texts, texts, 101, relatives=relatives)

    def test_tuning_takes_the_percentile_that_flags_most(self) -> None:
        train = dataset(" ".join(word for word, count in COUNTS.items() for _ in range(count)))
        tuned = frequency_guard.tune(
            VICTIM, train, dataset(*["a film"] * 5), [Text("a meh film")], (0, 50, 100), relatives=relatives
        )
        assert tuned.inspect([[Text("a meh film")]])[0].flagged[0]
        with pytest.raises(UsageError, match="expected adversarial texts"):
            frequency_guard.tune(VICTIM, train, train, [], relatives=relatives)


class TestRandomMasking:
    TEXT = Text("a good film with a good plot and a bad end")  # 11 words

    def test_each_copy_hides_its_share(self) -> None:
        masking = RandomMasking(VICTIM, rate=0.3, copies=50)
        (texts,) = masking._as_numbers([self.TEXT])
        copies = masking._masked(texts)
        assert len(copies) == 50
        assert copies.changed.tolist() == [3] * 50  # 0.3 x 11 = 3.3
        assert len(set(map(str, copies))) > 40
        assert str(copies[0]).count("[UNK]") == 3

    def test_votes_and_mean_by_hand(self) -> None:
        """One of two words is hidden: half of the copies see "good" (0.9 lively), half see "bad" (0.3)."""
        text = Text("good bad")
        for tally, seen_good, seen_bad in (("votes", 1.0, 0.0), ("mean", 0.9, 0.3)):
            masking = RandomMasking(VICTIM, 0.5, 40, tally=tally)  # type: ignore[arg-type]
            (texts,) = masking._as_numbers([text])
            good = sum("good" in str(copy) for copy in masking._masked(texts))
            assert 10 < good < 30
            expected = (good * seen_good + (40 - good) * seen_bad) / 40
            assert masking.predict([[text]])[0][0, 1] == pytest.approx(expected)

    def test_the_answer_depends_on_the_text_and_the_seed_alone(self) -> None:
        masking = RandomMasking(VICTIM, 0.5, 9, tally="mean")
        space = Space(self.TEXT, [["fine"] if word == "good" else [] for word in self.TEXT.words])
        swaps = space.swaps()
        (numbers,) = predict(masking, [swaps])
        strings = [Text(str(text)) for text in swaps]
        np.testing.assert_array_equal(numbers, np.concatenate(predict(masking, [[t] for t in strings])))
        np.testing.assert_array_equal(numbers, np.concatenate(predict(masking, [strings[1:], strings[:1]]))[[1, 0]])
        assert not np.array_equal(numbers, predict(masking.redrawn(1), [swaps])[0])

    def test_no_mask_is_no_defence(self) -> None:
        (defended,), (plain,) = (
            predict(RandomMasking(VICTIM, 0.0, 3, tally="mean"), [[self.TEXT]]),
            predict(VICTIM, [[self.TEXT]]),
        )
        np.testing.assert_array_equal(defended, plain)

    def test_a_text_without_words(self) -> None:
        np.testing.assert_allclose(RandomMasking(VICTIM, 0.5, 3, tally="mean").predict([[Text("?!")]])[0], [[0.4, 0.6]])

    @pytest.mark.parametrize("wrong", [{"rate": 1.0}, {"rate": -0.1}, {"copies": 0}, {"tally": "sum"}])
    def test_impossible_settings_are_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(UsageError, match="expected"):
            RandomMasking(VICTIM, **wrong)

    def test_redrawn_changes_only_what_it_says(self) -> None:
        masking = RandomMasking(VICTIM, 0.2, 9, tally="votes")
        again = masking.redrawn(5, copies=90, tally="mean")
        assert (again.rate, again.copies, again.seed, again.tally) == (0.2, 90, 5, "mean")
        assert masking.redrawn(0).fingerprint == masking.fingerprint != again.fingerprint

    def test_calibration_takes_the_highest_rate_that_costs_little(self) -> None:
        """ "good" or "bad" among nine fillers: hiding it makes a "bad" text lively, so accuracy falls with the rate."""
        filler = "so it goes on and on and on on"
        data = dataset(*[f"{word} {filler} {i}" for i in range(10) for word in ("good", "bad")], labels=[1, 0] * 10)
        found = random_masking.calibrate(VICTIM, data, most_cost=0.02, rates=(0.9, 0.2, 0.0), copies=(9, 25))
        assert (found.rate, found.copies) in ((0.2, 9), (0.2, 25))
        assert random_masking.calibrate(VICTIM, data, most_cost=1.0, copies=(9,)).rate == 0.9
        with pytest.raises(UsageError, match=r"every rate costs more than 2\.0% accuracy, the mildest 50\.0%"):
            random_masking.calibrate(VICTIM, data, rates=(0.95,), copies=(9,))


def dataset(*texts: str, labels: list[int] | None = None) -> Dataset:
    golds = labels or [1] * len(texts)
    examples = tuple(Example(str(i), t, gold) for i, (t, gold) in enumerate(zip(texts, golds, strict=True)))
    return Dataset("d", examples, VICTIM.labels)


WORDS = Table({"film": ["meh", "bad", "plot"]})
ATTACK = CrossEntropy(substitutions=WORDS, samples=20, iterations=3, source_similarity=False)
CLEAN = dataset("a fine good film", "a film", "a meh film", labels=[1, 1, 0])


def test_cost_flags_and_asking_again() -> None:
    cost = clean_cost(guard(), CLEAN)  # "a meh film" is dull, and the guard reads "a so-so film": lively
    assert (cost.n, cost.broken, cost.repaired, cost.p) == (3, 1, 0, 1.0)
    assert cost.before is not None
    assert cost.after is not None
    assert (cost.before.estimate, cost.after.estimate) == (1, pytest.approx(2 / 3))
    meh = replace(ATTACK, substitutions=Table({"film": ["meh"]}))
    run = turncoat.attack(VICTIM, CLEAN, meh, encoder=None, out=None)
    assert [o.adversarial for o in run if o.status == "success"] == ["a meh"]
    again = ask_again(run.outcomes, guard())
    assert (again.asked, again.turned) == (1, ())
    found = flags(guard(), run.outcomes, CLEAN)
    assert (found.attacked, found.adversarial, found.clean) == (3, 1, 3)
    assert found.found is not None
    assert found.unseen is not None
    assert found.false_alarms is not None
    assert (found.found.estimate, found.unseen.estimate) == (1, 0)
    assert found.false_alarms.estimate == pytest.approx(1 / 3)
    assert ask_again([], guard()).rate is None


def test_frequent_words_are_words_that_the_guard_leaves_alone(tmp_path: Path) -> None:
    train = tmp_path / "train.csv"
    lines = [f"{word},lively" for word, count in COUNTS.items() for _ in range(count)]
    train.write_text("\n".join(["text,label", *lines]) + "\n")
    options = {"film": ["meh", "Good", "fine", "splendid", "bad"]}
    adapted = Frequent(Table(options), str(train), guard().least_count)
    (_, left) = drive(adapted.propose(Text("a film")))
    assert left == ["Good", "fine", "bad"]
    assert all(guard().replacement(word) is None for word in left)
    with pytest.raises(UsageError, match="least >= 0"):
        Frequent(Table(options), "mr", -1)


def test_an_attack_that_knows_the_guard_passes_it(tmp_path: Path) -> None:
    """Against the bare victim "meh" is the better word; the guard undoes it. Frequent words alone find "bad"."""
    train = tmp_path / "train.csv"
    train.write_text("\n".join(["text,label", *(f"{w},lively" for w, n in COUNTS.items() for _ in range(n))]) + "\n")
    words, data = Table({"film": ["meh", "bad"]}), dataset("a film")
    blind = replace(ATTACK, substitutions=words)
    adapted = replace(ATTACK, substitutions=Frequent(words, str(train), guard().least_count))
    (unaware,) = turncoat.attack(VICTIM, data, blind, encoder=None)
    assert unaware.adversarial == "a meh"
    assert ask_again([unaware], guard()).turned == ()
    (aware,) = turncoat.attack(guard(), data, adapted, encoder=None)
    assert (aware.status, aware.adversarial) == ("success", "a bad")
    assert guard().flagged_words(Text(aware.adversarial)) == ()


def test_frequent_survives_a_config_file() -> None:
    source = Frequent(ATTACK.substitutions, "mr", 5)
    table = to_table(source) | {"inner": to_table(CrossEntropy().substitutions)}
    assert from_table(table) == replace(source, inner=CrossEntropy().substitutions)


def test_expected_scores_outlast_a_change_of_masks() -> None:
    """What turns three copies first falls back under new masks; what does best in the mean of forty does not."""
    words = [f"w{i}" for i in range(10)]
    options = Table({word: [f"{word}{tail}" for tail in "xyz"] for word in words})

    def fragile(strings: list[str]) -> list[list[float]]:
        lost = [0.07 * sum(word.endswith("x") for word in string.split()) for string in strings]
        return [[0.25 + each, 0.75 - each] for each in lost]

    masking = RandomMasking(CallableVictim(fragile, ("dull", "lively"), "fragile"), 0.4, 3)
    data = dataset(*(" ".join([*words, str(i)]) for i in range(8)))
    attack = CrossEntropy(substitutions=options, samples=20, iterations=5, source_similarity=False)
    shares = []
    adapted = replace(attack, run_to_convergence=True), masking.redrawn(7, copies=40, tally="mean")
    for method, victim in ((attack, masking), adapted):
        run = turncoat.attack(victim, data, method, encoder=None)
        again = [ask_again(run.outcomes, masking.redrawn(seed)) for seed in range(100, 110)]
        assert again[0].asked == len(data)
        shares.append(sum(len(each.turned) for each in again) / (10 * len(data)))
    assert shares[0] < 0.7
    assert shares[1] > 0.9


def drive(work: Any) -> Any:
    """The result of a coroutine that asks nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("it asked something")
