"""Training of text classifiers on perturbed word vectors; trainings that were killed; readers that foretell words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from typer.testing import CliRunner

from test_training import DEV, TRAIN
from tiny_models import WORDS, bert_folder, spaces
from turncoat.cli.app import app
from turncoat.continuous.modes import quiet
from turncoat.continuous.objectives import adversarial, clean, virtual
from turncoat.data.unlabelled import draw, read_unlabelled
from turncoat.errors import BrokenData, UsageError
from turncoat.models.card import read_card
from turncoat.models.document_lstm import DocumentLstm
from turncoat.models.forms import WordForm
from turncoat.models.loading import load_victim
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.vocabulary import Vocabulary
from turncoat.text import Text
from turncoat.training import perturbing
from turncoat.training.batching import Pool
from turncoat.training.checkpoint import Checkpoint, file_for
from turncoat.training.language_model import foretell
from turncoat.training.learners import Learner, learner_for
from turncoat.training.normalising import normalise, plain
from turncoat.training.perturbing import Perturbing
from turncoat.training.recipes import Cnn, DocumentReader, FineTune, Gradual, LanguageModel, LinearBaseline, Lstm
from turncoat.training.rows import WordRows
from turncoat.training.storing import save
from turncoat.training.trainer import train
from turncoat.training.vocabulary import common_words

SIZES = {"embedding": 8, "max_words": 20, "batch": 8, "rate": 1e-2, "epochs": 2}
CNN, LSTM = Cnn(filters=8, **SIZES), Lstm(hidden=8, **SIZES)  # type: ignore[arg-type]
READER = DocumentReader(hidden=8, top=4, language_model=LanguageModel(steps=6, batch=8, rate=1e-2), **SIZES)  # type: ignore[arg-type]
OBJECTIVES = ("random", "at", "vat", "at+vat")
MORE = tuple(example.text for example in DEV)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> FineTune:
    backbone = str(bert_folder(tmp_path_factory.mktemp("backbone"), classifier=False))
    return FineTune(backbone=backbone, epochs=2, batch=8, rate=5e-3, max_tokens=24, epsilon=0.5, bfloat16=False)


@pytest.fixture
def recipes(tuned: FineTune) -> dict[str, Gradual]:
    return {"cnn": CNN, "lstm": LSTM, "lstm-lm": READER, "transformer": tuned}


@pytest.fixture(params=["cnn", "lstm", "lstm-lm", "transformer"])
def recipe(request: pytest.FixtureRequest, recipes: dict[str, Gradual]) -> Gradual:
    return recipes[request.param]


def learner(recipe: Gradual, seed: int = 0) -> Learner:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return learner_for(recipe, TRAIN, MORE if recipe.wants_unlabelled else ())  # type: ignore[arg-type]


class Spy:
    """Stands in for an objective, and keeps the model and batch that it was given."""

    def __init__(self, objective: Callable[..., Tensor]) -> None:
        self.objective = objective

    def __call__(self, model: object, batch: object, **settings: object) -> Tensor:
        self.model, self.batch = model, batch
        return self.objective(model, batch, **settings)


class TestPerturbation:
    def test_norm_of_the_whole_text_is_epsilon_and_nothing_else_is_touched(
        self, recipe: Gradual, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Padding, the end mark, and the tokenizer's own tokens are left alone."""
        learns = learner(replace(recipe, objective="at", epsilon=3.0))
        seen: list[Tensor] = []
        spy = Spy(adversarial)
        monkeypatch.setattr(perturbing, "adversarial", spy)
        rows = np.arange(8)
        learns.loss(rows)
        batch, model = spy.batch, spy.model  # type: ignore[attr-defined]

        def note(vectors: Tensor, lengths: Tensor) -> Tensor:
            seen.append(vectors.detach())
            return model(vectors, lengths)  # type: ignore[no-any-return, operator]

        adversarial(note, batch, eps=3.0)
        *_, perturbed = seen
        r = perturbed - batch.inputs.detach()
        torch.testing.assert_close(r.flatten(1).norm(dim=1), torch.full((8,), 3.0), rtol=1e-4, atol=1e-4)
        assert bool((r[~batch.mask] == 0).all())
        words = [len(example.text.split()) for example in TRAIN.examples[:8]]
        assert batch.mask.sum(1).tolist() == words
        assert batch.inputs.shape[1] == max(words) + {"lstm-lm": 1, "transformer": 2}.get(learns.kind, 0)
        assert bool(r[batch.mask].abs().sum(1).all())

    def test_transformer_without_dropout_answers_twice_the_same(self, tuned: FineTune) -> None:
        """In training mode attention has a dropout of its own, which a perturbation must not see."""
        learns = learner(replace(tuned, objective="vat"))
        learns.network.train()
        losses = [torch.manual_seed(i) and learns.loss(np.arange(8)).item() for i in range(2)]
        assert losses[0] != losses[1]
        reader = learns._reader  # type: ignore[attr-defined]
        vectors, attention, _ = learns._vectors(learns._texts, np.arange(8))  # type: ignore[attr-defined]
        with quiet(reader):
            assert torch.equal(reader(vectors, attention), reader(vectors, attention))
        assert not torch.equal(reader(vectors, attention), reader(vectors, attention))

    @pytest.mark.parametrize(
        ("kind", "objective"),
        [("lstm", "at"), ("lstm", "random"), ("cnn", "vat"), ("lstm-lm", "at+vat"), ("transformer", "at")],
    )
    def test_nothing_at_epsilon_0(self, kind: str, objective: str, recipes: dict[str, Gradual]) -> None:
        """Bit for bit what clean training makes, dropout and unlabelled texts or not."""
        at_zero = replace(recipes[kind], objective=objective, epsilon=0.0, epochs=1)
        bare = replace(recipes[kind], objective="clean", normalise=True, epochs=1)
        more = MORE if bare.wants_unlabelled else ()
        first = train(TRAIN, DEV, at_zero, unlabelled=more or (MORE if at_zero.wants_unlabelled else ()))  # type: ignore[arg-type]
        assert first.victim.fingerprint == train(TRAIN, DEV, bare, unlabelled=more).victim.fingerprint  # type: ignore[arg-type]

    def test_terms_at_epsilon_0_without_dropout(self) -> None:
        learns = learner(replace(LSTM, objective="at", dropout=0.0))
        texts = learns._vectors(learns.texts, np.arange(8))  # type: ignore[attr-defined]
        batch = perturbing.Batch(texts.inputs, learns._golds[:8], texts.lengths, texts.mask)  # type: ignore[attr-defined]
        model = learns.network.read
        assert torch.equal(adversarial(model, batch, eps=0.0), 2 * clean(model, batch))

    def test_vat_is_the_mean_over_labelled_and_unlabelled_texts(self) -> None:
        recipe = replace(LSTM, objective="vat", dropout=0.0, unlabelled_batch=4)
        learns, same = learner(recipe), learner(recipe)
        rows = np.arange(8)
        found = learns.loss(rows)
        texts, more = same._vectors(same.texts, rows), same._vectors(same.unlabelled, same.perturbing._pool.draw())  # type: ignore[union-attr, attr-defined]
        noise, search = same.perturbing._noise, same.perturbing._search  # type: ignore[union-attr]
        batch = perturbing.Batch(texts.inputs, same._golds[:8], texts.lengths, texts.mask)  # type: ignore[attr-defined]
        plain_loss = clean(same.network.read, batch)
        labelled = virtual(same.network.read, batch, search=search, generator=noise) - plain_loss
        others = perturbing.Batch(more.inputs, torch.zeros(4, dtype=torch.long), more.lengths, more.mask)
        unlabelled = virtual(same.network.read, others, search=search, generator=noise)
        unlabelled = unlabelled - clean(same.network.read, others)
        torch.testing.assert_close(found, plain_loss + (8 * labelled + 4 * unlabelled) / 12, rtol=1e-4, atol=1e-6)
        assert found > plain_loss

    def test_epsilon_rises_in_a_straight_line(self) -> None:
        """120 texts in batches of 8, 2 epochs: 30 steps, of which the first 3 rise."""
        perturbs = Perturbing(replace(LSTM, objective="at", ramp=0.1), len(TRAIN), np.array([]), 0)
        assert [perturbs._share() for _ in range(5)] == pytest.approx([0, 1 / 3, 2 / 3, 1, 1])
        at_once = Perturbing(replace(LSTM, objective="at"), len(TRAIN), np.array([]), 0)
        assert [at_once._share() for _ in range(2)] == [1, 1]

    def test_random_control_has_no_direction(self) -> None:
        search = Perturbing(replace(LSTM, objective="random"), 8, np.array([3, 4]), 0)._search
        assert (search.iterations, search.eps, search.xi) == (0, 5.0, 0.1)


