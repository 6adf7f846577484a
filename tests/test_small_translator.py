"""The trained translator: exact search, the same answers in any company, training that learns and goes on."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from turncoat.data.translation import TranslationDataset, TranslationExample
from turncoat.errors import BrokenData, UsageError
from turncoat.models.beam_search import END, START, Beams, search
from turncoat.models.card import FILE, read_card
from turncoat.models.small_transformer import Sizes, SmallTransformer
from turncoat.models.small_translator import SmallTranslator, load_small_translator
from turncoat.models.translator import translate
from turncoat.models.translator_loading import load_translator
from turncoat.text import Text
from turncoat.training.checkpoint import Checkpoint
from turncoat.training.pieces import choose_pieces
from turncoat.training.translation_splits import read_translation_splits
from turncoat.training.translator import train_translator, unfinished
from turncoat.training.translator_recipe import TranslatorRecipe

TINY = Sizes(width=16, inner=24, heads=2, encoder_layers=2, decoder_layers=2, dropout=0.0)
MOST = 4  # pieces of a translation in the searches below


def tiny(pieces: int = 7, seed: int = 0) -> SmallTransformer:
    """A network whose random weights are large enough to have opinions."""
    torch.manual_seed(seed)
    network = SmallTransformer(pieces, TINY).eval()
    with torch.no_grad():
        network.table.weight.mul_(4)
    return network


def log_probabilities(network: SmallTransformer, source: list[int], target: list[int]) -> Tensor:
    """Of every piece of `target`, the whole read at once."""
    with torch.inference_mode():
        hidden = network(torch.tensor([source]), None, torch.tensor([[START, *target[:-1]]]))
        return network.logits(hidden)[0].log_softmax(-1)[torch.arange(len(target)), target]


def best_by_brute_force(network: SmallTransformer, source: list[int], power: float) -> list[int]:
    """Over every translation of at most `MOST` pieces, its end counted."""
    words = range(END + 1, network.table.num_embeddings)
    every = [list(body) for n in range(MOST) for body in itertools.product(words, repeat=n)]
    worth = [float(log_probabilities(network, source, [*b, END]).sum()) / (len(b) + 1) ** power for b in every]
    return every[int(np.argmax(worth))]


class TestSearch:
    @pytest.mark.parametrize("power", [0.0, 1.0])
    @pytest.mark.parametrize("seed", range(2))
    def test_a_wide_beam_equals_brute_force(self, seed: int, power: float) -> None:
        """With room for every translation (3^3 + 3^2 + 3 + 1 = 40), the best of all is found."""
        network = tiny(seed=seed)
        sources = [[4, 5, 6, END], [6, 6, 4, END], [5, 4, 5, END], [4, 4, 4, END], [5, 6, 4, END]]
        found = search(network, torch.tensor(sources), Beams(width=100, power=power), MOST)
        assert found == [best_by_brute_force(network, source, power) for source in sources]

    def test_a_beam_of_one_takes_the_most_probable_piece(self) -> None:
        network, source = tiny(12, seed=3), [4, 9, 11, END]
        (found,) = search(network, torch.tensor([source]), Beams(width=1), 8)
        for place in range(len(found) + (len(found) < 7)):
            with torch.inference_mode():
                hidden = network(torch.tensor([source]), None, torch.tensor([[START, *found[:place]]]))
                assert END + int(network.logits(hidden)[0, -1, END:].argmax()) == [*found, END][place]

    def test_kept_keys_and_values_change_nothing(self) -> None:
        network, source, target = tiny(12), torch.tensor([[4, 9, 11, END]]), [5, 6, 7, END]
        crosses, kept, steps = network.encode(source), [], []
        for last, wanted in zip([START, *target], target, strict=False):
            with torch.inference_mode():
                logs, kept = network.step(torch.tensor([last]), crosses, kept)
            steps.append(float(logs[0, wanted]))
        np.testing.assert_allclose(steps, log_probabilities(network, source[0].tolist(), target), atol=1e-5)

    def test_padding_of_a_training_batch_changes_nothing(self) -> None:
        network, short, long = tiny(12), [4, 9, END], [4, 9, 11, 6, END]
        sources = torch.tensor([[*short, 0, 0], long])
        targets = torch.tensor([[START, 5, 6], [START, 7, 8]])
        with torch.inference_mode():
            together = network(sources, sources != 0, targets)[0]
            alone = network(torch.tensor([short]), None, targets[:1])[0]
        torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)

    def test_a_translation_that_never_ends_is_cut(self) -> None:
        network = tiny(12)
        (found,) = search(network, torch.tensor([[4, END]]), Beams(width=2), 1)
        assert found == []

    @pytest.mark.parametrize("wrong", [{"width": 0}, {"power": -1.0}])
    def test_bad_parameters_are_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(UsageError, match="expected width >= 1 and power >= 0"):
            Beams(**wrong)


ENGLISH = {"dog": "Hund", "man": "Mann", "boy": "Junge", "bird": "Vogel", "runs": "läuft", "sleeps": "schläft"}
ADJECTIVES = {"big": "große", "old": "alte", "red": "rote", "small": "kleine"}


def sentences(count: int, seed: int) -> TranslationDataset:
    """The big dog runs. -> Der große Hund läuft."""
    rng = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        adjective, noun = rng.choice([*ADJECTIVES]), rng.choice([*ENGLISH][:4])
        verb = rng.choice([*ENGLISH][4:])
        german = f"Der {ADJECTIVES[adjective]} {ENGLISH[noun]} {ENGLISH[verb]}."
        examples.append(TranslationExample(f"s-{number:03d}", f"The {adjective} {noun} {verb}.", german))
    return TranslationDataset("sentences", tuple(examples))


TRAIN, DEV, TEST = sentences(20, 0), sentences(12, 1), sentences(12, 2)
RECIPE = TranslatorRecipe(
    sizes=Sizes(width=32, inner=32, heads=2, encoder_layers=1, decoder_layers=1, dropout=0.0),
    beams=Beams(width=2), pieces=70, epochs=20, batch=5, rate=1e-2, average=0.0, smoothing=0.0, bfloat16=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "toy"
    train_translator(TRAIN, TRAIN, TRAIN, folder, RECIPE, seed=1, command="turncoat train translator")
    return folder


class TestTraining:
    def test_twenty_pairs_are_learned_by_heart(self, trained: Path) -> None:
        found = read_card(trained).training["test"]
        assert (found["sacrebleu"], found["low"], found["high"], found["n"]) == (100.0, 100.0, 100.0, 20)
        (answers,) = translate(load_translator(str(trained)), [[Text(example.text) for example in TRAIN]])
        assert answers.tolist() == [example.reference for example in TRAIN]

    def test_the_card_tells_everything(self, trained: Path) -> None:
        card = read_card(trained)
        assert (card.kind, card.training["rows"], card.training["command"]) == (
            "translator",
            20,
            "turncoat train translator",
        )
        assert len(card.training["dev_loss"]) == 20
        assert card.training["test"]["signature"].startswith("nrefs:1|case:mixed")
        assert not unfinished(trained).exists()

    @pytest.mark.parametrize("after", [1, 6, 8])  # steps; an epoch has four
    def test_a_killed_training_goes_on_as_if_nothing_had_happened(
        self, after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recipe = replace(RECIPE, epochs=3, average=0.9, sizes=replace(RECIPE.sizes, dropout=0.2))
        whole = train_translator(TRAIN, DEV, TEST, tmp_path / "whole", recipe)
        monkeypatch.setattr(Checkpoint, "due", property(lambda checkpoint: True))
        steps = []

        def kill(*step: float) -> None:
            steps.append(step)
            if len(steps) > after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_translator(TRAIN, DEV, TEST, tmp_path / "killed", recipe, progress=kill)
        assert not (tmp_path / "killed").exists()
        rest: list[Any] = []
        card = train_translator(TRAIN, DEV, TEST, tmp_path / "killed", recipe, progress=lambda *step: rest.append(step))
        assert card.sha256 == whole.sha256
        assert len(rest) == 12 - after
        assert card.training["dev_loss"] == whole.training["dev_loss"]

    def test_another_training_does_not_go_on_from_it(self, tmp_path: Path) -> None:
        def kill(epoch: int, *step: float) -> None:
            if epoch == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_translator(TRAIN, DEV, TEST, tmp_path / "a", RECIPE, progress=kill)
        with pytest.raises(UsageError, match="with the same data, recipe and seed; remove the folder"):
            train_translator(TRAIN, DEV, TEST, tmp_path / "a", RECIPE, seed=5)

    def test_nothing_is_written_over(self, trained: Path) -> None:
        with pytest.raises(UsageError, match="does not exist yet"):
            train_translator(TRAIN, DEV, TEST, trained, RECIPE)

    @pytest.mark.parametrize("wrong", [{"epochs": 0}, {"rate": 0.0}, {"smoothing": 1.0}, {"most_pieces": 1}])
    def test_bad_recipes_are_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(UsageError, match="expected"):
            TranslatorRecipe(**wrong)

    def test_files_are_cut_in_three(self, tmp_path: Path) -> None:
        rows = "".join(f"text {i}\ttexte {i}\n" for i in range(40))
        (tmp_path / "pairs.tsv").write_text("text\treference\n" + rows, "utf-8")
        splits = read_translation_splits(str(tmp_path / "pairs.tsv"))
        assert [len(part) for part in (splits.train, splits.dev, splits.test)] == [32, 4, 4]
        assert len({e.id for part in (splits.train, splits.dev, splits.test) for e in part}) == 40


class TestTranslator:
    def test_alone_equals_in_company(self, trained: Path) -> None:
        """Also for sentences that it has never seen, of many lengths."""
        translator = load_translator(str(trained))
        words = [*ENGLISH, *ADJECTIVES, "The", "zebra", "."]
        rng = np.random.default_rng(4)
        texts = [Text(" ".join(rng.choice(words, n))) for n in rng.integers(1, 25, 32)]
        alone = [translator.translate([[text]])[0][0] for text in texts]
        assert translator.translate([texts])[0].tolist() == alone
        first, second = translator.translate([texts[20:], texts[:20]])
        assert [*second, *first] == alone

    def test_blanks_do_not_matter(self, trained: Path) -> None:
        texts = [Text(s) for s in ("The old dog runs.", "  The  old\tdog runs.\n", "the old dog runs.", "", " ")]
        (answers,) = translate(load_translator(str(trained)), [texts])
        assert answers[0] == answers[1]
        assert answers[3] == answers[4]

    def test_only_so_many_words_are_seen(self, trained: Path) -> None:
        translator = load_translator(str(trained))
        text = Text("dog " * 300)
        seen = translator.visible(text)
        assert 20 < seen < 300
        other = Text("dog " * (seen + 1) + "sleeps " * (299 - seen))  # of the word at the edge, a part may be seen
        (answers,) = translator.translate([[text, other]])
        assert answers[0] == answers[1]
        assert translator.visible(Text("The dog.")) == 2

    def test_another_beam_is_another_translator(self, trained: Path) -> None:
        first = load_translator(str(trained))
        assert isinstance(first, SmallTranslator)
        second = SmallTranslator(first.network, first.pieces, "second", Beams(width=3))
        assert first.fingerprint != second.fingerprint
        assert load_translator(str(trained)).fingerprint == first.fingerprint

    def test_a_damaged_folder_is_refused(self, trained: Path, tmp_path: Path) -> None:
        for file in trained.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        card = read_card(tmp_path)
        with pytest.raises(BrokenData, match="do not fit the card"):
            load_small_translator(tmp_path, replace(card, architecture={**card.architecture, "width": 64}))
        (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
        with pytest.raises(BrokenData, match="expected a tokenizer"):
            load_translator(str(tmp_path))
        (tmp_path / FILE).write_text((tmp_path / FILE).read_text("utf-8").replace('"translator"', '"cnn"'), "utf-8")
        with pytest.raises(BrokenData, match="expected a translator"):
            load_translator(str(tmp_path))

    def test_pieces_bring_text_back(self) -> None:
        tokenizer = choose_pieces((side for e in TRAIN for side in (e.text, e.reference)), 70)
        assert tokenizer.get_vocab()["[END]"] == END
        for example in TRAIN:
            assert tokenizer.decode(tokenizer.encode(example.reference).ids) == example.reference
