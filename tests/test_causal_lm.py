"""Perplexity by a tiny random GPT-2 is what its own loss says, text by text."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from tiny_models import WORDS, bert_folder
from turncoat.errors import MissingResource, UsageError
from turncoat.models import causal_lm
from turncoat.models.causal_lm import CausalLM

START, WINDOW = 1, 24
PIECES = ["[UNK]", "<|endoftext|>", *WORDS]
TEXT = "the film is not very good and the plot is dull"


def stored(folder: Path, model: PreTrainedModel, start: str | None = "<|endoftext|>") -> Path:
    model.save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel({piece: i for i, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", eos_token=start).save_pretrained(folder)
    return folder


def gpt2() -> PreTrainedModel:
    torch.manual_seed(3)
    config = GPT2Config(vocab_size=len(PIECES), n_positions=WINDOW, n_embd=16, n_layer=2, n_head=2)
    config.bos_token_id = config.eos_token_id = START
    model = GPT2LMHeadModel(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model.eval()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> CausalLM:
    return CausalLM(str(stored(tmp_path_factory.mktemp("gpt2"), gpt2())))


def losses(model: CausalLM, text: str, starts: list[int]) -> list[float]:
    """Loss of each token, read from the start that is given for it; token 0 begins the text."""
    ids = [START, *(PIECES.index(word) for word in text.split())]
    found = []
    with torch.inference_mode():
        for place, start in zip(range(1, len(ids)), starts, strict=True):
            logits = model.model(input_ids=torch.tensor([ids[start:place]])).logits[0, -1]
            found.append(-float(logits.log_softmax(0)[ids[place]]))
    return found


def test_every_token_counts_and_the_first_follows_the_start(model: CausalLM) -> None:
    expected = [math.exp(np.mean(losses(model, text, [0] * len(text.split())))) for text in (TEXT, "good", "dull film")]
    np.testing.assert_allclose(model.perplexities([TEXT, "good", "dull film"]), expected, rtol=1e-5)


def test_a_text_is_judged_by_itself(model: CausalLM) -> None:
    assert model.perplexities([TEXT, "good"])[1] == model.perplexities(["good"])[0]


def test_long_texts_are_read_in_windows_that_move_on_by_the_stride(
    model: CausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causal_lm, "STRIDE", 8)
    text = " ".join((WORDS * 3)[:50])  # with the start 51 tokens: 1 to 23, then 24 to 31, 32 to 39, 40 to 47, 48 to 50
    starts = [0] * 23 + [8] * 8 + [16] * 8 + [24] * 8 + [27] * 3  # the last window ends with the text
    expected = math.exp(np.mean(losses(model, text, starts)))
    np.testing.assert_allclose(model.perplexities([text]), [expected], rtol=1e-5)


def test_a_stride_beyond_the_window_still_sees_a_token_before(model: CausalLM) -> None:
    text = " ".join((WORDS * 3)[:50])
    starts = [0] * 23 + [23] * 23 + [27] * 4
    np.testing.assert_allclose(model.perplexities([text]), [math.exp(np.mean(losses(model, text, starts)))], rtol=1e-5)


def test_an_empty_text_has_none(model: CausalLM) -> None:
    assert np.isnan(model.perplexities([""])).all()


def test_what_is_no_causal_language_model_is_refused(tmp_path: Path) -> None:
    torch.manual_seed(4)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    bert = BertForMaskedLM(BertConfig(vocab_size=len(PIECES), max_position_embeddings=24, **sizes))
    for weight in bert.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    with pytest.raises(UsageError, match=r"sees the words that follow.*--masked-lm"):
        CausalLM(str(stored(tmp_path / "bert", bert)))
    with pytest.raises(UsageError, match="weights lack"):
        CausalLM(str(bert_folder(tmp_path / "classifier")))
    with pytest.raises(UsageError, match="token that begins"):
        CausalLM(str(stored(tmp_path / "startless", gpt2(), start=None)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="expected a causal language model"):
        CausalLM(str(tmp_path / "empty"))
    with pytest.raises(MissingResource, match="--online"):
        CausalLM("nobody/no-such-model")