class TestNormalised:
    def test_mean_0_variance_1_by_frequency_and_gradients_flow(self) -> None:
        embedding = nn.Embedding(6, 4, padding_idx=0)
        counts, padding = torch.tensor([0, 5, 1, 2, 9, 3]), torch.arange(6) == 0
        normalise(embedding, counts, padding)
        table, shares = embedding.weight, (counts / counts.sum())[:, None]
        torch.testing.assert_close((shares * table).sum(0), torch.zeros(4), rtol=0, atol=1e-6)
        torch.testing.assert_close((shares * table**2).sum(0), torch.ones(4), rtol=1e-4, atol=0)
        assert bool((table[0] == 0).all())
        embedding(torch.tensor([[2, 3]])).square().sum().backward()  # type: ignore[no-untyped-call]
        slope = embedding.parametrizations.weight.original.grad  # type: ignore[union-attr]
        assert bool((slope[1:] != 0).all())  # words that were not looked up take part in mean and variance
        longer = nn.Embedding(6, 4, padding_idx=0, _weight=7 * embedding.parametrizations.weight.original.detach() + 1)  # type: ignore[union-attr, operator]
        normalise(longer, counts, padding)
        torch.testing.assert_close(longer.weight[1:], table[1:].detach(), rtol=1e-3, atol=1e-4)

    def test_learnt_vectors_stay_what_they_are_at_first(self) -> None:
        embedding = nn.Embedding(6, 4)
        before, own = embedding.weight.detach().clone(), torch.arange(6) < 2
        how = normalise(embedding, torch.tensor([9, 5, 1, 2, 9, 3]), own, learnt=True)
        torch.testing.assert_close(embedding.weight, before)
        assert torch.equal(embedding.weight[:2], before[:2])
        assert how.deviation is not None
        assert how.frequencies[:2].sum() == 0

    def test_the_stored_victim_holds_them_and_answers_the_same_bits(self, recipe: Gradual, tmp_path: Path) -> None:
        learns = learner(replace(recipe, objective="at"))
        table = learns.network.get_submodule(_embedding(learns)).weight.detach()
        bare = plain(learns.network)
        kept = bare.get_submodule(_embedding(learns)).weight
        assert torch.equal(kept, table)
        assert not any("parametrizations" in name for name in bare.state_dict())
        assert any("parametrizations" in name for name in learns.network.state_dict())
        if learns.kind != "transformer":
            ids, lengths = torch.tensor([[3, 4, 5, 0]]), torch.tensor([3])
            learns.network.eval(), bare.eval()
            assert torch.equal(learns.network(ids, lengths), bare(ids, lengths))


