"""Transfer rates: the matrix, its files, and the verdicts that it comes from."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from printed_figure import FIGURE, PATH
from turncoat.errors import BrokenData, UsageError
from turncoat.studies.arrays import write_arrays
from turncoat.studies.model import Model
from turncoat.studies.transfer.matrix import FEWEST, TransferMatrix
from turncoat.studies.transfer.matrix_files import write_matrix
from turncoat.studies.transfer.record import TransferRecord, choose_successes, read_record
from turncoat.studies.zoo_names import ZOO, zoo_model

A, B = zoo_model("LSTM-W-Random-1"), zoo_model("CNN-C-Random-2")


def matrix(rates: list[list[float]], texts: int = 10) -> TransferMatrix:
    found = np.array(rates)
    return TransferMatrix((A, B), (A, B), found, np.where(np.isnan(found), 0, texts))


def test_base_rates_stand_in_the_diagonal() -> None:
    assert matrix([[0.6, 0.3], [0.2, 0.4]]).base.tolist() == [0.6, 0.4]
    other = TransferMatrix((B,), (A, B), np.array([[0.2, 0.4]]), np.full((1, 2), 10))
    np.testing.assert_array_equal(other.base, [np.nan, 0.4])
    assert other.same.tolist() == [[False, True]]


def test_rates_of_sources_on_themselves_are_refused() -> None:
    rates = np.array([[1.0, 0.3], [0.2, 1.0]])
    with pytest.raises(UsageError, match="another instance"):
        TransferMatrix((A, B), (A, B), rates, np.full((2, 2), FEWEST))
    few = TransferMatrix((A, B), (A, B), rates, np.full((2, 2), FEWEST - 1))  # three texts may all turn by chance
    assert few.base.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("sources", "rates", "texts"),
    [
        ((A, B), [[0.5, 0.5]], [[10, 10]]),
        ((A, A), [[0.5, 0.5]] * 2, [[10, 10]] * 2),
        ((), np.empty((0, 2)), np.empty((0, 2))),
        ((A,), [[0.5, 1.5]], [[10, 10]]),
        ((A,), [[0.5, np.nan]], [[10, 10]]),  # a rate is missing if and only if there are no texts
        ((A,), [[0.5, 0.0]], [[10, 0]]),
    ],
)
def test_matrices_that_make_no_sense_are_refused(sources: tuple, rates: list, texts: list) -> None:
    with pytest.raises(UsageError, match="expected"):
        TransferMatrix(sources, (A, B), np.array(rates), np.array(texts))


def test_a_rate_has_a_wilson_interval_unless_it_is_missing() -> None:
    found = matrix([[0.6, np.nan], [0.2, 0.4]])
    interval = found.interval(A, A)
    assert interval is not None
    assert (interval.estimate, interval.low, interval.high) == pytest.approx((0.6, 0.3127, 0.8318), abs=1e-4)
    assert found.interval(A, B) is None
    assert found.unreliable.tolist() == [[True, False], [True, True]]  # fewer than 100 texts; a missing one has no rate
    with pytest.raises(UsageError, match="of the matrix"):
        found.interval(A, ZOO[9])


def test_a_part_keeps_the_order_of_the_matrix() -> None:
    part = FIGURE.part([ZOO[62], ZOO[0]], [ZOO[61]])
    assert (part.sources, part.targets) == ((ZOO[0], ZOO[62]), (ZOO[61],))
    assert part.rates.tolist() == [[0.18], [0.26]]
    with pytest.raises(UsageError):
        part.part([A], [A])


def test_csv_keeps_every_bit_and_every_hole(tmp_path: Path) -> None:
    found = TransferMatrix((A, B), (B, A), np.array([[1 / 3, np.nan], [0.1, 0.0]]), np.array([[3, 0], [10, 500]]))
    write_matrix(found, tmp_path / "m.csv")
    with (tmp_path / "m.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["target"]) for row in rows] == [(str(s), str(t)) for s in (A, B) for t in (B, A)]
    np.testing.assert_array_equal([float(row["rate"] or "nan") for row in rows], found.rates.ravel())
    assert [int(row["texts"]) for row in rows] == found.texts.ravel().tolist()


def test_csv_tells_people_what_to_beware_of(tmp_path: Path) -> None:
    write_matrix(TransferMatrix((A,), (A, B), np.array([[0.4, np.nan]]), np.array([[50, 0]])), tmp_path / "m.csv")
    assert (tmp_path / "m.csv").read_text().splitlines() == [
        "source,target,rate,texts,low,high,mark",
        f"{A},{A},0.4,50,0.2761,0.5382,unreliable",
        f"{A},{B},,0,,,missing",
    ]


def test_models_of_ones_own_have_names_alone(tmp_path: Path) -> None:
    mine = Model("my bag of words")
    write_matrix(TransferMatrix((mine, A), (A,), np.array([[0.5], [0.25]]), np.full((2, 1), 200)), tmp_path / "m.csv")
    assert [line.split(",")[0] for line in (tmp_path / "m.csv").read_text().splitlines()[1:]] == [mine.name, A.name]
    assert not mine.has_factors
    assert A.has_factors


def test_a_part_of_a_record() -> None:
    found = record().part([B], [A, B])
    assert (found.sources, found.targets) == ((B,), (A, B))
    np.testing.assert_array_equal(found.verdicts, record().verdicts[1:])
    np.testing.assert_array_equal(record().part(targets=[B]).clean, record().clean[:, 1:])


def test_the_printed_figure() -> None:
    assert FIGURE.sources == ZOO
    assert FIGURE.targets == ZOO[36:]
    assert FIGURE.rates[0, 0] == 0.36  # LSTM-W-Random-1 to CNN-W-Random-1
    assert FIGURE.rates[60].tolist()[-3:] == [0.49, 0.33, 0.39]  # BERT to BERT, RoBERTa, ALBERT
    assert (FIGURE.base.min(), FIGURE.base.max()) == (0.41, 0.89)


@pytest.mark.shared
def test_the_figure_is_that_of_the_shared_folder(shared: Path) -> None:
    assert PATH.read_bytes() == (shared / "specs/data/fig3_part2.csv").read_bytes()


def record() -> TransferRecord:
    """Two models, three examples. B's attack failed on the third; A's text of the second was not shown to B."""
    verdicts = np.array([[[1, 1, 0], [1, -1, 0]], [[0, 1, -1], [0, 1, -1]]], np.int8)
    clean = np.array([[[0, 1, 0], [0, 0, 1]], [[0, 0, 0], [1, 0, 0]]], np.int8)  # first instances, then second ones
    return TransferRecord((A, B), (A, B), ("x", "y", "z"), verdicts, clean)


def test_rates_count_errors_over_the_texts_that_were_shown() -> None:
    found = record().matrix()
    np.testing.assert_allclose(found.rates, [[2 / 3, 1 / 2], [1 / 2, 1 / 2]])
    assert found.texts.tolist() == [[3, 2], [2, 2]]


def test_conditioned_rates_leave_out_what_the_target_misreads_anyway() -> None:
    """A to B: B's first instance is right on x, y; shown x, z: 1 of 1. B to A: right on x, z; shown x, y: 0 of 1.
    A to A: its second instance is right on all: 2 of 3. B to B: its second is right on y, z; shown x, y: 1 of 1."""
    found = record().conditioned()
    np.testing.assert_allclose(found.rates, [[2 / 3, 1], [0, 1]])
    assert found.texts.tolist() == [[3, 1], [1, 1]]


def test_a_record_comes_back_from_its_file(tmp_path: Path) -> None:
    record().write(tmp_path / "r.npz")
    again = read_record(tmp_path / "r.npz")
    assert (again.sources, again.targets, again.examples) == ((A, B), (A, B), ("x", "y", "z"))
    np.testing.assert_array_equal(again.verdicts, record().verdicts)
    np.testing.assert_array_equal(again.clean, record().clean)


def test_broken_records_are_refused(tmp_path: Path) -> None:
    (tmp_path / "r.npz").write_bytes(b"PK\3\4 no archive")
    with pytest.raises(BrokenData, match="not a file of arrays"):
        read_record(tmp_path / "r.npz")
    write_arrays(tmp_path / "other.npz", rates=np.zeros(3))
    with pytest.raises(BrokenData, match="not a transfer record"):
        read_record(tmp_path / "other.npz")
    with pytest.raises(UsageError, match="no such file"):
        read_record(tmp_path / "none.npz")
    with pytest.raises(UsageError, match="each -1, 0 or 1"):
        TransferRecord((A,), (A,), ("x",), np.array([[[2]]], np.int8), np.zeros((2, 1, 1), np.int8))


class TestChosenSuccesses:
    def test_exactly_so_many_successes_are_kept_in_order(self) -> None:
        successes = np.random.default_rng(0).random(1000) < 0.8
        kept = choose_successes(successes, 500, seed=3)
        assert len(kept) == len(set(kept.tolist())) == 500
        assert successes[kept].all()
        assert (np.diff(kept) > 0).all()
        np.testing.assert_array_equal(kept, choose_successes(successes, 500, seed=3))
        assert (kept != choose_successes(successes, 500, seed=4)).any()

    def test_all_are_kept_if_there_are_fewer(self) -> None:
        assert choose_successes(np.array([True, False, True]), 500).tolist() == [0, 2]
        assert choose_successes(np.zeros(3, bool), 500).tolist() == []

    def test_two_sources_share_what_they_can(self) -> None:
        """Both turn all examples but one: at most two of the kept ones differ."""
        first, second = (np.arange(100) != left_out for left_out in (7, 8))
        assert len(np.intersect1d(choose_successes(first, 50), choose_successes(second, 50))) >= 49

    def test_each_success_is_as_likely_as_any_other(self) -> None:
        successes = np.arange(20) % 4 > 0
        counts = sum(np.bincount(choose_successes(successes, 5, seed), minlength=20) for seed in range(1500))
        np.testing.assert_allclose(counts[successes], 500, rtol=0.15)

    def test_none_is_no_number(self) -> None:
        with pytest.raises(UsageError, match="at least 1"):
            choose_successes(np.ones(3, bool), 0)
