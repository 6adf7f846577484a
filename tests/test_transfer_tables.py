"""Tables 2 to 4 and the findings of the transfer study: by hand, on printed rates, on rates whose truth is known."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from printed_figure import FIGURE
from turncoat.errors import UsageError
from turncoat.studies.model import Model
from turncoat.studies.transfer.blocks import block_means, block_table
from turncoat.studies.transfer.contrasts import CONTRASTS
from turncoat.studies.transfer.factors import FACTORS, deviations, factor_cells, factor_table, neighbours, smallest_step
from turncoat.studies.transfer.findings import asymmetry, attack_findings, findings, leads
from turncoat.studies.transfer.matrix import TransferMatrix
from turncoat.studies.transfer.published import TABLE_3, TABLE_4
from turncoat.studies.transfer.record import TransferRecord
from turncoat.studies.transfer.resampling import model_counts, reflected_interval, resample, weighted_mean
from turncoat.studies.verdicts import Claim, judge, judge_all, judge_any, read_together
from turncoat.studies.zoo_names import ZOO, zoo_model

FOUR = tuple(map(zoo_model, ("LSTM-W-Random-1", "LSTM-W-GloVe-1", "BiLSTM-W-Random-1", "LSTM-C-Random-1")))


def square(models: tuple[Model, ...], rates: list[list[float]], texts: int = 400) -> TransferMatrix:
    found = np.array(rates)
    return TransferMatrix(models, models, found, np.where(np.isnan(found), 0, texts))


# Base rates .6 .7 .5 .4. The first differs from each of the others in one factor, and no two others do.
#   embedding:    |.5 - .7| = .2 and |.7 - .6| = .1, mean .15; signed -.2 and .1, mean -.05
#   architecture: |.3 - .5| = .2 and |.4 - .6| = .2, mean .2
#   input form:   |.2 - .4| = .2 and |.1 - .6| = .5, mean .35
HAND = square(
    FOUR,
    [
        [0.6, 0.5, 0.3, 0.2],
        [0.7, 0.7, 0.1, 0.1],
        [0.4, 0.2, 0.5, 0.1],
        [0.1, 0.1, 0.1, 0.4],
    ],
)


class TestFactors:
    def test_table_2_by_hand(self) -> None:
        rows = {row.factor: row for row in factor_table(HAND, draws=50).rows}
        assert {name: row.pairs for name, row in rows.items()} == dict(zip(FACTORS, (2, 2, 2, 0), strict=True))
        assert [rows[name].absolute.estimate for name in FACTORS[:3]] == pytest.approx([0.35, 0.2, 0.15])
        assert [rows[name].signed.estimate for name in FACTORS[:3]] == pytest.approx([-0.35, -0.2, -0.05])

    def test_a_factor_without_pairs_is_not_measured(self) -> None:
        table = factor_table(HAND, draws=50)
        capacity = table.rows[3].absolute
        assert math.isnan(capacity.estimate)
        assert (capacity.low, table.in_order, table.share_in_order) == (None, False, None)

    def test_the_order_of_four_factors_by_hand(self) -> None:
        """A fifth model of two layers: .55 to and from the first, whose base is .6; its own base is .5. So capacity is
        mean(|.55 - .5|, |.55 - .6|) = .05, and the smallest step is from architecture to embedding, .2 - .15."""
        rates = np.pad(HAND.rates, ((0, 1), (0, 1)), constant_values=0.2)
        rates[4, 4], rates[0, 4], rates[4, 0] = 0.5, 0.55, 0.55
        matrix = square((*FOUR, zoo_model("LSTM-W-Random-2")), rates.tolist(), 100_000)
        means = deviations(matrix, rates, np.ones_like(rates), factor_cells(matrix))
        np.testing.assert_allclose(means, [0.35, 0.2, 0.15, 0.05])
        assert smallest_step(means) == pytest.approx(0.05)
        assert factor_table(matrix, draws=50).in_order

    def test_the_floor_is_what_luck_alone_gives(self) -> None:
        """All rates .5 on 400 texts: the difference of two has standard error .0354, its mean size is that by 0.798."""
        table = factor_table(square(FOUR, [[0.5] * 4] * 4), draws=200)
        assert [row.floor for row in table.rows[:3]] == pytest.approx(
            [0.5 / 20 * math.sqrt(2) * math.sqrt(2 / math.pi)] * 3
        )
        assert all(row.absolute.estimate == 0 and row.absolute.low == 0 for row in table.rows[:3])

    def test_missing_rates_and_missing_base_rates_are_left_out(self) -> None:
        rates = HAND.rates.copy()
        rates[1, 0] = np.nan  # GloVe to Random: of the embedding, |.5 - .7| is left
        rates[2, 2] = np.nan  # no base rate of BiLSTM: of the architecture, |.4 - .6| is left
        rows = factor_table(square(FOUR, rates.tolist()), draws=50).rows
        assert [(row.pairs, row.absolute.estimate) for row in rows[:3]] == [
            (2, pytest.approx(0.35)), (1, pytest.approx(0.2)), (1, pytest.approx(0.2)),
        ]  # fmt: skip

    def test_the_printed_half_of_figure_3(self) -> None:
        """For CNN targets the specification derives .250, .31 to .35, .104 and .062."""
        rows = {row.factor: row for row in factor_table(FIGURE, draws=20).rows}
        assert {name: row.pairs for name, row in rows.items()} == dict(zip(FACTORS, (24, 36, 48, 72), strict=True))
        found = [round(rows[name].absolute.estimate, 3) for name in FACTORS]
        assert found == [0.348, 0.250, 0.104, 0.062]
        assert all(row.signed.estimate < 0 for row in rows.values())
        assert factor_table(FIGURE, all_words=True, draws=20).rows[0].pairs == 72

    def test_neighbours_differ_in_one_factor(self) -> None:
        """A full zoo: 9 cells (3 depths by 3 architectures) and CNN-6 stand for 10 places of 6 inputs each."""
        full = TransferMatrix(ZOO, ZOO, np.full((63, 63), 0.5), np.full((63, 63), 9))
        counts = {factor: int(neighbours(factor, full).sum()) for factor in FACTORS}
        assert counts == {
            "input form": 10 * 6,  # ordered pairs of 3 forms
            "architecture": 3 * 6 * 6,  # depths, inputs, ordered pairs of 3 architectures
            "embedding": 10 * 12,
            "capacity": 6 * (6 + 6 + 12),
        }
        assert not any(neighbours(factor, full)[60:].any() for factor in FACTORS)  # transformers have no neighbours


class TestBlocks:
    def test_four_means_of_table_3_to_three_decimals(self) -> None:
        table = block_table(FIGURE, "architecture", draws=20)
        assert (table.sources, table.targets) == (("LSTM", "BiLSTM", "CNN", "BERT"), ("CNN", "BERT"))
        np.testing.assert_array_equal(table.means[[0, 1, 2, 3, 0, 1, 2, 3], [0, 0, 0, 0, 1, 1, 1, 1]].round(3),
            [0.353, 0.337, 0.442, 0.348, 0.190, 0.183, 0.169, 0.396])  # fmt: skip
        assert [TABLE_3[name][2:] for name in table.sources] == [tuple(row) for row in table.means.round(3)]
        assert table.pairs.tolist() == [[18 * 24, 18 * 3], [18 * 24, 18 * 3], [24 * 24, 24 * 3], [3 * 24, 9]]

    def test_the_last_column_of_table_4(self) -> None:
        table = block_table(FIGURE, "family", draws=20)
        assert table.sources == ("Random", "GloVe", "W2vec", "fastText", "Character", "ELMo", "BERT")
        printed = [TABLE_4[name][6] for name in table.sources]
        np.testing.assert_allclose(table.means[:, 6], printed, atol=0.002)  # the figure has two decimals

    def test_margins_are_unweighted(self) -> None:
        """Two LSTMs and a CNN: cells (.6 + .5 + .7 + .7) / 4 = .625, .2; .1, .5; LSTM's row is (.625 + .2) / 2."""
        models = (*FOUR[:2], ZOO[36])
        rates = [[0.6, 0.5, 0.3], [0.7, 0.7, 0.1], [0.05, 0.15, 0.5]]
        table = block_table(square(models, rates), "architecture", draws=50)
        np.testing.assert_allclose(table.means, [[0.625, 0.2], [0.1, 0.5]])
        assert [each.estimate for each in table.by_source] == pytest.approx([0.4125, 0.3])
        assert [each.estimate for each in table.by_target] == pytest.approx([0.3625, 0.35])
        assert table.average.estimate == pytest.approx(0.35625)

    def test_a_block_that_was_not_measured_is_nan_and_so_are_its_margins(self) -> None:
        rates = [[0.6, math.nan], [0.1, 0.5]]
        table = block_table(square((FOUR[0], ZOO[36]), rates), "architecture", draws=50)
        assert np.isnan(table.means).tolist() == [[False, True], [False, False]]
        assert [math.isnan(each.estimate) for each in (*table.by_source, *table.by_target)] == [
            True,
            False,
            False,
            True,
        ]
        assert table.pairs.tolist() == [[1, 0], [1, 1]]