def _embedding(learns: Learner) -> str:
    return "bert.embeddings.word_embeddings" if learns.kind == "transformer" else "embedding"


@pytest.mark.parametrize(
    ("kind", "objective"),
    [("lstm", "at"), ("cnn", "vat"), ("lstm-lm", "at+vat"), ("lstm", "random"), ("transformer", "at")],
)
def test_learns_and_comes_back_the_same(kind: str, objective: str, recipes: dict[str, Gradual], tmp_path: Path) -> None:
    changed = replace(recipes[kind], objective=objective, epsilon=0.5, epochs=6, keep_last=False)
    more = MORE if changed.wants_unlabelled else ()
    trained = train(TRAIN, DEV, changed, seed=3, unlabelled=more)  # type: ignore[arg-type]
    assert trained.card.accuracy["dev"].share > 0.8
    assert trained.card.training.get("unlabelled", 0) == len(more)
    assert ("perplexity" in trained.card.training) == (kind == "lstm-lm")
    save(trained, tmp_path / "victim")
    texts = [Text("a good film"), Text("the plot is very dull"), Text("mawkish")]
    loaded = load_victim(str(tmp_path / "victim"))
    np.testing.assert_array_equal(loaded.predict([texts])[0], trained.victim.predict([texts])[0])


class Killed(Exception):
    pass


