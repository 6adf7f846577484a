"""The zoo: 63 models that build, learn and answer, whatever they read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AlbertConfig, AlbertForSequenceClassification, RobertaConfig, RobertaForSequenceClassification

from tiny_models import bert_folder
from turncoat.data.example import Dataset, Example
from turncoat.errors import BrokenData, MissingResource, UsageError
from turncoat.models.bilm import BiLM, BiLMSizes, WordStates
from turncoat.models.bilm_files import _filled, open_bilm
from turncoat.models.forms import UNKNOWN_CHARACTER, CharacterForm, SpelledForm, WordForm
from turncoat.models.loading import load_victim
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.sequence_network import Table
from turncoat.models.stacks import Convolutions, Recurrences
from turncoat.models.vocabulary import UNKNOWN, Vocabulary
from turncoat.space import Space
from turncoat.studies import zoo as zoo_module
from turncoat.studies.zoo import Inputs, chosen_models, members, recipe_for, train_members, why_not_trained
from turncoat.studies.zoo_names import MINILM, ZOO, zoo_model
from turncoat.text import Text
from turncoat.training.bilm import BiLMRecipe, train_bilm
from turncoat.training.recipes import FineTune, Recipe, ZooRecipe
from turncoat.training.splits import Splits
from turncoat.training.trainer import train
from turncoat.training.zoo import fill

GOOD, BAD = ("a fine film", "great cast and a good plot", "so good"), ("a dull film", "poor plot, bad cast", "so bad")
TEXTS = [Text(string) for string in (*GOOD, *BAD, "", "Unheard-of words \N{SNOWMAN}", "a film " * 30)]
TINY = {"size": 8, "hidden": 6, "filters": 5, "epochs": 1, "batch": 4, "least": 1, "longest": 40}
SIZES = BiLMSizes(characters=4, filters=((1, 4), (2, 4)), projected=8, cells=16, longest=12)


def reviews() -> Dataset:
    pairs = [(text, 1) for text in GOOD * 2] + [(text, 0) for text in BAD * 2]
    examples = tuple(Example(str(i), text, label) for i, (text, label) in enumerate(pairs))
    return Dataset("reviews", examples, ("bad", "good"))


@pytest.fixture(scope="module")
def bilm(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a very small language model, trained on a few sentences."""
    folder = tmp_path_factory.mktemp("bilm")
    corpus = folder / "corpus.txt"
    corpus.write_text("the cast is good. The plot is dull.\n" * 20, encoding="utf-8")
    train_bilm([str(corpus)], folder / "model", BiLMRecipe(sizes=SIZES, words=150, batch=40, vocabulary=9))
    return str(folder / "model")


def tiny(recipe: Recipe, bilm: str, backbone: Path) -> Recipe:
    if isinstance(recipe, FineTune):
        return replace(recipe, backbone=str(backbone), epochs=1, batch=4, max_tokens=16)
    assert isinstance(recipe, ZooRecipe)
    return replace(recipe, vectors=None, bilm=bilm, **TINY)