class TestResampling:
    def test_models_are_drawn_within_their_stratum(self) -> None:
        counts = model_counts(ZOO, lambda model: model.family, 40, seed=1)
        for family in {model.family for model in ZOO}:
            members = [i for i, model in enumerate(ZOO) if model.family == family]
            assert (counts[:, members].sum(axis=1) == len(members)).all()
        np.testing.assert_array_equal(model_counts(ZOO[::-1], lambda model: model.family, 40, seed=1), counts[:, ::-1])

    def test_every_pair_weighs_one_on_average(self) -> None:
        weights = resample(FIGURE.part(ZOO[58:]), draws=4000, seed=0).weights
        np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.08)

    def test_examples_are_drawn_together(self) -> None:
        """Two models that always agree agree in each draw, and equal seeds draw the same of another record."""
        rng = np.random.default_rng(0)
        shown = rng.integers(0, 2, (1, 1, 50), dtype=np.int8)
        record = TransferRecord(
            FOUR[:2], FOUR[:2], tuple(map(str, range(50))), np.tile(shown, (2, 2, 1)), np.zeros((2, 2, 50), np.int8)
        )
        drawn = resample(record, draws=30, seed=4).rates
        assert (drawn == drawn[:, :1, :1]).all()
        assert drawn.std() == pytest.approx(0.5 / math.sqrt(50), rel=0.4)
        np.testing.assert_array_equal(drawn, resample(record, draws=30, seed=4).rates)

    def test_a_hole_stays_a_hole(self) -> None:
        rates = HAND.rates.copy()
        rates[0, 1] = np.nan
        drawn = resample(square(FOUR, rates.tolist()), draws=20).rates
        assert np.isnan(drawn[:, 0, 1]).all()
        assert np.isnan(drawn).mean() == pytest.approx(1 / 16)

    def test_weighted_means_skip_what_is_missing(self) -> None:
        values, weights = np.array([[0.1, np.nan], [0.4, 0.9]]), np.array([[1.0, 5.0], [2.0, 7.0]])
        cells = np.array([[True, True], [True, False]])
        assert weighted_mean(values, weights, cells) == pytest.approx((0.1 + 2 * 0.4) / 3)
        assert math.isnan(weighted_mean(values, weights, np.zeros((2, 2), bool)))

    def test_reflected_intervals_take_the_noise_off(self) -> None:
        """An estimate of .1 whose draws lie around .15 has noise of .05 in it: the interval lies around .05."""
        interval = reflected_interval(0.1, np.linspace(0.13, 0.17, 1001))
        assert (interval.low, interval.high) == pytest.approx((0.031, 0.069))

    def test_intervals_cover_the_truth(self) -> None:
        """Rates of a known population: .15 more within an architecture, a normal lot of each source and each target,
        and examples that are hard for all. 9 blocks and 2 factors in each of 25 worlds."""
        zoo = tuple(model for model in ZOO if model.form != "sub-word" and model.layers in (1, 2) and model.family in
                    ("Random", "GloVe", "Character", "ELMo"))  # fmt: skip
        names, rng = ("LSTM", "BiLSTM", "CNN"), np.random.default_rng(2)
        within = np.array([[s.architecture == t.architecture for t in zoo] for s in zoo])
        population, hits, deviating = 0.35 + 0.15 * within, [], []
        for _ in range(25):
            rates = population + rng.normal(0, 0.05, (len(zoo), 1)) + rng.normal(0, 0.05, len(zoo))
            hard = rng.normal(0, 0.15, 150)
            shown = rng.random((len(zoo), len(zoo), 150)) < rates[:, :, None] + hard
            record = TransferRecord(
                zoo, zoo, tuple(map(str, range(150))), shown.astype(np.int8), np.zeros((2, len(zoo), 150), np.int8)
            )
            matrix, table = record.matrix(), block_table(record, "architecture", draws=200)
            truth = block_means(matrix, population, np.ones_like(population), "architecture", names, names)
            hits += [
                table.cells[i][j].low <= truth[i, j] <= table.cells[i][j].high for i, j in product(range(3), repeat=2)
            ]
            of_zoo = deviations(matrix, rates, np.ones_like(rates), factor_cells(matrix))
            rows = factor_table(record, draws=200).rows
            deviating += [rows[k].absolute.low <= of_zoo[k] <= rows[k].absolute.high for k in (0, 1)]
        assert 0.88 <= np.mean(hits) <= 1
        assert 0.88 <= np.mean(deviating) <= 1

    def test_one_draw_is_no_bootstrap(self) -> None:
        with pytest.raises(UsageError, match="at least 2 draws"):
            resample(HAND, draws=1)


