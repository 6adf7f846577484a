"""Rating kits: blinded, and scored as published examples are."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from turncoat.cli.app import app
from turncoat.errors import UsageError
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.rating.agreement import (
    alpha_interval,
    fleiss_kappa,
    krippendorff_alpha,
    pairwise_weighted_kappa,
)
from turncoat.evaluation.rating.origins import origin
from turncoat.evaluation.rating.scoring import score_kit, units_needed
from turncoat.evaluation.rating.sheets import Unit, draw_units, read_key, write_kit
from turncoat.text import Change

X = np.nan
# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): four observers, twelve units.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
        [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
    ]
)
# J. L. Fleiss (1971), the table usually shown: fourteen raters, ten subjects, five categories.
SUBJECTS = np.array(
    [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
)  # fmt: skip


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_the_published_example(level, published: float) -> None:
    assert krippendorff_alpha(OBSERVERS, level) == pytest.approx(published, abs=5e-4)
    interval = alpha_interval(OBSERVERS, level)
    assert interval.low is not None
    assert interval.high is not None
    assert interval.low < published < interval.high


def test_alpha_of_full_agreement_chance_and_nothing() -> None:
    same = np.array([[1.0, 2, 3, 4]] * 3)
    assert krippendorff_alpha(same) == 1
    rng = np.random.default_rng(0)
    assert abs(krippendorff_alpha(rng.integers(1, 6, (3, 3000)).astype(float))) < 0.03
    assert np.isnan(krippendorff_alpha(np.full((3, 4), 2.0)))
    with pytest.raises(UsageError, match="two raters"):
        krippendorff_alpha(np.array([[1, X], [X, 2.0]]))


def test_fleiss_kappa_of_the_published_example() -> None:
    assert fleiss_kappa(SUBJECTS) == pytest.approx(0.210, abs=5e-4)
    with pytest.raises(UsageError, match="same two or more raters"):
        fleiss_kappa(np.array([[2, 1], [1, 1]]))


def test_weighted_kappa_by_hand() -> None:
    # (1,1) (1,2) (2,2): disagreement observed 1/3; expected 2/3 x 2/3 + 1/3 x 1/3 = 5/9; 1 - (1/3)/(5/9) = 0.4
    assert pairwise_weighted_kappa(np.array([[1.0, 1, 2], [1, 2, 2]])) == pytest.approx(0.4)


def test_units_needed_is_the_textbook_number() -> None:
    assert units_needed(0.5, 1.0) == 63  # d = 0.5 at 80 %, normal approximation
    assert units_needed(0.5, 1.0, power=0.9) == 85
    with pytest.raises(UsageError):
        units_needed(0, 1)
    assert CliRunner().invoke(app, ["rate", "size", "--difference", "0.5"]).output == "63 texts a group\n"


def outcome(i: int, status: str = "success") -> Outcome:
    new = f"=bad{i}" if status == "success" else f"good{i}"
    changes = (Change(0, f"good{i}", new),) if status == "success" else ()
    return Outcome(
        f"e{i:02d}", i % 2, status, "flipped", f"good{i} film", f"{new} film", changes, 2, 5, 5, i % 2, 1 - i % 2
    )  # type: ignore[arg-type]


OUTCOMES = [outcome(i, "failed" if i % 5 == 4 else "success") for i in range(20)]
LABELS = ("negative", "positive")


def fill(folder: Path, rater: int, answer) -> None:
    """Write a rater's answers: `answer(unit)` -> what is put in the sheet."""
    units = {unit.number: unit for unit in read_key(folder)[1]}
    path = folder / f"rater-{rater}.csv"
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "rating": answer(units[int(row["number"])])})


def test_a_kit_is_blind_and_complete(tmp_path: Path) -> None:
    units = draw_units(OUTCOMES, LABELS, items=10, controls=4, tasks=("fluency", "consistency", "label"))
    assert [(u.task, u.adversarial) for u in units].count(("fluency", False)) == 4
    assert len({u.id for u in units if u.adversarial}) == 10
    assert not {u.id for u in units if u.adversarial} & {u.id for u in units if not u.adversarial}
    first = [u.shown[0] == OUTCOMES[int(u.id[1:])].original for u in units if u.task == "consistency"]
    assert any(first)
    assert not all(first)
    write_kit(units, tmp_path, 2, LABELS)
    sheets = [(tmp_path / f"rater-{i}.csv").read_text("utf-8-sig") for i in (1, 2)]
    assert sheets[0] != sheets[1]
    assert sorted(sheets[0].splitlines()) == sorted(sheets[1].splitlines())
    rows = list(csv.DictReader(sheets[0].splitlines()))
    assert set(rows[0]) == {"number", "task", "text", "other text", "rating"}  # nothing tells who wrote a text
    assert not any(row["text"].startswith("=") for row in rows)  # no spreadsheet runs a text
    assert any(row["text"].startswith("'=bad") for row in rows)
    instructions = (tmp_path / "instructions.md").read_text()
    assert "negative, positive" in instructions
    with pytest.raises(UsageError, match="already holds a kit"):
        write_kit(units, tmp_path, 2, LABELS)


