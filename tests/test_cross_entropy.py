"""The Cross-Entropy Attack: updates by hand, laws of the distribution, known optima."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toys import Table, ToyVictim, World, search
from turncoat.attacks import cross_entropy
from turncoat.attacks.attack import Found
from turncoat.attacks.cross_entropy import CrossEntropy, cea_min, cea_paper
from turncoat.attacks.elite import choose_elite, model_score, weigh
from turncoat.attacks.pwws import PWWS
from turncoat.attacks.tilting import Tilt
from turncoat.data.example import Example
from turncoat.engine.query import Decide, Fill, Predict
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.evaluation.attacking import Setting, attack_example
from turncoat.goals.classification import Turn
from turncoat.goals.goal import Verdict
from turncoat.space import Space
from turncoat.substitutions.combining import candidates
from turncoat.substitutions.constraints import MinSimilarity
from turncoat.substitutions.masked_lm import MaskedLM
from turncoat.substitutions.narrowing import WithoutStopWords
from turncoat.substitutions.proposing import Both, Either
from turncoat.substitutions.sememes import Sememes
from turncoat.text import Text

OPTIONS = {word: [f"{word}{i}" for i in "xyz"] for word in "abcdef"}
STRING = "a b c d e f"


def attack(**parameters: object) -> CrossEntropy:
    return CrossEntropy(substitutions=Table(), **parameters)  # type: ignore[arg-type]


def needs(*words: str):
    """A victim that is turned when all these words are there; each of them helps a little."""
    return lambda string: 0.9 - 0.45 * sum(word in string.split() for word in words) / len(words)


def test_the_paper_s_numbers_are_the_defaults() -> None:
    paper = cea_paper()
    assert (paper.samples, paper.iterations, paper.rho, paper.elite_share) == (100, 50, 0.5, 0.5)
    assert (paper.allow_unchanged, paper.change_penalty, paper.smoothing) == (False, 0.0, 1.0)
    assert (cea_min().allow_unchanged, cea_min().change_penalty) == (True, 1.0)


def test_update_is_the_elite_s_frequencies() -> None:
    tilt = Tilt.uniform(np.array([2, 0, 3]), allow_unchanged=False)
    np.testing.assert_allclose(tilt.theta, [[0, 1 / 2, 1 / 2, 0], [0, 1 / 3, 1 / 3, 1 / 3]])
    elite = np.array([[1, 0, 3], [1, 0, 3], [2, 0, 1], [1, 0, 2]], np.int16)
    np.testing.assert_allclose(tilt.towards(elite).theta, [[0, 3 / 4, 1 / 4, 0], [0, 1 / 4, 1 / 4, 1 / 2]])
    smoothed = tilt.towards(elite, smoothing=0.7).theta
    np.testing.assert_allclose(smoothed[0], [0, 0.7 * 3 / 4 + 0.3 / 2, 0.7 / 4 + 0.3 / 2, 0])


def test_keeping_the_word_is_an_option_only_if_allowed() -> None:
    sizes = np.array([2, 1])
    rng = np.random.default_rng(0)
    assert Tilt.uniform(sizes, allow_unchanged=False).sample(200, rng).min() == 1
    kept = Tilt.uniform(sizes, allow_unchanged=True)
    np.testing.assert_allclose(kept.theta, [[1 / 3, 1 / 3, 1 / 3], [1 / 2, 1 / 2, 0]])
    assert set(map(tuple, kept.sample(200, rng).tolist())) == set(itertools.product(range(3), range(2)))


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any),
    st.booleans(),
    st.floats(0.1, 1),
    st.integers(0, 2**32 - 1),
)
def test_theta_stays_on_the_simplex(sizes: list[int], unchanged: bool, smoothing: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tilt = Tilt.uniform(np.array(sizes), unchanged)
    for _ in range(4):
        choices = tilt.sample(10, rng)
        assert (choices <= np.array(sizes)).all()
        tilt = tilt.towards(choices[:5], smoothing)
        assert (tilt.theta >= 0).all()
        np.testing.assert_allclose(tilt.theta.sum(axis=1), 1)


def test_exactly_the_elite_share_is_elite_and_ties_are_random() -> None:
    fitness = np.array([0.1, 0.5, 0.5, 0.5, 0.2, -np.inf])
    chosen = {tuple(sorted(choose_elite(fitness, 1 / 3, np.random.default_rng(seed))[1])) for seed in range(50)}
    assert chosen == {(1, 2), (1, 3), (2, 3)}
    assert choose_elite(fitness, 1 / 3, np.random.default_rng(0))[0] == 0.5
    threshold, elite = choose_elite(fitness, 1.0, np.random.default_rng(0))
    assert threshold == -np.inf
    assert sorted(elite) == [0, 1, 2, 3, 4]  # a forbidden text is never elite


@pytest.mark.parametrize(("rho", "same"), [(0.5, True), (0.2, False)])
def test_the_two_conventions_for_rho(rho: float, same: bool) -> None:
    """Top rho (authors' code) and top 1 - rho (paper's wording) agree at one half only."""
    fitness = np.arange(10.0)
    sizes = []
    for convention in ("elite", "quantile"):
        share = attack(rho=rho, rho_is=convention).elite_share
        sizes.append(len(choose_elite(fitness, share, np.random.default_rng(0))[1]))
    assert sizes == ([5, 5] if same else [2, 8])


@given(st.integers(2, 6), st.lists(st.lists(st.floats(0.01, 1), min_size=6, max_size=6), min_size=2, max_size=30))
def test_every_success_ranks_above_every_failure(classes: int, raw: list[list[float]]) -> None:
    answers = np.array(raw)[:, :classes]
    answers /= answers.sum(axis=1, keepdims=True)
    for target in (None, classes - 1):
        goal = Turn(Text("x"), 0, classes, np.eye(classes)[0], target)
        verdict = Verdict(goal._scores(answers), goal.reached_by(answers))
        score = model_score(verdict, goal, "ranked")
        if verdict.reached.any() and not verdict.reached.all():
            assert score[verdict.reached].min() >= score[~verdict.reached].max() - 1e-12


def test_the_literal_reading_of_eq_5_gives_failures_no_signal() -> None:
    goal = Turn(Text("x"), 0, 2, np.array([0.9, 0.1]))
    answers = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]])
    verdict = Verdict(goal._scores(answers), goal.reached_by(answers))
    np.testing.assert_allclose(model_score(verdict, goal, "literal"), [0.5, 0.5, 0.7])
    np.testing.assert_allclose(model_score(verdict, goal, "plain"), [0.1, 0.4, 0.7])


@pytest.mark.parametrize(
    ("preset", "wanted"),
    [({}, "ax by cz dx ey fz"), ({"allow_unchanged": True, "change_penalty": 1.0}, "ax by cz dx")],
)
def test_a_known_optimum_is_found_by_nearly_every_seed(preset: dict[str, object], wanted: str) -> None:
    """One text in 3^6 = 729 (cea-min: one in 4^4 = 256) turns this victim; tilting finds it nearly always."""
    victim = needs(*wanted.split())
    found = [search(attack(**preset), World(victim), STRING, OPTIONS, seed=seed)[0] for seed in range(40)]
    assert sum(set(wanted.split()) <= set(str(f.text).split()) for f in found) >= 38


def test_the_rare_event_becomes_likely() -> None:
    """The chance that a draw turns the victim rises with the iterations."""
    victim = needs("ax", "by", "cz", "dx", "ey", "fz")
    rng = np.random.default_rng(1)
    tilt, chances = Tilt.uniform(np.full(6, 3), False), []
    wanted = np.array([1, 2, 3, 1, 2, 3])
    for _ in range(6):
        chances.append(float(np.prod(tilt.theta[np.arange(6), wanted])))
        choices = tilt.sample(100, rng)
        strings = [" ".join(f"{w}{'xyz'[c - 1]}" for w, c in zip("abcdef", row, strict=True)) for row in choices]
        fitness = np.array([1 - victim(string) for string in strings])
        tilt = tilt.towards(choices[choose_elite(fitness, 0.5, rng)[1]])
    assert chances[0] == pytest.approx(3**-6)
    assert chances == sorted(chances)
    assert chances[-1] > 100 * chances[0]


def test_the_trace_shows_threshold_best_and_entropy() -> None:
    found, _ = search(attack(samples=20), World(lambda string: 0.9 - 0.01 * string.count("x")), STRING, OPTIONS)
    trace = found.trace
    assert len(trace["gamma"]) == len(trace["best"]) == len(trace["entropy"]) >= 2
    assert trace["entropy"][-1] < trace["entropy"][0] < np.log(3) + 1e-6
    assert trace["best"] == sorted(trace["best"])


def test_similarity_breaks_the_tie_between_successes() -> None:
    """All texts succeed; the one whose vector is nearest to the original is returned."""
    world = World(
        lambda string: 0.9 if string == STRING else 0.1,
        lambda s: (1.0, 0.0) if "ay" in s or s == STRING else (0.6, 0.8),
    )
    found, _ = search(attack(), world, STRING, {"a": ["ax", "ay"]})
    assert str(found.text) == "ay b c d e f"


def test_only_successes_are_embedded_once_there_is_one() -> None:
    world = World(lambda string: 0.1 if "ax" in string else 0.9)
    search(attack(samples=30), world, STRING, OPTIONS)
    assert world.embedded[0] == STRING
    assert all("ax" in string for string in world.embedded[1:])


def test_similarity_is_not_asked_where_it_cannot_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that embeds every sample ends the same, with more questions to the encoder."""

    def thorough_weigh(bounds, original, texts, needed):  # type: ignore[no-untyped-def]
        return weigh(bounds, original, texts, len(texts))

    def vector(string: str) -> tuple[float, float]:
        angle = 0.1 * string.count("y") + 0.05 * string.count("z")
        return float(np.cos(angle)), float(np.sin(angle))

    victim = needs("ax", "by", "cz", "dx", "ey", "fz")
    for seed in range(5):
        frugal, thorough = World(victim, vector), World(victim, vector)
        found, _ = search(attack(samples=20), frugal, STRING, OPTIONS, seed=seed)
        with monkeypatch.context() as patch:
            patch.setattr(cross_entropy, "weigh", thorough_weigh)
            expected, _ = search(attack(samples=20), thorough, STRING, OPTIONS, seed=seed)
        assert found == expected
        assert len(frugal.embedded) < len(thorough.embedded)