class TestCheckpoints:
    @pytest.mark.parametrize(
        ("kind", "after"), [("lstm", 15), ("lstm", 16), ("cnn", 7), ("lstm-lm", 7), ("transformer", 7)]
    )
    def test_a_killed_training_goes_on_bit_for_bit(
        self, kind: str, after: int, recipes: dict[str, Gradual], tmp_path: Path
    ) -> None:
        """15 steps an epoch: killed within an epoch, at its end, and at the start of the next."""
        epochs = 2 if kind == "lstm" else 1
        changed = replace(recipes[kind], objective="at+vat", average=0.9, decline=0.5, ramp=0.8, epochs=epochs)
        whole = train(TRAIN, DEV, changed, unlabelled=MORE)  # type: ignore[arg-type]
        told: list[tuple[int, int]] = []

        def kill(epoch: int, step: int, steps: int, loss: float) -> None:
            if epoch and (epoch - 1) * steps + step > after:
                raise Killed

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("turncoat.training.checkpoint.SECONDS", 0.0)
            with pytest.raises(Killed):
                train(TRAIN, DEV, changed, 0, kill, unlabelled=MORE, checkpoints=tmp_path)  # type: ignore[arg-type]
        torch.rand(3)  # what others draw in the meantime
        again = train(
            TRAIN, DEV, changed, 0, lambda epoch, step, *_: told.append((epoch, step)), unlabelled=MORE,
            checkpoints=tmp_path,
        )  # type: ignore[arg-type]  # fmt: skip
        assert told[0] == divmod_step(after)
        assert again.victim.fingerprint == whole.victim.fingerprint
        assert again.card.accuracy == whole.card.accuracy
        assert again.card.training == whole.card.training

    def test_a_killed_language_model_goes_on_bit_for_bit(self, tmp_path: Path) -> None:
        whole = train(TRAIN, DEV, READER, unlabelled=MORE)

        def kill(epoch: int, step: int, steps: int, loss: float) -> None:
            if epoch == 0 and step == 4:
                raise Killed

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("turncoat.training.checkpoint.SECONDS", 0.0)
            with pytest.raises(Killed):
                train(TRAIN, DEV, READER, 0, kill, unlabelled=MORE, checkpoints=tmp_path)
        told: list[tuple[int, int]] = []
        again = train(TRAIN, DEV, READER, 0, lambda *step: told.append(step[:2]), unlabelled=MORE, checkpoints=tmp_path)
        assert told[0] == (0, 4)
        assert again.victim.fingerprint == whole.victim.fingerprint
        told.clear()
        train(
            TRAIN, DEV, replace(READER, objective="vat", normalise=False), 0, lambda *step: told.append(step[:2]),
            unlabelled=MORE, checkpoints=tmp_path,
        )  # fmt: skip
        assert told[0] == (1, 1)  # the language model is found

    def test_another_training_has_another_file(self, tmp_path: Path) -> None:
        """A language model is shared by those that differ in what comes after it."""
        texts = ["a", "b"]
        names = {
            file_for(tmp_path, "training", {"recipe": how, "seed": seed}, strings).path.name
            for how in (LSTM, replace(LSTM, epsilon=1.0), CNN)
            for seed in (0, 1)
            for strings in (texts, ["ab"], ["a", "b", ""])
        }
        assert len(names) == 18

    def test_kept_whole_or_not_at_all(self, tmp_path: Path) -> None:
        checkpoint = Checkpoint(tmp_path / "deep" / "x.safetensors")
        assert checkpoint.read() is None
        assert not checkpoint.due
        shared = torch.arange(4.0)
        checkpoint.write({"a": shared, "b": shared[1:], "none": torch.tensor(3)}, {"big": 2**100})
        tensors, numbers = checkpoint.read() or ({}, {})
        assert numbers == {"big": 2**100}
        assert torch.equal(tensors["b"], shared[1:])
        assert tensors["none"] == 3
        assert [path.name for path in checkpoint.path.parent.iterdir()] == ["x.safetensors"]
        checkpoint.path.write_bytes(b"junk")
        with pytest.raises(BrokenData, match="remove it to begin anew"):
            checkpoint.read()


def divmod_step(after: int) -> tuple[int, int]:
    """Epoch and step, from 1, that follow so many steps; the step that was under way is taken again."""
    epoch, step = divmod(after, 15)
    return epoch + 1, step + 1


class TestForetelling:
    def test_no_unlabelled_texts_are_needed(self) -> None:
        """The counts by which vectors are normalised are then those of the labelled texts."""
        assert WordRows([], common_words(MORE, 2), 20).counts.tolist() == [0] * len(common_words(MORE, 2))
        assert train(TRAIN, DEV, replace(READER, objective="at", epochs=1)).card.accuracy["dev"].n == len(DEV)

    def test_perplexity_falls(self) -> None:
        strings = [example.text for example in (*TRAIN, *DEV)]
        vocabulary = common_words(strings)
        texts = WordRows(strings, vocabulary, 20)
        found = []
        for steps in (0, 60):
            torch.manual_seed(0)
            network = DocumentLstm(len(vocabulary), 2, hidden=16, embedding=8, top=4, dropout=0.0)
            how = LanguageModel(steps=steps, batch=16, rate=2e-2, head=4)
            found.append(foretell(network, texts, replace(READER, language_model=how), 0))
        assert found[0] > 10
        assert found[1] < 0.75 * found[0]

    def test_reader_sees_the_end_not_the_padding(self) -> None:
        network = DocumentLstm(10, 2, hidden=4, embedding=3, top=4, dropout=0.5).eval()
        ids, lengths = torch.tensor([[3, 4, 5], [6, 0, 0]]), torch.tensor([3, 1])
        assert network.ended(ids, lengths).tolist() == [[3, 4, 5, 10], [6, 10, 0, 0]]
        alone = network(torch.tensor([[6]]), torch.tensor([1]))
        assert torch.equal(network(ids, lengths)[1:], alone)
        assert torch.equal(network.read(network.vectors(ids, lengths), lengths), network(ids, lengths))

    def test_alone_or_in_company_gives_the_same_bits(self) -> None:
        torch.manual_seed(1)
        network = DocumentLstm(len(WORDS) + 2, 2, hidden=64, embedding=64, top=30, dropout=0.5)
        victim = NetworkVictim(network, WordForm(Vocabulary(WORDS), 30), ("bad", "good"), "reader")
        batches = [space.swaps() for space in spaces()]
        for batch, answer in zip(batches, victim.predict(batches), strict=True):
            np.testing.assert_array_equal(victim.predict([batch])[0], answer)
            np.testing.assert_array_equal(victim.predict([batch.take([0])])[0][0], answer[0])

    def test_words_of_one_text_only_are_not_known(self) -> None:
        assert common_words(["rare rare rare", "a b", "b a b"]).words[2:] == ("b", "a")


