"""Choosing the pieces of words that a translator will know: the same for both languages."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from turncoat.models.small_translator import UNKNOWN_WORD

SPECIAL = ["[PAD]", UNKNOWN_WORD, "[START]", "[END]"]  # numbered as in `models.beam_search`
BLANK = "▁"


def choose_pieces(sentences: Iterable[str], most: int) -> Tokenizer:
    """Byte-pair encoding (R. Sennrich, B. Haddow, A. Birch, ACL 2016) of at most so many pieces.

    Case is kept. Punctuation stands alone; a blank is part of the piece that follows it, so that text comes back as it
    was, but for blanks beside each other.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN_WORD))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(BLANK, prepend_scheme="always"), pre_tokenizers.Punctuation("isolated")]
    )
    tokenizer.decoder = decoders.Metaspace(BLANK, prepend_scheme="always")
    trainer = trainers.BpeTrainer(vocab_size=most, special_tokens=SPECIAL, min_frequency=2, show_progress=False)
    tokenizer.train_from_iterator((" ".join(sentence.split()) for sentence in sentences), trainer)
    return tokenizer
