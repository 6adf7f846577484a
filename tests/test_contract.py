"""The laws that every attack obeys. A new attack is one row in ATTACKS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from toys import TOY_WORDS, Table, ToyVictim, toy_dataset
from turncoat.attacks.attack import Attack
from turncoat.attacks.beam import Beam
from turncoat.attacks.blockwise_bayesian import BlockwiseBayesian
from turncoat.attacks.cross_entropy import CrossEntropy
from turncoat.attacks.genetic import Genetic
from turncoat.attacks.gradient import GradientGreedy
from turncoat.attacks.hard_label_genetic import HardLabelGenetic
from turncoat.attacks.inflections import Morpheus
from turncoat.attacks.particle_swarm import ParticleSwarm
from turncoat.attacks.pwws import PWWS
from turncoat.attacks.random_substitution import RandomSubstitution
from turncoat.attacks.reversible_jump import ReversibleJump
from turncoat.attacks.text_hoaxer import TextHoaxer
from turncoat.attacks.textfooler import TextFooler
from turncoat.config import from_table, to_table
from turncoat.data.example import Dataset
from turncoat.engine.query import Decide, Embed, Predict
from turncoat.errors import HardLabelOnly
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.execution import execute
from turncoat.evaluation.outcome import Outcome
from turncoat.models.victim import HardLabel, responders
from turncoat.registry import ATTACKS as REGISTERED
from turncoat.space import Space
from turncoat.substitutions.constraints import MaxChanged, MinSimilarity
from turncoat.text import Text

TABLE = Table(TOY_WORDS)
ATTACKS: dict[str, Attack] = {
    "random": RandomSubstitution(substitutions=TABLE, trials=20),
    "pwws": PWWS(substitutions=TABLE),
    "bba": BlockwiseBayesian(substitutions=TABLE, block=3, batch=2, patience=6),
    "beam": Beam(substitutions=TABLE, width=2, most_texts=8),
    "cea-paper": CrossEntropy(substitutions=TABLE, samples=12, iterations=5),
    "cea-min": CrossEntropy(substitutions=TABLE, samples=12, iterations=5, allow_unchanged=True, change_penalty=1.0),
    "ga": Genetic(substitutions=TABLE, population=6, generations=4, neighbours=2),
    "ga-wordnet": Genetic(substitutions=TABLE, population=6, generations=4),
    "pso": ParticleSwarm(substitutions=TABLE, population=4, iterations=3),
    "textfooler": TextFooler(substitutions=TABLE, window=3),
    "gradient": GradientGreedy(substitutions=TABLE, min_similarity=0.8),
    "hlbb": HardLabelGenetic(substitutions=TABLE, population=6, iterations=5, tries=20),
    "texthoaxer": TextHoaxer(substitutions=TABLE, iterations=5, tries=20),
    "rja": ReversibleJump(substitutions=TABLE, steps=25),
    "morpheus": Morpheus(substitutions=TABLE),
}
WITHOUT_CHANCE = {"beam", "gradient", "morpheus", "pwws", "textfooler"}  # they draw no random number
CASES = [(name, hard) for name, attack in ATTACKS.items() for hard in (False, True)[: 2 - attack.needs_probabilities]]
each_case = pytest.mark.parametrize(("name", "hard"), CASES)
DATA = toy_dataset(40)


def embed(batches: Sequence[Sequence[Text]]) -> list[Any]:
    """Sentence vectors: counts of letters, of unit length."""
    counts = [np.array([[str(t).count(c) for c in "abcinrsu"] + [1] for t in texts], float) for texts in batches]
    return [(c / np.linalg.norm(c, axis=1, keepdims=True)).astype(np.float32) for c in counts]


def outcomes(
    attack: Attack, hard: bool, data: Dataset = DATA, live: int = 7, victim: ToyVictim | None = None, **options: Any
) -> dict[str, Outcome]:
    victim = victim or ToyVictim()
    setting = Setting(attack, victim, hard_label=hard, seed=options.pop("seed", 3))
    answers = {**responders(HardLabel(victim) if hard else victim), Embed: embed}
    run = execute(data, setting, answers, {}, live=live, **options)
    return {outcome.id: outcome for outcome in run}


@each_case
def test_the_toys_are_neither_too_easy_nor_too_hard(name: str, hard: bool) -> None:
    statuses = [outcome.status for outcome in outcomes(ATTACKS[name], hard).values()]
    assert {"success", "failed", "skipped"} <= set(statuses)


@each_case
def test_alone_equals_in_company(name: str, hard: bool) -> None:
    """Whatever shares the batch, in whatever order, on whatever shard: the outcome is the same."""
    expected = outcomes(ATTACKS[name], hard)
    assert outcomes(ATTACKS[name], hard, live=1) == expected
    assert outcomes(ATTACKS[name], hard, live=1000) == expected
    backwards = replace(DATA, examples=DATA.examples[::-1])
    assert outcomes(ATTACKS[name], hard, backwards, live=5) == expected
    for shard in range(3):
        part = replace(DATA, examples=DATA.examples[shard::3])
        assert outcomes(ATTACKS[name], hard, part).items() <= expected.items()


@each_case
def test_the_seed_decides(name: str, hard: bool) -> None:
    first, again, other = (outcomes(ATTACKS[name], hard, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert (first == other) == (name in WITHOUT_CHANCE)


@each_case
@pytest.mark.parametrize("budget", [1, 4, 15])
def test_the_budget_is_kept(name: str, hard: bool, budget: int) -> None:
    victim = ToyVictim()
    found = outcomes(ATTACKS[name], hard, victim=victim, budget=budget)
    assert all(1 <= outcome.queries <= budget for outcome in found.values())
    assert all(outcome.queries_logical >= outcome.queries for outcome in found.values())


@each_case
def test_unique_questions_are_what_the_victim_was_asked(name: str, hard: bool) -> None:
    victim = ToyVictim()
    found = outcomes(ATTACKS[name], hard, victim=victim)
    checks = sum(outcome.status != "skipped" for outcome in found.values())
    assert sum(victim.calls) == sum(outcome.queries for outcome in found.values()) + checks


@each_case
def test_only_permitted_texts_come_out(name: str, hard: bool) -> None:
    strict = replace(ATTACKS[name], constraints=(MaxChanged(0.5), MinSimilarity(0.9)))
    for attack in (ATTACKS[name], strict):
        for outcome in outcomes(attack, hard).values():
            text, changed = Text(outcome.original), Text(outcome.adversarial)
            options = Space(text, [TOY_WORDS[word] for word in text.words]).options
            assert changed.gaps == text.gaps
            assert all(change.new in options[change.position] for change in text.diff(changed))
            if attack is strict and outcome.status == "success":
                assert outcome.changed_share <= 0.5
                assert outcome.similarity is not None
                assert outcome.similarity >= 0.9


@each_case
def test_success_means_turned(name: str, hard: bool) -> None:
    for outcome in outcomes(ATTACKS[name], hard).values():
        assert (outcome.status == "skipped") == (outcome.before != outcome.label)
        if outcome.status == "success":
            assert outcome.after != outcome.label
            assert outcome.changes
        if outcome.status == "failed":
            assert outcome.after == outcome.label


@each_case
def test_words_out_of_sight_stay(name: str, hard: bool) -> None:
    for outcome in outcomes(ATTACKS[name], hard, victim=ToyVictim(most_words=2)).values():
        assert all(change.position < 2 for change in outcome.changes)


@pytest.mark.parametrize("name", ATTACKS)
def test_parameters_survive_a_config_file(name: str) -> None:
    attack = replace(REGISTERED.get(name)(), constraints=(MaxChanged(0.25),))
    assert from_table(to_table(attack)) == attack


def test_every_registered_attack_has_a_row() -> None:
    assert set(REGISTERED.names()) == set(ATTACKS)


def test_a_hard_label_victim_raises_when_probabilities_are_asked() -> None:
    answers = responders(HardLabel(ToyVictim()))
    with pytest.raises(HardLabelOnly, match="gives labels only, but the attack asked for probabilities"):
        answers[Predict]([[Text("rain1")]])
    assert answers[Decide]([[Text("rain1")]])[0].shape == (1,)
