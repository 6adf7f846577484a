"""Translators from Hugging Face, with tiny random models of two kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import MarianConfig, MarianMTModel, PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from tiny_models import WORDS, bert_folder
from turncoat.errors import UsageError
from turncoat.models.seq2seq import Seq2SeqTranslator, load_seq2seq
from turncoat.models.translator import translate
from turncoat.models.translator_loading import load_translator
from turncoat.text import Text

PIECES = ["<pad>", "</s>", "<unk>", "de_DE", *WORDS, "translate", "."]


def tokenizer(folder: Path) -> None:
    words = Tokenizer(models.WordLevel({piece: i for i, piece in enumerate(PIECES)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", pad_token="<pad>", eos_token="</s>", model_max_length=16
    ).save_pretrained(folder)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    torch.manual_seed(0)
    sizes = {"vocab_size": len(PIECES), "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    marian = MarianConfig(
        **sizes, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=64, init_std=0.5, forced_eos_token_id=None,
    )  # fmt: skip
    t5 = T5Config(**sizes, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, initializer_factor=5.0)
    networks: dict[str, Any] = {"marian": MarianMTModel(marian), "t5": T5ForConditionalGeneration(t5)}
    made = {}
    for name, network in networks.items():
        made[name] = tmp_path_factory.mktemp(name)
        tokenizer(made[name])
        network.save_pretrained(made[name])
    return made


def texts(count: int) -> list[Text]:
    rng = np.random.default_rng(2)
    return [Text(" ".join(rng.choice(WORDS, size)) + ".") for size in rng.integers(1, 14, count)]


@pytest.mark.parametrize("kind", ["marian", "t5"])
class TestEveryKind:
    def test_alone_equals_in_company(self, kind: str, folders: dict[str, Path]) -> None:
        translator = load_translator(f"{folders[kind]}?beams=2")
        asked = texts(12)
        alone = [translator.translate([[text]])[0][0] for text in asked]
        assert translator.translate([asked])[0].tolist() == alone
        assert len(set(alone)) > 2

    def test_blanks_do_not_matter(self, kind: str, folders: dict[str, Path]) -> None:
        (answers,) = translate(
            load_seq2seq(folders[kind]), [[Text("the film is good."), Text(" the  film\tis good. ")]]
        )
        assert answers[0] == answers[1]

    def test_only_so_many_words_are_seen(self, kind: str, folders: dict[str, Path]) -> None:
        translator = load_seq2seq(folders[kind], prefix="translate ")
        long = Text("good " * 40)
        assert translator.visible(Text("good film.")) == 2
        assert translator.visible(long) == 14  # of 16 tokens, one is the prefix and one the end
        other = Text("good " * 14 + "bad " * 26)
        assert len(set(translator.translate([[long, other]])[0])) == 1

    def test_a_prefix_is_read(self, kind: str, folders: dict[str, Path]) -> None:
        plain, told = load_seq2seq(folders[kind]), load_seq2seq(folders[kind], prefix="translate ")
        asked = [texts(6)]
        assert plain.translate(asked)[0].tolist() != told.translate(asked)[0].tolist()
        assert plain.fingerprint != told.fingerprint

    def test_a_language_is_a_token_of_the_model(self, kind: str, folders: dict[str, Path]) -> None:
        assert isinstance(load_seq2seq(folders[kind], language="de_DE"), Seq2SeqTranslator)
        with pytest.raises(UsageError, match="expected a language token of this model, got 'fr_FR'"):
            load_seq2seq(folders[kind], language="fr_FR")


def test_what_is_no_translator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a translator"):
        load_translator(str(bert_folder(tmp_path)))
    with pytest.raises(UsageError, match="expected module:function"):
        load_translator("no_such_module:function")


def test_what_a_model_must_be_told_stands_after_its_name(folders: dict[str, Path]) -> None:
    told = load_translator(f"{folders['t5']}?prefix=translate film: &language=de_DE&beams=2")
    same = load_seq2seq(folders["t5"], prefix="translate film: ", language="de_DE", beams=2)
    assert (told.name, told.fingerprint) == (same.name, same.fingerprint)
    for wrong in ("beams=two", "beam=2", "prefix"):
        with pytest.raises(UsageError, match=f"after a translator's name, got '{wrong}'"):
            load_translator(f"{folders['t5']}?{wrong}")


def test_functions_are_translators() -> None:
    found = load_translator("dictionary_translator:german")
    assert translate(found, [[Text("the dog")]])[0].tolist() == ["der Hund"]