@pytest.fixture(scope="module")
def backbones(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tiny models with random weights of the three transformers' own kinds, reading one tokenizer."""
    root = tmp_path_factory.mktemp("backbones")
    bert = bert_folder(root / "bert")
    found = {"BERT": bert, "MiniLM": bert}
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    kinds = {
        "RoBERTa": RobertaForSequenceClassification(RobertaConfig(vocab_size=40, pad_token_id=0, **sizes)),
        "ALBERT": AlbertForSequenceClassification(AlbertConfig(vocab_size=40, embedding_size=4, **sizes)),
    }
    for name, model in kinds.items():
        model.save_pretrained(root / name)
        for file in ("tokenizer.json", "tokenizer_config.json"):
            (root / name / file).write_bytes((bert / file).read_bytes())
        found[name] = root / name
    return found


@pytest.mark.parametrize("model", [*ZOO, MINILM], ids=str)
def test_every_model_builds_learns_and_answers(
    model: object, bilm: str, backbones: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(zoo_module, "find_vectors", lambda name, path: tmp_path / f"{name}-300.bin")
    recipe = recipe_for(model, 100, Inputs())  # type: ignore[arg-type]
    if isinstance(recipe, ZooRecipe):
        assert str(model) == f"{recipe.stack}-{recipe.form}-{_embedding(recipe)}-{recipe.layers}"
    else:
        assert recipe.backbone == zoo_module.BACKBONES[str(model)]
    trained = train(reviews(), reviews(), tiny(recipe, bilm, backbones.get(str(model), tmp_path)))
    answers = trained.victim.predict([TEXTS[:2], TEXTS[2:]])
    assert [answer.shape for answer in answers] == [(2, 2), (7, 2)]
    assert np.allclose(np.concatenate(answers).sum(1), 1, atol=1e-5)
    if isinstance(trained.victim, NetworkVictim):
        stack = trained.victim.network.stack
        assert isinstance(recipe, ZooRecipe)
        assert len(stack.layers if isinstance(stack, Convolutions) else stack.readers) == recipe.layers  # type: ignore[arg-type]
        assert isinstance(stack, Convolutions) == (recipe.stack == "CNN")


def _embedding(recipe: ZooRecipe) -> str:
    if recipe.form != "W":
        return {"C": "Random", "WC": "ELMo"}[recipe.form]
    names = {"glove-300": "GloVe", "word2vec-300": "W2vec", "fasttext-300": "fastText"}
    return names[Path(recipe.vectors).stem] if recipe.vectors else "Random"


@pytest.mark.parametrize("stack", ["LSTM", "BiLSTM", "CNN"])
@pytest.mark.parametrize("form", ["W", "C", "WC"])
@pytest.mark.parametrize("layers", [1, 3])
def test_answers_do_not_depend_on_company_and_survive_the_disk(
    stack: str, form: str, layers: int, bilm: str, tmp_path: Path
) -> None:
    recipe = ZooRecipe(stack=stack, form=form, layers=layers, bilm=bilm, **TINY)  # type: ignore[arg-type]
    from turncoat.training.storing import save

    trained = save(train(reviews(), reviews(), recipe), tmp_path / "victim")
    together = trained.victim.predict([TEXTS])[0]
    alone = np.concatenate([trained.victim.predict([[text]])[0] for text in TEXTS])
    assert np.array_equal(together, alone)
    loaded = load_victim(str(tmp_path / "victim"))
    assert np.array_equal(loaded.predict([TEXTS])[0], together)
    assert loaded.fingerprint == trained.victim.fingerprint


@pytest.mark.parametrize("layers", [1, 2])
def test_what_is_looked_up_is_what_the_layers_give(layers: int) -> None:
    torch.manual_seed(0)
    table, stack = Table(9, 6), Convolutions(6, layers, 5, 3)
    ids, lengths = torch.tensor([[3, 4, 5, 0], [2, 0, 0, 0], [6, 7, 8, 2]]), torch.tensor([3, 1, 4])
    found = stack.eval().looked_up(table.vectors, ids, lengths)
    assert torch.allclose(found, stack(table.vectors(ids), lengths), atol=1e-6)


def test_a_convolution_by_hand() -> None:
    """One filter of width 3 that adds up what is under it: of 1 2 3 it sees 3, 6 and 5, of 1 2 it sees 3 and 3."""
    stack = Convolutions(1, 1, 1, 3)
    with torch.no_grad():
        stack.layers[0].weight.fill_(1.0)  # type: ignore[union-attr,operator]
        stack.layers[0].bias.fill_(0.0)  # type: ignore[union-attr,operator]
    vectors = torch.tensor([[[1.0], [2.0], [3.0]], [[1.0], [2.0], [9.0]]])
    assert stack(vectors, torch.tensor([3, 2])).tolist() == [[6.0], [3.0]]


def test_a_reader_of_both_directions_ends_where_each_direction_ends() -> None:
    torch.manual_seed(0)
    stack = Recurrences(2, 1, 6, bidirectional=True, pooled=False)
    forward, backward = stack.readers[0]  # type: ignore[misc]
    vectors = torch.randn(1, 3, 2)
    expected = torch.cat([forward(vectors)[0][:, -1], backward(vectors.flip(1))[0][:, -1]], dim=1)
    padded = torch.cat([vectors, torch.full((1, 2, 2), 7.0)], dim=1)
    assert torch.allclose(stack(padded, torch.tensor([3])), expected, atol=1e-6)
    stack.pooled = True
    both = torch.cat([forward(vectors)[0], backward(vectors.flip(1))[0].flip(1)], dim=2)
    assert torch.allclose(stack(padded, torch.tensor([3])), both.amax(1), atol=1e-6)


def test_forms_number_texts() -> None:
    words = WordForm(Vocabulary(["film", "good"]), 3)
    assert [row.tolist() for row in words.read([Text("Good, film!"), Text("..."), Text("a b c good")])] == [
        [[3, 2]], [[UNKNOWN]], [[UNKNOWN] * 3],
    ]  # fmt: skip
    characters = CharacterForm(4)
    assert characters.read([Text("aB é")])[0].tolist() == [[ord("a") - 30, ord("B") - 30, ord(" ") - 30, UNKNOWN]]
    assert characters.read([Text("")])[0].tolist() == [[UNKNOWN]]
    assert characters.visible(Text("ab cd ef")) == 1
    assert characters.visible(Text("ab c def")) == 2


def test_an_unknown_word_is_unknown_characters_to_who_reads_characters() -> None:
    text = Text("so good")
    assert str(text.mask(1, UNKNOWN_CHARACTER)) == "so " + UNKNOWN_CHARACTER * 4
    assert str(text.mask(1, "[UNK]")) == "so [UNK]"
    masked = Space(text, [[], []], unknown=UNKNOWN_CHARACTER).masked()
    assert [str(each) for each in masked] == [UNKNOWN_CHARACTER * 2 + " good", "so " + UNKNOWN_CHARACTER * 4]
    assert CharacterForm(9).read([masked[0]])[0].tolist()[0][:3] == [UNKNOWN, UNKNOWN, 2]


def test_a_text_is_read_once_for_all_models_of_a_form(bilm: str, tmp_path: Path) -> None:
    from turncoat.training.storing import save

    recipe = ZooRecipe(form="W", **TINY)  # type: ignore[arg-type]
    for seed in (0, 1):
        save(train(reviews(), reviews(), recipe, seed), tmp_path / str(seed))
    first, second = (load_victim(str(tmp_path / str(seed))) for seed in (0, 1))
    assert isinstance(first, NetworkVictim)
    assert isinstance(second, NetworkVictim)
    assert first.form is second.form
    texts = [*TEXTS]
    read = first.form.rows([texts])
    assert second.form.rows([texts]) is read
    texts[0] = Text("another text")  # the same list, but not what was read
    assert second.form.rows([texts]) is not read


def test_states_of_a_text_are_kept_for_the_next_model(bilm: str) -> None:
    words = WordStates(open_bilm(bilm).model)
    ids = np.array([words.numbers(["good", "film"])], np.int32)
    lengths = np.array([2])
    assert words.states(ids, lengths) is words.states(ids.copy(), lengths)
    assert words.states(ids, lengths).shape == (1, 2, 3, 2 * SIZES.projected)


def test_each_direction_knows_only_its_own_side(bilm: str) -> None:
    words = WordStates(open_bilm(bilm).model)
    ids = np.array([words.numbers(row) for row in (["a", "b", "c", "d"], ["a", "b", "c", "x"])], np.int32)
    states = words.states(ids, np.array([4, 4]))
    forward, backward = states[..., : SIZES.projected], states[..., SIZES.projected :]
    assert torch.allclose(forward[0, :3], forward[1, :3], atol=1e-6)
    assert not torch.allclose(forward[0, 3], forward[1, 3], atol=1e-3)
    assert not torch.allclose(backward[0, 2, 1:], backward[1, 2, 1:], atol=1e-3)


def test_the_original_weights_compute_what_their_names_say() -> None:
    """The published file's layout, against a plain numpy reading of it: one word's forward states."""
    rng = np.random.default_rng(0)
    sizes = replace(SIZES, filters=((1, 3), (2, 5)), projected=6, cells=7, highways=2)
    filters = sum(count for _, count in sizes.filters)
    shapes = {"char_embed": (261, 4), "CNN_proj/W_proj": (filters, 6), "CNN_proj/b_proj": (6,)}
    for i, (width, count) in enumerate(sizes.filters):
        shapes |= {f"CNN/W_cnn_{i}": (1, width, 4, count), f"CNN/b_cnn_{i}": (count,)}
    for i in range(2):
        for gate in ("carry", "transform"):
            shapes |= {f"CNN_high_{i}/W_{gate}": (filters, filters), f"CNN_high_{i}/b_{gate}": (filters,)}
        for direction in range(2):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{i}/LSTMCell"
            shapes |= {f"{cell}/W_0": (12, 28), f"{cell}/B": (28,), f"{cell}/W_P_0": (7, 6)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    model = _filled(BiLM(sizes), lambda name: torch.from_numpy(weights[name]))
    words = WordStates(model)
    states = words.states(np.array([words.numbers(["hi"])], np.int32), np.array([1])).numpy()[0, 0]

    start, word = (_spelled(weights, sizes, letters) for letters in ([256], [*b"hi"]))
    assert np.allclose(states[0], np.tile(word, 2), atol=1e-5)
    first = _memory(weights, "RNN_0/RNN/MultiRNNCell/Cell0/LSTMCell", [start, word])
    assert np.allclose(states[1, :6], first[1], atol=1e-5)
    second = _memory(weights, "RNN_0/RNN/MultiRNNCell/Cell1/LSTMCell", first)
    assert np.allclose(states[2, :6], second[1] + first[1], atol=1e-5)


Array = NDArray[np.float32]


def _spelled(weights: dict[str, Array], sizes: BiLMSizes, letters: list[int]) -> Array:
    ids = [258, *letters, 259]
    vectors = weights["char_embed"][ids + [260] * (sizes.longest - len(ids))]
    found = []
    for i, (width, _) in enumerate(sizes.filters):
        kernel = weights[f"CNN/W_cnn_{i}"][0]
        windows = [np.einsum("wc,wcf->f", vectors[j : j + width], kernel) for j in range(len(vectors) - width + 1)]
        found.append(np.maximum(np.max(windows, axis=0) + weights[f"CNN/b_cnn_{i}"], 0))
    x = np.concatenate(found)
    for i in range(2):
        gate = _sigmoid(x @ weights[f"CNN_high_{i}/W_carry"] + weights[f"CNN_high_{i}/b_carry"])
        new = np.maximum(x @ weights[f"CNN_high_{i}/W_transform"] + weights[f"CNN_high_{i}/b_transform"], 0)
        x = gate * new + (1 - gate) * x
    return np.asarray(x @ weights["CNN_proj/W_proj"] + weights["CNN_proj/b_proj"])


def _memory(weights: dict[str, Array], cell: str, inputs: list[Array]) -> list[Array]:
    memory, state, states = np.zeros(7), np.zeros(6), []
    for x in inputs:
        i, j, f, o = np.split(np.concatenate([x, state]) @ weights[f"{cell}/W_0"] + weights[f"{cell}/B"], 4)
        memory = np.clip(_sigmoid(f + 1) * memory + _sigmoid(i) * np.tanh(j), -3, 3)
        state = np.clip((_sigmoid(o) * np.tanh(memory)) @ weights[f"{cell}/W_P_0"], -3, 3)
        states.append(state)
    return states


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def test_word_vectors_keep_their_proportions_and_fill_known_words_only(tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("film 1 0\nnowhere 5 5\ngood 0 -3\n", encoding="utf-8")
    torch.manual_seed(0)
    table = Table(5, 2)
    before = table.vectors.weight.detach().clone()
    assert fill(table, ("[PAD]", "[UNK]", "bad", "good", "film"), str(file)) == 2
    after = table.vectors.weight.detach()
    assert torch.equal(after[:3], before[:3])
    assert torch.allclose(after[3], after[4].flip(0) * torch.tensor([0.0, -3.0]), atol=1e-6)
    with pytest.raises(UsageError, match="3 dimensions, got 2"):
        fill(Table(5, 3), ("[PAD]", "[UNK]", "bad", "good", "film"), str(file))


def test_the_night_goes_on_past_a_model_that_cannot_be_trained(
    tmp_path: Path, bilm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = chosen_models(["CNN-W-Random-1", "CNN-W-GloVe-1", "cnn-c-random-1"])
    monkeypatch.setenv("TURNCOAT_CACHE", str(tmp_path / "nothing"))
    monkeypatch.delenv("TURNCOAT_DATA", raising=False)
    monkeypatch.setattr(
        zoo_module, "recipe_for",
        lambda model, texts, inputs: replace(recipe_for(model, texts, inputs), **TINY),
    )  # fmt: skip
    splits = Splits(reviews(), reviews(), reviews())
    ended: list[tuple[str, bool]] = []
    wanted = members(tmp_path / "zoo", chosen)
    train_members(wanted, splits, Inputs(), on_end=lambda m, why: ended.append((f"{m.model}/{m.instance}", not why)))
    assert ended == [
        ("CNN-W-Random-1/a", True), ("CNN-W-Random-1/b", True), ("CNN-W-GloVe-1/a", False),
        ("CNN-W-GloVe-1/b", False), ("CNN-C-Random-1/a", True), ("CNN-C-Random-1/b", True),
    ]  # fmt: skip
    assert "train-vectors glove" in why_not_trained(wanted[2])
    assert wanted[0].card.training["seed"] == 0
    assert wanted[1].card.training["seed"] == 1
    assert wanted[0].card.sha256 != wanted[1].card.sha256
    assert wanted[0].card.training["parameters"] > 0
    written = (wanted[0].folder / "card.toml").stat().st_mtime_ns
    train_members(wanted[:1], splits, Inputs(), on_end=lambda member, why: pytest.fail("it is there already"))
    assert (wanted[0].folder / "card.toml").stat().st_mtime_ns == written
    weights = wanted[0].folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(BrokenData, match="sha256"):
        load_victim(str(wanted[0].folder))


def test_names_that_stand_for_many() -> None:
    assert len(chosen_models(["all"])) == 63
    one_layer = chosen_models(["one-layer"])
    assert len(one_layer) == 22
    assert one_layer[-1] == MINILM
    assert zoo_model("RoBERTa") in one_layer


def test_what_the_spelled_form_needs_is_named_when_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingResource, match="zoo pretrain"):
        open_bilm(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "wrong", [{"stack": "GRU"}, {"layers": 0}, {"form": "C", "vectors": "some.txt"}, {"objective": "at"}]
)
def test_bad_recipes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ZooRecipe(**wrong)  # type: ignore[arg-type]


def test_spelled_words_keep_their_unknown_runs(bilm: str) -> None:
    form = SpelledForm(WordStates(open_bilm(bilm).model), 5, "test")
    words = form.words
    rows = form.read([Text(f"so {UNKNOWN_CHARACTER * 4}!"), Text("")])
    assert rows[0].tolist() == [words.numbers(["so", UNKNOWN_CHARACTER * 4])]
    assert rows[1].tolist() == [words.numbers([UNKNOWN_CHARACTER])]
