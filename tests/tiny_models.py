"""Very small models with random weights, for tests that need no network."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

from turncoat.models.forms import WordForm
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.networks import WordVictim, build_network
from turncoat.models.vocabulary import Vocabulary
from turncoat.space import Space
from turncoat.text import Text

WORDS = [
    "a",
    "an",
    "the",
    "film",
    "movie",
    "plot",
    "is",
    "was",
    "not",
    "very",
    "good",
    "bad",
    "dull",
    "fine",
    "great",
    "poor",
    "and",
    "but",
    "of",
    "it",
    "in",
    "so",
    "cast",
]
ARCHITECTURES = {
    "cnn": {"widths": (3, 4, 5), "filters": 12, "embedding": 16, "dropout": 0.5, "max_words": 30},
    "lstm": {"hidden": 16, "embedding": 16, "bidirectional": False, "dropout": 0.5, "max_words": 30},
    "bilstm": {"hidden": 16, "embedding": 16, "bidirectional": True, "dropout": 0.5, "max_words": 30},
}


def word_victim(kind: str) -> WordVictim:
    torch.manual_seed(1)
    vocabulary, sizes = Vocabulary(WORDS), ARCHITECTURES[kind]
    network = build_network(kind.removeprefix("bi"), len(vocabulary), 3, sizes)
    return NetworkVictim(network, WordForm(vocabulary, sizes["max_words"]), ("bad", "so-so", "good"), kind)


def bert_folder(folder: Path, classifier: bool = True) -> Path:
    """A BERT of two layers with the tokenizer it needs; sees at most 24 tokens, two of which are its own."""
    torch.manual_seed(2)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, "##s", "##ly", "##est", ".", ","]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=24, model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)  # fmt: skip
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=24, id2label={0: "bad", 1: "good"},
    )  # fmt: skip
    (BertForSequenceClassification if classifier else BertModel)(config).save_pretrained(folder)
    return folder


def spaces() -> list[Space]:
    """Spaces of texts of many lengths, with synonyms that no tiny model knows."""
    words = (WORDS * 3)[:40]
    texts = [Text(" ".join(words[i : i + length])) for i, length in enumerate((1, 2, 3, 5, 7, 8, 11, 13, 20, 26))]
    return [Space(text, [("great", "mawkish", "tepid")] * len(text)) for text in texts]