def test_a_success_below_the_elite_is_weighed_too() -> None:
    """With a penalty on changes a far success may rank below the elite; its f must still be exact, not a bound."""
    world = World(
        lambda string: 0.45 if "ax" in string else 0.55 - 0.005 * string.count("x"),
        lambda s: (0.6, 0.8) if "ax" in s else (1.0, 0.0),
    )
    going_on = attack(
        run_to_convergence=True, samples=40, iterations=1, rho=0.1, allow_unchanged=True, change_penalty=1.0
    )
    found, _ = search(going_on, world, STRING, OPTIONS)
    weighed = {s for s in world.asked if "ax" in s and any(len(word) == 1 for word in s.split())}  # f > 0
    assert weighed
    assert weighed <= set(world.embedded)
    assert "ax" in str(found.text)


def test_fewest_changes_win_ties() -> None:
    world = World(lambda string: 0.1 if "ax" in string else 0.9)
    found, _ = search(attack(allow_unchanged=True), world, STRING, OPTIONS, seed=3)
    asked = [string for string in world.asked if "ax" in string]
    fewest = min(sum(len(word) == 2 for word in string.split()) for string in asked)
    assert sum(len(word) == 2 for word in str(found.text).split()) == fewest


class TestHardLabel:
    victim = staticmethod(needs("ax", "by"))

    def test_it_never_asks_for_probabilities(self) -> None:
        world = World(self.victim)
        found, _ = search(attack(), world, STRING, OPTIONS, hard=True)  # Predict has no responder here
        assert found.reason == "flipped"
        assert {"ax", "by"} <= set(str(found.text).split())
        assert Decide in world.responders(hard=True)

    def test_without_a_success_the_distribution_stays(self) -> None:
        found, _ = search(attack(samples=5, iterations=4), World(lambda string: 0.9), STRING, OPTIONS, hard=True)
        assert found.trace["stalls"] == 4
        np.testing.assert_allclose(found.trace["entropy"], np.log(3), atol=1e-6)
        assert found.reason == "exhausted"

    def test_the_paper_s_update_drifts(self) -> None:
        drifting = attack(samples=5, iterations=4, hard_stall="paper")
        found, _ = search(drifting, World(lambda string: 0.9), STRING, OPTIONS, hard=True)
        assert found.trace["stalls"] == len(found.trace["samples"]) > 1  # counted, whatever is done about it
        assert found.trace["entropy"][-1] < np.log(3) - 0.1

    def test_with_the_defaults_the_distribution_never_moves(self) -> None:
        """No success: nothing to fit; the first success: the end. Only a run to convergence tilts."""
        late = 0
        for seed in range(10):
            found, _ = search(attack(samples=3), World(needs("ax", "by", "cz")), STRING, OPTIONS, seed=seed, hard=True)
            np.testing.assert_allclose(found.trace["entropy"], np.log(3), atol=1e-6)
            late += found.reason == "flipped" and len(found.trace["samples"]) > 1
        assert late > 3
        patient = attack(samples=20, run_to_convergence=True)
        found, _ = search(patient, World(self.victim), STRING, OPTIONS, hard=True)
        assert found.trace["entropy"][-1] < np.log(3) - 0.1