class TestFindings:
    def test_verdicts_follow_the_share_of_draws(self) -> None:
        claim = Claim(1, "up", "rise")
        assert judge(claim, 0.1, np.linspace(-0.002, 0.2, 1000)).verdict == "supported"
        assert judge(claim, -0.1, np.linspace(0.002, -0.2, 1000)).verdict == "contradicted"
        assert judge(claim, 0.1, np.linspace(-0.05, 0.2, 1000)).verdict == "undecided"
        assert judge(claim, 0.0, np.zeros(10)).verdict == "undecided"
        assert judge(claim, math.nan, np.full(10, np.nan)).verdict == "not tested"

    def test_what_is_read_together_is_corrected(self) -> None:
        """Of 2,000 draws 1 speaks against the first claim, 39 against the second: p = 4 / 2001 and 80 / 2001. Holm
        doubles the smaller one. With a third claim like the second, these two are doubled too, to above .05. What was
        not tested does not count."""
        claim, strong, weak = Claim(1, "up", "rise"), np.full(2000, 0.1), np.full(2000, 0.1)
        strong[0], weak[:39] = -0.1, -0.1
        first, second, none = (judge(claim, 0.1, draws) for draws in (strong, weak, np.full(9, np.nan)))
        assert (first.p, second.p) == (pytest.approx(4 / 2001), pytest.approx(80 / 2001))
        both = read_together([second, none, first])
        assert [each.p for each in both[::2]] == [pytest.approx(80 / 2001), pytest.approx(8 / 2001)]
        assert [each.verdict for each in both] == ["supported", "not tested", "supported"]
        three = [each.verdict for each in read_together([second, second, first])]
        assert three == ["undecided", "undecided", "supported"]

    def test_models_without_factors_are_left_out_of_the_tables(self) -> None:
        five = (Model("stranger"), *FOUR)
        rates = np.pad(HAND.rates, ((1, 0), (1, 0)), constant_values=0.9).tolist()
        beside = square(five, rates)
        assert factor_table(beside, draws=20).rows[:3] == factor_table(HAND, draws=20).rows[:3]
        assert block_table(beside, "architecture", draws=20).cells == block_table(HAND, "architecture", draws=20).cells
        assert [f.effect.estimate for f in findings(beside, draws=20) if f.verdict != "not tested"] == [
            f.effect.estimate for f in findings(HAND, draws=20) if f.verdict != "not tested"
        ]
        with pytest.raises(UsageError, match="with factors"):
            findings(beside.part(five[:1], five[:1]), draws=20)

    def test_a_contrast_by_hand(self) -> None:
        """Characters against words as targets, on partners of neither form: ELMo, .5 to W and .2 to C, and BERT, .3 and
        .25. The mean of .3 and .05 is .175. The word model's own row does not count."""
        models = tuple(map(zoo_model, ("LSTM-W-Random-1", "LSTM-C-Random-1", "LSTM-WC-ELMo-1", "BERT")))
        rates = [[0.9, 0.1, 0.1, 0.1], [0.1, 0.9, 0.1, 0.1], [0.5, 0.2, 0.9, 0.1], [0.3, 0.25, 0.1, 0.8]]
        matrix = square(models, rates)
        effects = {each.claim.text: float(each.effect(matrix, matrix.rates, np.ones((4, 4)))) for each in CONTRASTS}
        assert effects["character models are harder targets than word models"] == pytest.approx(0.175)
        # as sources: to W .4 (ELMo and BERT) against .1; to ELMo .1 against .1; to BERT .1 against .1
        assert effects["texts made for character models transfer worse"] == pytest.approx(0.1)
        assert math.isnan(effects["pre-trained word vectors make harder targets than random ones"])

    def test_leads_and_asymmetry_by_hand(self) -> None:
        """Own rates .5 and .4; .1 and .35 between: leads .15 and .05; the directions differ by .25."""
        blocks = np.array([[0.5, 0.1], [0.35, 0.4]])
        np.testing.assert_allclose(leads(blocks, blocks), [0.4, 0.15, 0.05, 0.3])  # of each own rate, row before column
        alone = np.array([[0.5, np.nan], [np.nan, np.nan]])
        assert leads(alone, alone).size == 0  # nothing to lead
        drawn = blocks + np.random.default_rng(0).normal(0, 0.02, (500, 2, 2))
        found = asymmetry(blocks, drawn)
        assert (found.effect.estimate, found.verdict) == (pytest.approx(0.25), "supported")
        symmetric = asymmetry(np.array([[0.5, 0.2], [0.21, 0.4]]), drawn)
        assert symmetric.verdict == "undecided"
        assert asymmetry(np.array([[0.5]]), drawn[:, :1, :1]).verdict == "not tested"

    def test_equal_parts_speak_for_nothing(self) -> None:
        """Resampled minima lie below 0 though no part is below the others: that alone contradicts nothing."""
        claim, rng = Claim(0, "all", "least"), np.random.default_rng(0)
        verdicts = []
        for _ in range(100):
            found = rng.normal(0, 0.03, 6)
            draws = found + rng.normal(0, 0.03, (400, 6))
            verdicts += [judge_all(claim, found, draws).verdict, judge_any(claim, found, draws).verdict]
        assert verdicts.count("undecided") >= 180

    def test_all_parts_and_any_part_by_hand(self) -> None:
        claim, noise = Claim(0, "claim", "effect"), np.random.default_rng(1).normal(0, 0.01, (1000, 2))
        for parts, every, some in (
            ([0.2, 0.1], "supported", "supported"),
            ([0.2, -0.1], "contradicted", "supported"),
            ([0.2, 0.0], "undecided", "supported"),
            ([-0.2, 0.0], "contradicted", "undecided"),
            ([-0.2, -0.1], "contradicted", "contradicted"),
        ):
            found = np.array(parts)
            all_of, any_of = judge_all(claim, found, found + noise), judge_any(claim, found, found + noise)
            assert (all_of.verdict, any_of.verdict) == (every, some)
            assert (all_of.effect.estimate, any_of.effect.estimate) == (min(parts), max(parts))
            assert (all_of.p < 0.05, any_of.p < 0.05) == (every != "undecided", some != "undecided")
        assert judge_all(claim, np.array([0.1, np.nan]), noise).verdict == "not tested"
        assert judge_any(claim, np.empty(0), np.empty((10, 0))).verdict == "not tested"

    def test_what_the_printed_half_of_figure_3_says(self) -> None:
        found = findings(FIGURE, draws=300)
        assert [each.claim.number for each in found] == sorted(each.claim.number for each in found)
        by_text = {each.claim.text: each for each in found}
        effects = {
            "transformers are harder targets": (0.158, "supported"),
            "texts made for character models transfer worse": (0.097, "supported"),
            "character models are harder targets than word models": (0.093, "supported"),
            "character models are harder targets than sub-word models": (-0.053, "contradicted"),
            "transfer is not symmetric": (0.179, "supported"),  # CNN .169 to BERT, .348 back
            "texts made for transformers transfer worse": (-0.004, "undecided"),
        }
        for text, (effect, verdict) in effects.items():
            assert (round(by_text[text].effect.estimate, 3), by_text[text].verdict) == (effect, verdict), text

    def test_two_attacks(self) -> None:
        """The second attack's rates are all .2 but for base rates of .22: deviations of .02, and lower base rates."""
        five = (*FOUR, zoo_model("LSTM-W-Random-2"))
        strong = np.full((5, 5), 0.2) + 0.5 * np.eye(5)
        weak = np.full((5, 5), 0.2) + 0.02 * np.eye(5)
        fits, base = attack_findings(square(five, strong.tolist(), 5000), square(five, weak.tolist(), 5000), draws=100)
        assert (fits.effect.estimate, fits.verdict) == (pytest.approx(0.48), "supported")
        assert (base.effect.estimate, base.verdict) == (pytest.approx(0.48), "supported")
        with pytest.raises(UsageError, match="the same sources and targets"):
            attack_findings(HAND, FIGURE)
