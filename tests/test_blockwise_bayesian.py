"""BBA against transcripts worked out by hand, and against a full scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from toys import Table, World, search
from turncoat.attacks import blockwise_bayesian
from turncoat.attacks.blockwise_bayesian import BlockwiseBayesian
from turncoat.attacks.pwws import PWWS
from turncoat.engine.query import Predict
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.goals.classification import Turn
from turncoat.goals.goal import Verdict
from turncoat.space import Space
from turncoat.substitutions.constraints import MaxChanged
from turncoat.text import Text

# A linear victim: F_0(x) = base + sum of the words' weights. One option a word leaves no chance to exploration.
WEIGHTS = {
    "good": 0.06, "film": 0.04, "nice": 0.12, "plot": 0.08,
    "fine": 0.02, "movie": 0.03, "neat": 0.00, "story": 0.01, "dud": -0.30,
}  # fmt: skip
OPTIONS = {"good": ["fine"], "film": ["movie"], "nice": ["neat"], "plot": ["story"]}
STRING = "good film nice plot"
TINY = BlockwiseBayesian(substitutions=Table(), block=2, batch=1, rounds=1)


def linear(base: float) -> Callable[[str], float]:
    return lambda string: base + sum(WEIGHTS.get(word, 0.0) for word in string.split())


def test_transcript_by_hand() -> None:
    world = World(linear(0.5))
    found, spending = search(TINY, world, STRING, OPTIONS)
    assert world.asked == [
        "good film nice plot",  # 0.80
        # reactions to the removal of each block: 0.10 and 0.20, so the second block comes first
        " nice plot", "good film ",
        # second block, 2 questions: all of it changed, 0.61; then its two neighbours, which the process cannot tell
        # apart as both positions changed together: the lower position goes back first, 0.73
        "good film neat story", "good film nice story",
        # first block from the best point so far: 0.56; again a tie, 0.60
        "fine movie neat story", "good movie neat story",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("fine movie neat story", "exhausted")
    assert spending.unique == 7
    assert (found.trace["blocks"], found.trace["points"], found.trace["improved"]) == ([1, 0], 5, False)
    assert len(found.trace["relevance"]) == 4
    assert min(found.trace["relevance"]) > 0


def test_shortening_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a process that has no opinion, candidates are asked in their order: from the original text, by position."""
    monkeypatch.setattr(
        blockwise_bayesian, "hopeful", lambda process, points, best, count: np.arange(len(points))[:count]
    )
    attack = replace(TINY, block=40, patience=3)
    world = World(linear(0.4))
    found, _ = search(attack, world, STRING, {**OPTIONS, "film": ["dud"]})
    # 0.70; all changed: 0.13; then one word each: 0.66 and 0.36
    assert world.asked == [STRING, "fine dud neat story", "fine film nice plot", "good dud nice plot"]
    assert (str(found.text), found.reason, found.trace["improved"]) == ("good dud nice plot", "flipped", True)

    world = World(linear(0.43))  # 0.73; all changed: 0.49; one word each: 0.69, 0.72, 0.61: out of patience
    found, _ = search(attack, world, STRING, OPTIONS)
    assert len(world.asked) == 5
    assert (str(found.text), found.trace["improved"]) == ("fine movie neat story", False)

    world = World(linear(0.43))
    found, _ = search(replace(attack, patience=0), world, STRING, OPTIONS)
    assert world.asked == [STRING, "fine movie neat story"]


def test_a_whole_space_is_asked_once_and_the_search_ends() -> None:
    attack = replace(TINY, block=40, batch=4, rounds=50)
    world = World(lambda string: 0.9)
    found, spending = search(attack, world, "good film", OPTIONS)
    assert sorted(world.asked) == ["fine film", "fine movie", "good film", "good movie"]
    assert (str(found.text), found.reason, spending.unique) == ("good film", "exhausted", 4)


def test_a_local_optimum_is_left() -> None:
    """One step from the best point everything is worse and asked; the way out is two steps off."""
    worth = {"good film nice plot": 0.6, "fine movie nice plot": 0.4}
    attack = replace(TINY, block=40, rounds=5, patience=0)
    found, _ = search(attack, World(lambda string: worth.get(string, 0.9)), STRING, OPTIONS)
    assert (str(found.text), found.reason) == ("fine movie nice plot", "flipped")


def many(words: int, options: int) -> tuple[str, dict[str, list[str]]]:
    names = [f"w{chr(97 + i)}" for i in range(words)]
    return " ".join(names), {name: [f"{name}{chr(97 + j)}" for j in range(options)] for name in names}


