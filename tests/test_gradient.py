"""The gradient attack against transcripts computed by hand, and gradients against finite differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from tiny_models import bert_folder, word_victim
from toys import Table, ToyVictim, World, search, toy_dataset
from turncoat import api
from turncoat.attacks.attack import Found
from turncoat.attacks.gradient import GradientGreedy, why_failed
from turncoat.attacks.random_substitution import RandomSubstitution
from turncoat.attacks.weighing import importance, z_scores
from turncoat.engine.query import Embed, Gradient, Labelled, Predict, WordGradients
from turncoat.engine.run import Task, run
from turncoat.errors import HardLabelOnly, UsageError
from turncoat.goals.classification import Turn
from turncoat.models.transformer import TransformerVictim, load_transformer
from turncoat.models.victim import HardLabel, responders
from turncoat.space import Space
from turncoat.substitutions.constraints import MaxChanged
from turncoat.text import Text

STRING = "The awful, dull film!"
OPTIONS = {"the": ["that"], "awful": ["terrible", "bad", "poor"], "dull": ["boring", "slow", "flat"], "film": ["movie"]}
MEANS = {"the": (3, 4), "awful": (0, 3), "dull": (2, 0), "film": (0, -2)}  # lengths 5, 3, 2, 2
PROBABILITIES = {
    "The awful, dull film!": 0.9,
    "The terrible, dull film!": 0.95, "The bad, dull film!": 0.8, "The poor, dull film!": 0.6,
    "The bad, boring film!": 0.45, "The bad, slow film!": 0.40, "The bad, flat film!": 0.47,
    " awful, dull film!": 0.9, "The , dull film!": 0.7, "The awful, film!": 0.5, "The awful, dull !": 0.8,
}  # fmt: skip
COSINES = {"The poor, dull film!": 0.85, "The bad, boring film!": 0.92, "The bad, flat film!": 0.95}  # others: 0.91
FREE = GradientGreedy(substitutions=Table(), same_pos=False)


def given_gradients(means: dict[str, tuple[float, ...]] = MEANS) -> Any:
    def answer(batches: Sequence[Sequence[Labelled]]) -> list[Any]:
        answers = [np.empty(len(asked), object) for asked in batches]
        for asked, found in zip(batches, answers, strict=True):
            for i, each in enumerate(asked):
                assert each.label == 0
                mean = np.array([means[word.lower()] for word in each.text.words], np.float32)
                found[i] = WordGradients(mean, -mean.sum(axis=1))
        return answers

    return answer


def world(means: dict[str, tuple[float, ...]] = MEANS, probabilities: dict[str, float] = PROBABILITIES) -> World:
    def vector(string: str) -> tuple[float, float]:
        cosine = COSINES.get(string, 1.0 if string == STRING else 0.91)
        return cosine, (1 - cosine**2) ** 0.5

    return World(probabilities.__getitem__, vector, {Gradient: given_gradients(means)})


def test_z_scores_by_hand() -> None:
    # mean 3, variance (4 + 0 + 1 + 1) / 4 = 1.5
    np.testing.assert_allclose(z_scores(np.array([5.0, 3, 2, 2])), [1.632993, 0, -0.816497, -0.816497])
    assert z_scores(np.full(3, 0.1)).tolist() == [0, 0, 0]
    assert z_scores(np.zeros(1)).tolist() == [0]


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [("mean_then_l2", [5, 2]), ("l1", [7, 2]), ("signed_mean", [-0.5, -1]), ("times_input", [0.25, -4])],
)
def test_weights_by_hand(aggregate: Any, expected: list[float]) -> None:
    gradients = WordGradients(np.array([[3, -4], [-2, 0]], np.float32), np.array([-0.25, 4], np.float32))
    assert importance(gradients, aggregate).tolist() == expected


def test_transcript_by_hand() -> None:
    asked = world()
    found, spending = search(FREE, asked, STRING, OPTIONS)
    assert asked.asked == [
        "The awful, dull film!",
        # "the" weighs most but is a stop word; "poor" would do best but is too far; "terrible" gains nothing
        "The terrible, dull film!", "The bad, dull film!",
        # "dull" comes before "film", which weighs the same; all three turn the verdict
        "The bad, boring film!", "The bad, slow film!", "The bad, flat film!",
    ]  # fmt: skip
    assert (str(found.text), found.reason) == ("The bad, flat film!", "flipped")  # most similar, not most probable
    assert spending.unique == 7  # the gradient counts as one question
    assert found.trace == {
        "z": [1.632993, 0.0, -0.816497, -0.816497],
        "masked": False,
        "empty": 0,
        "words": [
            {"position": 1, "candidates": 3, "wrong_pos": 0, "too_far": 1, "no_gain": 1, "accepted": "bad",
             "similarity": pytest.approx(0.91)},
            {"position": 2, "candidates": 3, "wrong_pos": 0, "too_far": 0, "no_gain": 0, "accepted": "flat",
             "similarity": pytest.approx(0.95)},
        ],
        "probability": [0.9, 0.8, 0.47],
        "failure": None,
    }  # fmt: skip


def test_the_budget_ends_the_search_with_the_best_text_so_far() -> None:
    found, spending = search(FREE, world(), STRING, OPTIONS, budget=5)
    assert (str(found.text), found.reason, spending.unique) == ("The bad, dull film!", "budget", 4)


def test_a_target_is_reached_the_same_way() -> None:
    found, _ = search(FREE, world(), STRING, OPTIONS, target=1)
    assert (str(found.text), found.reason) == ("The bad, flat film!", "flipped")


def test_words_far_below_the_mean_and_surplus_candidates_are_left_alone() -> None:
    attack = GradientGreedy(substitutions=Table(), same_pos=False, z_min=0.0, most_candidates=1)
    asked = world()
    found, _ = search(attack, asked, STRING, OPTIONS)
    assert asked.asked == ["The awful, dull film!", "The terrible, dull film!"]
    assert (found.reason, found.trace["failure"]) == ("exhausted", "spread_sentiment")


def test_the_controls_order_words_otherwise() -> None:
    options = {"awful": ["terrible"], "dull": ["slow"], "film": ["movie"]}
    stubborn = dict.fromkeys(("The terrible, dull film!", "The awful, slow film!", "The awful, dull movie!"), 0.9)
    by_deletion = GradientGreedy(substitutions=Table(), same_pos=False, ranking="deletion")
    found, spending = search(by_deletion, world(probabilities=PROBABILITIES | stubborn), STRING, options)
    # rises when left out: 0, 0.2, 0.4, 0.1
    assert [step["position"] for step in found.trace["words"]] == [2, 1, 3]
    assert spending.unique == 1 + 4 + 3
    by_chance = GradientGreedy(substitutions=Table(), same_pos=False, ranking="random")
    orders = set()
    for seed in range(60):
        found, _ = search(by_chance, world(probabilities=PROBABILITIES | stubborn), STRING, options, seed=seed)
        orders.add(tuple(step["position"] for step in found.trace["words"]))
    assert len(orders) == 6


def test_vanishing_gradients_fall_back_to_deletion_and_are_told() -> None:
    vanishing = {word: tuple(1e-12 * slope for slope in mean) for word, mean in MEANS.items()}
    options = {"awful": ["terrible"], "dull": []}
    found, _ = search(FREE, world(vanishing), STRING, options)
    assert found.trace["masked"]
    assert found.trace["z"].index(max(found.trace["z"])) == 2  # by deletion "dull" matters most
    assert (found.reason, found.trace["failure"], found.trace["empty"]) == ("exhausted", "gradient_masking", 2)


def test_components_that_cancel_rank_nothing_however_long_the_gradient() -> None:
    """Their mean is rounding noise: "film" would come first by it, and 1e-6 is far above 1e-8."""
    cancelling = {"the": (4.0, -4.0), "awful": (3.0, -3.0), "dull": (2.0, -2.0), "film": (1.0, -1.0 + 2e-6)}
    options = {"awful": ["terrible"], "dull": []}
    signed = GradientGreedy(substitutions=Table(), same_pos=False, aggregate="signed_mean")
    found, _ = search(signed, world(cancelling), STRING, options)
    assert found.trace["masked"]
    assert found.trace["z"].index(max(found.trace["z"])) == 2  # by deletion "dull" matters most
    found, _ = search(FREE, world(cancelling), STRING, options)
    assert not found.trace["masked"]
    assert found.trace["z"].index(max(found.trace["z"])) == 0


def test_no_text_below_the_least_similarity_is_accepted() -> None:
    """Cosines and probabilities at random: what is asked about or accepted is near enough, however the search goes."""
    accepted = refused = 0
    for seed in range(150):
        chance, least = np.random.default_rng(seed), 0.5 + seed % 5 / 10
        cosines: dict[str, float] = {STRING: 1.0}
        scores: dict[str, float] = {STRING: 0.9}

        def vector(string: str, cosines: Any = cosines, chance: Any = chance) -> tuple[float, float]:
            cosine = cosines.setdefault(string, float(np.round(chance.random(), 3)))
            return cosine, (1 - cosine**2) ** 0.5

        def probability(string: str, scores: Any = scores, chance: Any = chance) -> float:
            return float(scores.setdefault(string, 0.4 + 0.59 * chance.random()))

        asked = World(probability, vector, {Gradient: given_gradients()})
        attack = GradientGreedy(substitutions=Table(), same_pos=False, min_similarity=least)
        found, _ = search(attack, asked, STRING, OPTIONS)
        text = Text(STRING)
        for step in found.trace["words"]:
            refused += step.get("too_far", 0)
            if "accepted" in step:
                text = text.replace(step["position"], step["accepted"])
                accepted += 1
                assert cosines[str(text)] >= least - 1e-6
        assert str(text) == str(found.text)
        assert all(cosines[string] >= least - 1e-6 for string in asked.asked)
    assert min(accepted, refused) > 50


def test_links_handles_and_stop_words_are_left_alone() -> None:
    string = "@awful see http://dull.com/film the #awful"
    means = dict.fromkeys(Text(string.lower()).words, (1.0,))
    asked = World(lambda text: 0.9, more={Gradient: given_gradients(means)})
    found, _ = search(FREE, asked, string, OPTIONS)
    assert [step["position"] for step in found.trace["words"]] == [len(Text(string)) - 1]


def test_candidates_keep_their_part_of_speech_where_they_stand() -> None:
    string = "the film was really awful"
    means = dict.fromkeys(string.split(), (1.0, 0.0))
    asked = World(lambda text: 0.9, more={Gradient: given_gradients(means)})
    attack = GradientGreedy(substitutions=Table())
    found, _ = search(attack, asked, string, {"awful": ["terrible", "horror", "badly"]})
    assert asked.asked == [string, "the film was really terrible"]
    assert found.trace["words"][0]["wrong_pos"] == 2


def test_constraints_are_kept() -> None:
    attack = GradientGreedy(substitutions=Table(), same_pos=False, constraints=(MaxChanged(0.25),))
    found, _ = search(attack, world(), STRING, OPTIONS)
    assert (str(found.text), found.reason) == ("The bad, dull film!", "exhausted")


def three_way(probabilities: dict[str, tuple[float, float, float]], options: dict[str, list[str]]) -> Found:
    """The attack on "so bad" against a victim of three classes."""
    text = Text("so bad")
    answers = {
        Predict: lambda batches: [np.array([probabilities[str(t)] for t in texts]) for texts in batches],
        Embed: lambda batches: [np.ones((len(texts), 1), np.float32) for texts in batches],
        Gradient: given_gradients({"so": (0.0,), "bad": (1.0,)}),
    }

    async def work() -> Found:
        goal = Turn(text, 0, 3, (await Predict([text]))[0])
        space = Space(text, [options.get(word, []) for word in text.words])
        return await FREE.search(space, goal, np.random.default_rng(0))

    ((_, found),) = run([Task("three", work())], answers)
    return found


def test_three_classes_may_end_below_delta_without_success() -> None:
    found = three_way({"so bad": (0.6, 0.3, 0.1), "so poor": (0.45, 0.3, 0.25)}, {"bad": ["poor"]})
    assert (str(found.text), found.reason, found.trace["failure"]) == ("so poor", "below_delta", None)
    turned = three_way({"so bad": (0.6, 0.3, 0.1), "so poor": (0.45, 0.5, 0.05)}, {"bad": ["poor"]})
    assert (str(turned.text), turned.reason) == ("so poor", "flipped")


def test_a_verdict_below_delta_from_the_start_is_tried() -> None:
    found = three_way({"so bad": (0.45, 0.3, 0.25), "so poor": (0.3, 0.4, 0.3)}, {"bad": ["poor"]})
    assert (str(found.text), found.reason) == ("so poor", "flipped")


def test_failures_are_told_apart() -> None:
    found = three_way({"so bad": (0.6, 0.3, 0.1)}, {})
    assert (found.reason, found.trace["failure"]) == ("no_candidates", "empty_pool")
    far = {"candidates": 4, "wrong_pos": 1, "too_far": 2}
    near = {"candidates": 4, "wrong_pos": 1, "too_far": 1, "no_gain": 2}
    assert why_failed(False, [{"candidates": 3, "wrong_pos": 3}]) == "empty_pool"
    assert why_failed(False, [far]) == "drift"
    assert why_failed(False, [far, near]) == "drift"
    assert why_failed(False, [far, near, near]) == "spread_sentiment"
    assert why_failed(True, [far]) == "gradient_masking"


@pytest.mark.parametrize(
    "wrong",
    [{"ranking": "z"}, {"aggregate": "l2"}, {"delta": 2.0}, {"min_similarity": -2.0}, {"most_candidates": 0}],
)
def test_impossible_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"expected .*{next(iter(wrong))}"):
        GradientGreedy(**wrong)


def test_only_one_class_is_attacked_on_wish() -> None:
    data = toy_dataset(40)
    run = api.attack(ToyVictim(), data, RandomSubstitution(substitutions=Table()), from_class="dull", examples=9,
                     encoder=None)  # fmt: skip
    assert [outcome.label for outcome in run.outcomes] == [0] * 9
    assert run.description["config"]["from_class"] == "dull"
    with pytest.raises(UsageError, match="expected one of the classes dull, lively"):
        api.attack(ToyVictim(), data, "random", from_class="sad")


# --- gradients of a transformer ---


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> TransformerVictim:
    victim = load_transformer(bert_folder(tmp_path_factory.mktemp("bert")))
    assert isinstance(victim, TransformerVictim)
    with torch.no_grad():  # so that words matter
        victim.model.get_input_embeddings().weight.mul_(20)
        victim.model.classifier.weight.mul_(20)
    return victim


TEXTS = [Text(t) for t in ("The films was goodly bad.", "dull", "not a very good plot, but so so fine it is", "!", "")]
LONG = Text("good bad dull " * 12)


def loss(victim: TransformerVictim, labelled: Labelled, shift: torch.Tensor) -> float:
    """-log F_label with (tokens, dimensions) added to the word embeddings."""
    inputs = victim.tokenizer(str(labelled.text), return_tensors="pt")
    table = victim.model.get_input_embeddings()
    hook = table.register_forward_hook(lambda module, arguments, output: output + shift)
    try:
        with torch.no_grad():
            return -float(victim.model(**inputs).logits.log_softmax(1)[0, labelled.label])
    finally:
        hook.remove()


def test_gradients_are_finite_differences(bert: TransformerVictim) -> None:
    """A step along d at every piece of a word changes the loss by the number of pieces times mean gradient . d."""
    pieces = {0: [1], 1: [2, 3], 2: [4], 3: [5, 6], 4: [7]}  # [CLS] the film ##s was good ##ly bad . [SEP]
    rng = np.random.default_rng(0)
    bert.model.double()
    try:
        for label in (0, 1):
            asked = Labelled(TEXTS[0], label)
            found = bert.gradients([[asked]])[0][0]
            for word, places in pieces.items():
                direction = rng.normal(size=32)
                shift = torch.zeros(10, 32, dtype=torch.float64)
                shift[places] = torch.from_numpy(1e-4 * direction)
                rise = (loss(bert, asked, shift) - loss(bert, asked, -shift)) / 2e-4
                assert len(places) * float(found.mean[word] @ direction) == pytest.approx(rise, rel=1e-3, abs=1e-6)
                embeddings = bert.model.get_input_embeddings()(
                    bert.tokenizer(str(asked.text), return_tensors="pt").input_ids
                )
                shift = torch.zeros(10, 32, dtype=torch.float64)
                shift[places] = 1e-4 * embeddings[0, places].detach()
                rise = (loss(bert, asked, shift) - loss(bert, asked, -shift)) / 2e-4
                assert len(places) * float(found.times_input[word]) == pytest.approx(rise, rel=1e-3, abs=1e-6)
    finally:
        bert.model.float()


def test_behind_a_layer_norm_the_signed_mean_is_rounding_noise(bert: TransformerVictim) -> None:
    for text in TEXTS[:3]:
        found = bert.gradients([[Labelled(text, 0)]])[0][0]
        longest = importance(found, "mean_then_l2").max()
        assert longest > 1e-4
        assert np.abs(importance(found, "signed_mean")).max() < 1e-5 * longest


def test_words_that_are_cut_off_have_no_gradient(bert: TransformerVictim) -> None:
    visible = bert.visible(LONG)
    found = bert.gradients([[Labelled(LONG, 0)]])[0][0]
    assert (visible, found.mean.shape) == (22, (36, 32))
    assert (np.abs(found.mean).max(axis=1) > 0).tolist() == [True] * 22 + [False] * 14
    assert not found.times_input[22:].any()


def test_gradients_are_the_same_in_any_company(bert: TransformerVictim) -> None:
    asked = [Labelled(text, label) for text in (*TEXTS, LONG) for label in (0, 1)] * 3
    together = bert.gradients([asked[:5], asked[5:]])
    backwards = bert.gradients([asked[::-1]])[0][::-1]
    alone = [bert.gradients([[each]])[0][0] for each in asked]
    for one, other, third in zip([*together[0], *together[1]], backwards, alone, strict=True):
        for another in (other, third):
            np.testing.assert_array_equal(one.mean, another.mean)
            np.testing.assert_array_equal(one.times_input, another.times_input)
    assert not bert.model.training


def test_the_attack_runs_on_a_white_box(bert: TransformerVictim) -> None:
    attack = GradientGreedy(substitutions=Table({"bad": ["good"], "dull": ["fine", "great"]}), min_similarity=-1.0)
    data = [("the film is bad and dull", int(label)) for label in (0, 1)]
    run = api.attack(bert, data, attack)
    assert sorted(outcome.status == "skipped" for outcome in run.outcomes) == [False, True]


def test_who_shows_no_gradients_says_so(bert: TransformerVictim) -> None:
    asked = [[Labelled(Text("good"), 0)]]
    with pytest.raises(UsageError, match="cnn shows no gradients; attack a transformer, or rank"):
        responders(word_victim("cnn"))[Gradient](asked)
    with pytest.raises(HardLabelOnly, match="gives labels only, but the attack asked for gradients"):
        responders(HardLabel(bert))[Gradient](asked)
