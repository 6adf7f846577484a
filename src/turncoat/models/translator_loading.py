"""A translator from what a user types: a folder, a function or a hub name."""

from __future__ import annotations

from pathlib import Path

from turncoat.errors import BrokenData
from turncoat.models.card import FILE, read_card
from turncoat.models.importing import import_function
from turncoat.models.translator import FunctionTranslator, Translator


def load_translator(
    spec: str, online: bool = False, prefix: str = "", language: str | None = None, beams: int = 4
) -> Translator:
    """The translator that `spec` names.

    Args:
        spec: a folder that `turncoat train translator` wrote, a Hugging Face encoder-decoder (folder or hub name), or
            "module:function" (a function from a list of strings to as many translations).
        online: whether the hub may be asked; otherwise only its cache on this machine is.
        prefix, language, beams: of Hugging Face models; see `Seq2SeqTranslator`.

    Raises:
        UsageError: `spec` is none of these. MissingResource: a hub model that is not on this machine.
        BrokenData: a stored translator that was damaged.
    """
    path = Path(spec)
    if (path / FILE).is_file():
        from turncoat.models.small_translator import KIND, load_small_translator

        card = read_card(path)
        if card.kind != KIND:
            raise BrokenData(f"{path / FILE}: expected a translator, got a victim of the kind {card.kind!r}")
        return load_small_translator(path, card)
    if ":" in spec and not path.exists():
        return FunctionTranslator(import_function(spec), spec)
    from turncoat.models.seq2seq import load_seq2seq

    return load_seq2seq(spec, online, prefix, language, beams)
