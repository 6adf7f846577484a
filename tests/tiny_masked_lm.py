"""Very small masked language models with random weights, and what a plain forward pass of theirs says."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForMaskedLM,
)

WORDS = [
    "a", "an", "the", "film", "movie", "plot", "is", "was", "not", "very", "good", "bad", "dull", "fine", "great",
    "poor", "and", "but", "it", "in", "so", "cast", "cafe",
]  # fmt: skip
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, "##s", "##ly", "##ish", ".", ",", "(", "'", "7", "b4"]
SPECIAL = {
    "unk_token": "[UNK]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
ROBERTA = {"unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>"}
BLANK_AND_MASK = AddedToken("<mask>", lstrip=True, special=True)  # RoBERTa's mask swallows the blank before it
BYTE_LEVEL = ["Ġfilm", "ĠFilm", "ĠFILM", "Ġis", "Ġplot", "Ġgood", "good", "goodly", "Ġthe", "ish"]


def wordpiece_folder(folder: Path, most_tokens: int = 64, distil: bool = False) -> Path:
    """A BERT (or DistilBERT) of two layers that reads lower case without accents."""
    torch.manual_seed(4)
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_truncation(8)  # as many a tokenizer.json has it; must not matter
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=most_tokens, **SPECIAL).save_pretrained(folder)
    sizes = {"vocab_size": len(PIECES), "max_position_embeddings": most_tokens}
    if distil:
        small = DistilBertConfig(dim=32, n_layers=2, n_heads=2, hidden_dim=64, initializer_range=0.5, **sizes)
        DistilBertForMaskedLM(small).save_pretrained(folder)
    else:
        config = BertConfig(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, initializer_range=0.5,
            **sizes,
        )  # fmt: skip
        BertForMaskedLM(config).save_pretrained(folder)
    return folder


def byte_level_folder(folder: Path) -> Path:
    """A RoBERTa of two layers: cased, pieces marked where a blank stands before them."""
    torch.manual_seed(5)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [(word[:i], word[i]) for word in BYTE_LEVEL for i in range(1, len(word))]
    pieces = dict.fromkeys(["<s>", "<pad>", "</s>", "<unk>", *alphabet, *(a + b for a, b in merges)])
    numbers = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(numbers, list(dict.fromkeys(merges)), unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, mask_token=BLANK_AND_MASK, **ROBERTA
    )
    fast.save_pretrained(folder)
    config = RobertaConfig(
        vocab_size=len(fast), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=66, pad_token_id=1, initializer_range=0.5,
    )  # fmt: skip
    RobertaForMaskedLM(config).save_pretrained(folder)
    return folder


class Plain:
    """The same model, asked in the plainest way."""

    def __init__(self, folder: Path) -> None:
        self.model = AutoModelForMaskedLM.from_pretrained(folder).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)

    def chances(self, masked: str) -> torch.Tensor:
        """Log-probabilities (masks, pieces) at the masks of a string."""
        inputs = self.tokenizer(masked, return_tensors="pt")
        with torch.no_grad():
            logits = self.model(input_ids=inputs["input_ids"]).logits[0]
        return logits.log_softmax(1)[inputs["input_ids"][0] == self.tokenizer.mask_token_id]

    def number(self, piece: str) -> int:
        return int(self.tokenizer.convert_tokens_to_ids(piece))