class TestUnlabelled:
    def test_every_text_once_a_pass_and_on_from_anywhere(self) -> None:
        lengths = np.array([3, 9, 4, 4, 7])
        pool = Pool(lengths, 2, seed=1)
        drawn = [pool.draw().tolist() for _ in range(9)]
        for turn in range(3):
            assert sorted(chain(*drawn[3 * turn : 3 * turn + 3])) == [0, 1, 2, 3, 4]
        later = Pool(lengths, 2, seed=1)
        later.taken = 4
        assert [later.draw().tolist() for _ in range(5)] == drawn[4:]

    def test_sources(self, tmp_path: Path) -> None:
        file = tmp_path / "more.txt"
        file.write_text("a film\n\nso dull\na film\n", encoding="utf-8")
        assert read_unlabelled(str(file)) == ("a film", "so dull")
        assert draw(("a", "b", "c"), 2, 0) == draw(("a", "b", "c"), 2, 0)
        assert draw(("a", "b"), None, 0) == ("a", "b")
        with pytest.raises(UsageError, match="1 to 2 unlabelled"):
            draw(("a", "b"), 3, 0)
        with pytest.raises(UsageError, match="NAME:SPLIT"):
            read_unlabelled("nowhere")

    @pytest.mark.parametrize("recipe", [LSTM, replace(LSTM, objective="at"), LinearBaseline()])
    def test_refused_where_they_are_of_no_use(self, recipe: Lstm) -> None:
        with pytest.raises(UsageError, match="got 40 unlabelled texts"):
            train(TRAIN, DEV, recipe, unlabelled=MORE)


@pytest.mark.parametrize(
    "wrong",
    [{"objective": "fgsm"}, {"epsilon": -1.0}, {"epsilon": float("nan")}, {"difference": 0.0}, {"decline": 0.0},
     {"unlabelled_batch": -1}, {"average": 1.0}, {"ramp": 1.5}],
)  # fmt: skip
def test_bad_recipes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="expected"):
        Lstm(**wrong)  # type: ignore[arg-type]


def test_normalised_where_perturbed_unless_told() -> None:
    assert [Lstm(objective=o).normalises for o in ("clean", *OBJECTIVES)] == [False, True, True, True, True]
    assert Lstm(normalise=True).normalises
    assert not Lstm(objective="at", normalise=False).normalises


def test_command_trains_on_perturbed_vectors_and_unlabelled_texts(tmp_path: Path) -> None:
    """Nothing of an unfinished training is left when it is done."""
    rows = [f"{example.text},{TRAIN.labels[example.label]}" for example in TRAIN]
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    (tmp_path / "more.txt").write_text("\n".join(MORE), encoding="utf-8")
    settings = ["objective=vat", "epsilon=1", "epochs=2", "hidden=8", "embedding=8", "batch=8", "rate=0.01"]
    done = CliRunner().invoke(
        app,
        ["train", "lstm", str(tmp_path / "reviews.csv"), *chain(*(("--set", each) for each in settings)),
         "--unlabelled", str(tmp_path / "more.txt"), "--unlabelled-examples", "20", "--out", str(tmp_path / "victim")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "test accuracy" in done.output
    card = read_card(tmp_path / "victim")
    assert (card.kind, card.training["objective"], card.training["unlabelled"]) == ("lstm", "vat", 20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["more.txt", "reviews.csv", "victim"]
