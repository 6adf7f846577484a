"""The tables of the study of tweets: rows worked out by hand from outcomes made up for them."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from tiny_models import bert_folder
from turncoat.engine.query import Labelled
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.models.transformer import load_transformer
from turncoat.text import Change, Text

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("tweets_tables")


@pytest.fixture
def gradients(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("tweets_gradients")


def ended(id: str, letter: str, queries: int = 5, trace: dict[str, Any] | None = None) -> Outcome:
    """s: turned by a change of one word in four; f: not turned."""
    turned = letter == "s"
    changes = (Change(0, "old", "new"),) if turned else ()
    return Outcome(
        id, 0, "success" if turned else "failed", "flipped" if turned else "exhausted", "old two three four", "",
        changes, 4, queries, queries, 0, after=int(turned), similarity=0.9, trace=trace or {},
    )  # fmt: skip


def run(name: str, outcomes: Sequence[Outcome], attack: str = "gradient") -> Run:
    victim = {"name": "cnn", "fingerprint": "cnn", "labels": ["bad", "good"]}
    settings = {"attack": {"name": attack, "delta": 0.5}, "victim": victim, "data": {"name": "tweets/test"}}
    return Run(name, {"config": settings}, ("bad", "good"), outcomes)


def test_against_the_mean_of_random_orders(tables: ModuleType) -> None:
    mine = run("gradient", [ended(id, letter, 6) for id, letter in zip("abcd", "ssff", strict=True)])
    others = [
        run(f"random {seed}", [ended(id, letter, 4 + 2 * seed) for id, letter in zip("abcd", letters, strict=True)])
        for seed, letters in enumerate(("sfff", "sfsf"))
    ]
    success, questions, changed, _ = tables.pooled(mine, others)
    # by tweet: 100 - 100, 100 - 0, 0 - 50, 0 - 0; the orders turn 25 % and 50 %, so sd 25 / sqrt(2)
    assert (success["tweets"], success["gradient"], success["mean of the orders"]) == ("4", "50.000", "37.500")
    assert success["difference"].startswith("12.500 (")
    assert success["each order, mean ± sd"] == "37.500 ± 17.678"
    assert questions["difference"] == "1.000 (1.000 to 1.000)"
    assert (changed["tweets"], changed["difference"]) == ("1", "0.000")  # "a" alone was turned by it and by an order


def test_what_greedy_search_leaves_lying(tables: ModuleType) -> None:
    greedy = run("greedy", [ended(id, letter) for id, letter in zip("abcde", "sffff", strict=True)])
    searched = zip("abcde", "ssfff", (True, True, True, False, True), strict=True)
    beam = run("beam", [ended(id, letter, trace={"exhaustive": whole}) for id, letter, whole in searched], "beam")
    (row,) = tables.same_space({"greedy": greedy, "beam": beam}, [("greedy", "beam")])
    assert (row["attacked"], row["searched exhaustively"], row["of them proved impossible"]) == ("5", "4", "2")
    assert (row["turned by both"], row["by greedy alone"], row["by beam alone"]) == ("1", "0", "1")
    assert (row["greedy success"], row["beam success"]) == ("0.2000", "0.4000")


def test_where_searches_start_and_what_the_filter_rejects(tables: ModuleType) -> None:
    first = {"position": 0, "candidates": 5, "wrong_pos": 1, "too_far": 1, "accepted": "new", "similarity": 0.93}
    then = {"position": 1, "candidates": 2, "wrong_pos": 0, "too_far": 2}
    below = {"words": [first, then], "probability": [0.4, 0.3], "failure": "drift"}
    above = {"words": [{"position": 0, "candidates": 1, "wrong_pos": 1}], "probability": [0.8], "failure": "empty_pool"}
    made = run("3-way", [ended("a", "f", trace=below), ended("b", "f", trace=above)])
    rows, shown = tables.attack_rows({"3-way": made})
    assert (rows[0]["below delta before any change"], rows[0]["drift"], rows[0]["empty_pool"]) == ("1", "1", "1")
    assert (rows[0]["least accepted"], shown[0]["below delta before any change"]) == ("0.930", "1")
    assert rows[0]["too far as first change, %"].startswith("25.0")  # 1 of 4
    assert rows[0]["too far after a change, %"].startswith("100.0")  # 2 of 2
    _, shown = tables.attack_rows({"binary": run("binary", [ended("b", "f", trace=above)])})
    assert "below delta before any change" not in shown[0]


def test_words_of_one_tweet_count_together(gradients: ModuleType) -> None:
    """Two tweets of opposite tendency: a resample holds both, or one of them twice."""
    good = np.array([[1.0, 1.0], [2.0, 2.0]])
    found = gradients.over_tweets(lambda pairs: float((pairs[:, 0] == pairs[:, 1]).mean()), [good, -good * [1, -1]])
    assert (found.estimate, found.low, found.high) == (0.5, 0.0, 1.0)


def test_small_steps_go_as_the_gradient_says(gradients: ModuleType, tmp_path: Path) -> None:
    """ "films" and "goodly" are two pieces each: it is the sum over the pieces that predicts, not their mean."""
    victim = load_transformer(bert_folder(tmp_path))
    text = Text("The films was goodly bad.")
    pieces = gradients._pieces(victim, text)
    assert pieces.sum(1).tolist() == [1, 2, 1, 2, 1]
    with torch.no_grad():  # so that words matter
        victim.model.get_input_embeddings().weight.mul_(20)
        victim.model.classifier.weight.mul_(20)
    victim.model.double()
    predicted = -pieces.sum(1) * victim.gradients([[Labelled(text, 0)]])[0][0].times_input
    losses = gradients._losses(victim, text, 0, np.concatenate([np.ones((1, 10)), 1 - 1e-4 * pieces]))
    np.testing.assert_allclose((losses[1:] - losses[0]) / 1e-4, predicted, rtol=0.01)