def test_a_settled_distribution_ends_the_search_with_its_mode() -> None:
    found, spending = search(attack(), World(lambda string: 0.9), "a b", {"a": ["ax"], "b": ["bx"]})
    assert (str(found.text), found.reason, spending.unique) == ("ax bx", "converged", 2)


def test_the_budget_of_the_paper_is_never_exceeded() -> None:
    _, spending = search(attack(samples=10, iterations=5), World(lambda string: 0.9), STRING, OPTIONS)
    assert spending.logical <= 1 + 10 * 5 + 1


def test_reducing_puts_words_back() -> None:
    world = World(lambda string: 0.1 if "cx" in string else 0.9)
    found, _ = search(attack(reduce=True), world, STRING, OPTIONS)
    assert str(found.text) == "a b cx d e f"


def test_convergence_run_improves_after_the_first_success() -> None:
    world = World(lambda string: 0.45 - 0.05 * string.count("x") if "ax" in string else 0.9)
    found, _ = search(attack(run_to_convergence=True), world, STRING, OPTIONS, seed=1)
    assert str(found.text) == "ax bx cx dx ex fx"


def test_no_candidates_cost_one_question() -> None:
    found, spending = search(attack(), World(lambda string: 0.9), STRING, {})
    assert (found.reason, spending.unique) == ("no_candidates", 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"samples": 0},
        {"rho": 0.0},
        {"rho": 1.0, "rho_is": "quantile"},
        {"smoothing": 0},
        {"change_penalty": -1.0},
        {"objective": "best"},
        {"rho_is": "share"},
        {"hard_stall": "stop"},
    ],
)
def test_impossible_parameters_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="expected"):
        attack(**wrong)


