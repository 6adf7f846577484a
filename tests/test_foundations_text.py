"""The study of adversarial training on text: trainings are kept, never mixed with others; its tests are paired."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from reviews import reviews
from turncoat.training.recipes import DocumentReader, LanguageModel

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")
DATA = reviews("train", 60), reviews("dev", 20), reviews("test", 30)
MORE = tuple(example.text for example in reviews("more", 25))
RECIPE = DocumentReader(
    hidden=4, top=4, embedding=4, max_words=10, epochs=1, epsilon=0.5, language_model=LanguageModel(steps=2, batch=8)
)


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("foundations_text")


@pytest.fixture
def page(study: ModuleType) -> ModuleType:
    return importlib.import_module("foundations_text_page")


def test_ended_trainings_are_kept_and_their_cards_tell_the_sizes(
    study: ModuleType, page: ModuleType, tmp_path: Path
) -> None:
    for name, seed in (("normalised", 0), ("AT", 0), ("AT", 2)):
        study.conduct(name, seed, replace(RECIPE, **study.TRAININGS[name]), DATA, MORE, tmp_path)
    made = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    study.conduct("AT", 2, replace(RECIPE, objective="at"), DATA, MORE, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == made
    trials = study.read(tmp_path)
    assert {name: [trial.seed for trial in found] for name, found in trials.items()} == {
        "normalised": [0],
        "AT": [0, 2],
    }
    told = {row["training"]: row.get("seeds") for row in page.errors(trials)}
    assert (told["normalised"], told["AT"], told["VAT"]) == ("0", "0, 2", None)
    recipe, sizes = study.shared(trials)
    assert recipe == RECIPE
    assert sizes.startswith("IMDB: 60 labelled and 25 unlabelled texts, 30 test texts, the first 10 words of each")


def test_trainings_with_other_sizes_are_refused(study: ModuleType, tmp_path: Path) -> None:
    """Also where the training asked for is not there yet: it would lie among others that it cannot be compared with."""
    recipe = replace(RECIPE, normalise=True)
    study.conduct("normalised", 0, recipe, DATA, MORE, tmp_path)
    train_set, dev_set, test_set = DATA
    for name, changed, data, more in (
        ("normalised", replace(recipe, epochs=2), DATA, MORE),
        ("normalised", recipe, (train_set.sample(50, 0), dev_set, test_set), MORE),
        ("normalised", recipe, DATA, MORE[:-1]),
        ("normalised", recipe, (train_set, dev_set, test_set.sample(20, 0)), MORE),
        ("VAT", replace(RECIPE, objective="vat", epochs=2), DATA, MORE),
    ):
        with pytest.raises(SystemExit, match="normalised-0: trained with other sizes; give another --runs"):
            study.conduct(name, 0, changed, data, more, tmp_path)
    assert study.ended(tmp_path) == [tmp_path / "normalised-0"]


def test_no_tables_of_nothing(study: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="got 0 kinds"):
        study.shared(study.read(tmp_path))


def test_paired_by_seed(page: ModuleType) -> None:
    """Seed 1 is the only common one. Of 8 texts AT gets all right there and `normalised` none: 100 points, and 2 of the
    2**8 patterns of signs are as extreme, p = 1/128. Paired by place, seed 0 would have told the contrary.
    """

    def trial(seed: int, right: int) -> object:
        return page.Trial(seed, None, Path(), np.full(8, right), {})

    trials = {"normalised": [trial(0, 1), trial(1, 0)], "AT": [trial(1, 1)], "VAT": [trial(2, 1)]}
    (row,) = page.paired(trials)
    assert (row["claim"], row["seeds"], row["verdict"]) == ("AT errs less than normalised", "1", "supported")
    assert row["gain, points"].startswith("100.0")
    assert float(row["p (random signs, Holm)"]) == pytest.approx(1 / 128, abs=2e-3)
    assert page.paired({"VAT": trials["VAT"], "AT": trials["AT"]}) == []


def test_the_page_tells_what_differs_from_the_paper(page: ModuleType) -> None:
    tables = {name: [] for name in ("text_paired", "text_neighbours", "text_antonyms")}
    text = page._page({"text_errors": [{"training": "AT", "error, %": "1"}], **tables}, "the sizes", 5000, 1.77)
    assert "IMDB is read in lower case" in text
    assert "No two of them share a seed" in text