def additive(string: str) -> float:
    """Two words decide: only their option "c" counts, 0.3 each; every other change counts 0.01."""
    words = string.split()
    gain = sum(0.3 if w in ("wbc", "wgc") else 0.01 for w in words if len(w) == 3)
    return 0.95 - gain


def test_the_known_optimum_with_fewer_questions_than_a_scan() -> None:
    string, options = many(10, 6)
    _, scan = search(PWWS(substitutions=Table()), World(additive), string, options)
    assert scan.unique >= 1 + 10 + 60
    spent = []
    for seed in range(5):
        found, spending = search(BlockwiseBayesian(substitutions=Table()), World(additive), string, options, seed=seed)
        assert found.reason == "flipped"
        assert str(found.text) == "wa wbc wc wd we wf wgc wh wi wj"
        spent.append(spending.unique - 50)  # the last fifty questions only confirm that nothing shorter is near
    assert max(spent) < scan.unique


def test_no_question_is_asked_twice() -> None:
    string, options = many(8, 3)
    for seed in range(3):
        attack = BlockwiseBayesian(substitutions=Table(), block=3)
        world = World(lambda s: 0.6 + 0.3 * np.sin(sum(map(ord, s))) / 10)
        _, spending = search(attack, world, string, options, seed=seed)
        assert spending.logical == spending.unique + 1  # the untouched text, which is known
        assert len(world.asked) == len(set(world.asked))


def test_the_budget_is_used_up_and_a_success_is_not_lost() -> None:
    string, options = many(10, 6)
    attack = BlockwiseBayesian(substitutions=Table())
    found, spending = search(attack, World(lambda s: 0.9), string, options, budget=15)
    assert (str(found.text), found.reason, spending.unique) == (string, "budget", 15)

    flipped = World(lambda s: 0.9 if s == string else 0.1)
    found, spending = search(replace(attack, batch=5), flipped, string, options, budget=4)
    assert (found.reason, spending.unique) == ("flipped", 4)
    assert str(found.text) != string


def test_no_candidates_cost_nothing() -> None:
    found, spending = search(TINY, World(linear(0.5)), STRING, {})
    assert (str(found.text), found.reason, spending.unique) == (STRING, "no_candidates", 1)


def test_a_target_is_reached_too() -> None:
    found, _ = search(replace(TINY, block=40), World(linear(0.43)), STRING, OPTIONS, target=1)
    assert found.reason == "flipped"


def test_forbidden_texts_are_kept_away_from() -> None:
    string, options = many(10, 6)
    attack = BlockwiseBayesian(substitutions=Table(), constraints=(MaxChanged(0.2),))
    found, _ = search(attack, World(additive), string, options)
    assert (str(found.text), found.reason) == ("wa wbc wc wd we wf wgc wh wi wj", "flipped")
    found, _ = search(attack, World(lambda s: 0.9), string, options)
    assert (str(found.text), found.reason) == (string, "exhausted")


def test_margins() -> None:
    text = Text("good film")
    space = Space(text, [["fine"], ["movie"]])
    answers = np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6], [0.4, 0.4, 0.2], [0.2, 0.5, 0.3]])
    texts = space.variants(np.array([[0, 0], [1, 0], [0, 1], [1, 1]]))

    def margins(**options: object) -> list[float]:
        goal = Turn(text, 0, 3, answers[0], **options)  # type: ignore[arg-type]

        async def work() -> Verdict:
            return await goal.judge(texts)

        ((_, verdict),) = run([Task("toy", work())], {Predict: lambda batches: [answers[: len(b)] for b in batches]})
        return [round(margin, 9) for margin in verdict.margins.tolist()]

    assert margins() == [-0.2, 0.5, 0.0, 0.3]
    assert margins(target=1) == [-0.2, -0.3, 0.0, 0.2]
    assert margins(constraints=(MaxChanged(0.5),)) == [-0.2, 0.5, 0.0, -np.inf]
    hard = Turn(text, 0, 3, answers[0], hard=True)
    assert hard._margins(np.array([0, 2])).tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("parameter", ["block", "batch", "rounds", "centres", "keep", "most_points"])
def test_parameters_must_be_positive(parameter: str) -> None:
    with pytest.raises(UsageError, match=f"expected {parameter} >= 1, got 0"):
        BlockwiseBayesian(**{parameter: 0})


@pytest.mark.parametrize("parameter", ["fit_steps", "patience"])
def test_some_parameters_may_be_zero_but_not_less(parameter: str) -> None:
    BlockwiseBayesian(**{parameter: 0})
    with pytest.raises(UsageError, match=f"expected {parameter} >= 0, got -1"):
        BlockwiseBayesian(**{parameter: -1})