def test_ce_needs_no_gradient() -> None:
    """A step function has zero gradient everywhere; sampling still climbs it (CEM versus gradient descent).

    No single word moves it from the clean text, so PWWS, which ranks words by what each gains alone, has nothing to go
    by. The cross-entropy method needs neither a slope nor a gain: only that some of many drawn texts are better.
    """
    steps = lambda string: 0.9 - 0.1 * (string.count("x") // 2) - (0.35 if string.count("x") >= 5 else 0)  # noqa: E731
    space = Space(Text(STRING), [OPTIONS[word] for word in STRING.split()])
    assert {steps(str(swap)) for swap in space.swaps()} == {steps(STRING)}
    options = {word: new[::-1] for word, new in OPTIONS.items()}  # else ties go to the x that is wanted
    greedy, _ = search(PWWS(substitutions=Table()), World(steps), STRING, options)
    assert greedy.reason == "exhausted"
    found, _ = search(attack(samples=60), World(steps), STRING, OPTIONS)
    assert str(found.text).count("x") >= 5


class TestBudget:
    """What the budget leaves is drawn, and the mode is asked with the last question."""

    @pytest.mark.parametrize(
        ("budget", "drawn", "mode"),
        [
            (30, [20, 8], 1),  # clean + 20 + 8 + mode
            (22, [20], 1),
            (21, [19], 1),
            (2, [], 1),
            (1, [], 0),
        ],
    )
    def test_no_question_is_left(self, budget: int, drawn: list[int], mode: int) -> None:
        options = {word: [f"{word}{i}" for i in range(50)] for word in "abcdef"}  # no text is drawn twice
        found, spending = search(attack(samples=20), World(lambda s: 0.9), STRING, options, budget=budget)
        assert (found.reason, found.trace["samples"]) == ("budget", drawn)
        assert spending.unique == budget == 1 + sum(drawn) + mode
        assert found.trace["ends_in"] == ("mode" if mode else "original")

    def test_repeats_leave_questions_for_more_draws(self) -> None:
        found, spending = search(attack(samples=20), World(lambda s: 0.9), "a b c", OPTIONS, budget=25)
        assert len(found.trace["samples"]) > 2  # 27 texts: many draws are known already and cost nothing
        assert spending.unique <= 25

    def test_a_success_in_the_last_draw_counts(self) -> None:
        world = World(lambda string: 0.1 if len(world.asked) > 22 and string != STRING else 0.9)
        options = {word: [f"{word}{i}" for i in range(50)] for word in "abcdef"}
        found, spending = search(attack(samples=20), world, STRING, options, budget=25)
        assert (found.reason, found.trace["samples"], found.trace["reached"]) == ("flipped", [20, 3], [0, 3])
        assert spending.unique == 24

    def test_few_texts_do_not_move_the_distribution(self) -> None:
        found, _ = search(attack(samples=50), World(needs("ax", "by", "cz", "dx")), STRING, OPTIONS, budget=30)
        np.testing.assert_allclose(found.trace["entropy"], np.log(3), atol=1e-6)

    def test_reducing_keeps_what_it_has_reached(self) -> None:
        """Draw [clean + 20]; five words too many, questions for three."""
        world = World(lambda string: 0.1 if "f" in string and string != STRING else 0.9)
        options = {word: [f"{word}{i}" for i in range(50)] for word in "abcdef"}
        found, spending = search(attack(samples=20, reduce=True), world, STRING, options, budget=24)
        assert (found.reason, found.trace["ends_in"], spending.unique) == ("flipped", "reduced", 24)
        assert str(found.text).startswith("a b c d")


def test_every_stage_is_in_the_trace() -> None:
    """One search by hand: candidates, draws, answers, threshold, update, output.

    1st iteration, 4 draws of "ay by" (f = 0.1), "ay bx" and "ax by" (f = 0.2): the elite are the last two, so theta is
    one half for each option and gamma is 0.2. 2nd: two draws are "ax bx" (f = 0.3), gamma is 0.3, theta is settled.
    """
    options = {"a": ["ax", "ay"], "b": ["bx", "by"]}
    world = World(lambda string: 0.9 - 0.1 * string.count("x"))
    found, _ = search(attack(samples=4), world, "a b c", options, seed=7)
    assert world.asked == ["a b c", "ay by c", "ay bx c", "ax by c", "ax bx c"]
    assert found.trace == {
        "positions": 2, "options": 4,
        "samples": [4, 4], "reached": [0, 0],
        "gamma": [0.2, 0.3], "best": [0.2, 0.3], "entropy": [0.693147, 0.0], "stalls": 0,
        "ends_in": "mode",
    }  # fmt: skip
    assert (str(found.text), found.reason) == ("ax bx c", "converged")


def test_a_target_among_four_classes_is_reached() -> None:
    """m = F_target; turning to another wrong class is no success. Words of class 3 help it, words of class 1 do not."""

    def predict(batches):  # type: ignore[no-untyped-def]
        return [np.array([answer(str(text)) for text in texts]) for texts in batches]

    def answer(string: str) -> list[float]:
        ones, threes = string.count("x"), string.count("y")
        weights = np.exp([2.5, 1.2 * ones, 0.0, 0.9 * threes])
        return list(weights / weights.sum())

    text = Text(STRING)
    space = Space(text, [OPTIONS[word] for word in text.words])

    def attacked(target: int | None) -> tuple[Found, int]:
        async def work() -> Found:
            goal = Turn(text, 0, 4, (await Predict([text]))[0], target, False, ())
            return await attack(samples=60).search(space, goal, np.random.default_rng(0))

        ((_, found),) = run([Task("toy", work())], {**World(lambda s: 0.5).responders(), Predict: predict})
        return found, int(np.argmax(answer(str(found.text))))

    for target in (None, 1, 3):
        found, label = attacked(target)
        assert found.reason == "flipped"
        assert label == target if target else label != 0
    assert attacked(2)[0].reason in ("converged", "exhausted")


def test_epsilon_is_a_constraint() -> None:
    """Sim >= 1 - epsilon: a success below it is not one, and the search goes on to one above."""
    world = World(
        lambda string: 0.1 if "ax" in string or "by" in string else 0.9,
        lambda s: (0.6, 0.8) if "ax" in s else (1.0, 0.0),
    )
    strict = attack(constraints=(MinSimilarity(1 - 0.2),))
    for seed in range(5):
        found, _ = search(strict, world, STRING, OPTIONS, seed=seed)
        assert found.reason == "flipped"
        assert "by" in str(found.text)
        assert "ax" not in str(found.text)
    assert not any("ax" in string for string in world.asked)  # forbidden texts cost no question


class TestCandidates:
    @pytest.mark.parametrize(
        ("combine", "expected"),
        [
            ("intersection", WithoutStopWords(Both(MaskedLM(k=10), Sememes()))),
            ("union", WithoutStopWords(Either(MaskedLM(k=10), Sememes()))),
            ("mlm_only", WithoutStopWords(MaskedLM(k=10))),
            ("sememe_only", WithoutStopWords(Sememes())),
        ],
    )
    def test_modes(self, combine, expected) -> None:  # type: ignore[no-untyped-def]
        assert candidates(combine, 10) == expected

    def test_the_default_is_the_intersection_of_fifty(self) -> None:
        assert CrossEntropy().substitutions == cea_min().substitutions == candidates("intersection", 50)

    def test_an_unknown_mode_is_refused(self) -> None:
        with pytest.raises(UsageError, match="one of intersection, union, mlm_only, sememe_only, got 'both'"):
            candidates("both")  # type: ignore[arg-type]

    def test_candidates_are_made_once_before_the_first_draw(self) -> None:
        """Order of all questions of one example: the clean text, then the holes, then only texts and similarities."""
        asked: list[str] = []

        def fill(batches):  # type: ignore[no-untyped-def]
            asked.append("fill")
            return [np.array([[f"{hole.text.words[hole.position]}x", "zz"] for hole in holes]) for holes in batches]

        world = World(lambda string: 0.9 - 0.1 * string.count("x"), more={Fill: fill})
        answers = world.responders()

        def predict(batches):  # type: ignore[no-untyped-def]
            asked.append("predict")
            return answers[Predict](batches)

        blind = CrossEntropy(substitutions=MaskedLM(), samples=5, iterations=3)
        work = attack_example(Example("0", STRING, 0), Setting(blind, ToyVictim()))
        ((_, outcome),) = run([Task("toy", work)], {**answers, Predict: predict})
        assert asked[:3] == ["predict", "fill", "predict"]
        assert asked.count("fill") == 1
        assert outcome.trace["options"] == 12