def test_scores_by_hand(tmp_path: Path) -> None:
    units = draw_units(OUTCOMES, LABELS, items=8, controls=4, tasks=("fluency", "label"))
    write_kit(units, tmp_path, 3, LABELS)
    attacked = [u.number for u in units if u.task == "fluency" and u.adversarial]

    def answers(rater: int):
        def answer(unit: Unit) -> str:
            if unit.task == "label":  # raters 1 and 2 always know the class
                return unit.gold if rater < 3 else "Unclear"
            if not unit.adversarial:
                return "5"
            return "2" if unit.number in attacked[:2] and rater < 3 else "4"

        return answer

    for rater in (1, 2, 3):
        fill(tmp_path, rater, answers(rater))
    fluency, label = score_kit(tmp_path)
    assert (fluency.units, fluency.ratings) == (12, 36)
    assert fluency.adversarial is not None
    assert fluency.adversarial.estimate == pytest.approx((2 * (2 + 2 + 4) / 3 + 6 * 4) / 8)
    assert fluency.control is not None
    assert fluency.control.estimate == 5
    assert fluency.unnatural is not None
    assert fluency.unnatural.estimate == pytest.approx(2 / 8)
    assert label.adversarial is not None
    assert label.adversarial.estimate == 1
    assert label.agreement is not None
    assert label.agreement.alpha.estimate < 1


def test_a_label_that_raters_dispute_does_not_count_as_kept(tmp_path: Path) -> None:
    write_kit(draw_units(OUTCOMES, LABELS, items=4, controls=0, tasks=("label",)), tmp_path, 2, LABELS)
    fill(tmp_path, 1, lambda unit: unit.gold)
    fill(tmp_path, 2, lambda unit: "unclear")
    assert score_kit(tmp_path)[0].adversarial.estimate == 0  # type: ignore[union-attr]


@pytest.mark.parametrize(("answer", "message"), [("6", "expected a rating among 1, 2"), ("great", "got 'great'")])
def test_a_wrong_rating_names_its_place(tmp_path: Path, answer: str, message: str) -> None:
    write_kit(draw_units(OUTCOMES, LABELS, items=3, controls=1), tmp_path, 1, LABELS)
    with pytest.raises(UsageError, match="nobody has rated"):
        score_kit(tmp_path)
    fill(tmp_path, 1, lambda unit: answer)
    with pytest.raises(UsageError, match=message):
        score_kit(tmp_path)


def test_a_sheet_that_came_back_damaged_is_named(tmp_path: Path) -> None:
    write_kit(draw_units(OUTCOMES, LABELS, items=3, controls=1), tmp_path, 1, LABELS)
    sheet = tmp_path / "rater-1.csv"
    sheet.write_text("number,rating\n99,5\n")
    with pytest.raises(UsageError, match=r"rater-1.csv: expected a number below 7, got '99'"):
        score_kit(tmp_path)
    sheet.write_bytes("number,rating\n1,é\n".encode("latin-1"))
    with pytest.raises(UsageError, match="expected a CSV file in UTF-8"):
        score_kit(tmp_path)


def test_nothing_to_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one success"):
        draw_units([outcome(4, "failed")], LABELS)
    with pytest.raises(UsageError, match="expected a rating kit"):
        score_kit(tmp_path)


def test_strata_say_whether_a_source_has_the_new_words(tmp_path: Path) -> None:
    tell = origin("wordnet")
    changed = Outcome(
        "e", 0, "success", "flipped", "a good film", "a good movie", (Change(2, "film", "movie"),), 3, 5, 5, 0, 1
    )
    assert tell(changed) == "all in wordnet"
    units = [Unit(i, "fluency", f"e{i}", ("t",), True, "negative", f"s{i % 2}") for i in range(4)]
    write_kit(units, tmp_path, 2, LABELS)
    for rater in (1, 2):
        fill(tmp_path, rater, lambda unit: str(1 + unit.number % 2 * 3))
    assert [(r.stratum, r.adversarial.estimate) for r in score_kit(tmp_path)] == [("", 2.5), ("s0", 1), ("s1", 4)]  # type: ignore[union-attr]


def test_the_command_line(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.toml").write_text('[config.victim]\nlabels = ["negative", "positive"]\n')
    (run / "outcomes.jsonl").write_text("".join(o.to_json() + "\n" for o in OUTCOMES))
    kit = tmp_path / "kit"
    runner = CliRunner()
    made = runner.invoke(app, ["rate", "kit", str(run), "--out", str(kit), "--items", "6", "--raters", "2"])
    assert made.exit_code == 0, made.output
    for rater in (1, 2):
        fill(kit, rater, lambda unit: str(1 + unit.number % 5))
    scored = runner.invoke(app, ["rate", "score", str(kit)])
    assert scored.exit_code == 0, scored.output
    assert [entry["task"] for entry in json.loads((kit / "scores.json").read_text())] == ["fluency", "consistency"]
    assert runner.invoke(app, ["rate", "kit", str(run), "--out", str(kit)]).exit_code == 2
