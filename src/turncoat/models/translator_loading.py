"""A translator from what a user types: a folder, a function or a hub name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from turncoat.errors import BrokenData, UsageError
from turncoat.models.card import FILE, read_card
from turncoat.models.importing import import_function
from turncoat.models.translator import FunctionTranslator, Translator

OPTIONS = ("prefix", "language", "beams")


def load_translator(spec: str, online: bool = False) -> Translator:
    """The translator that `spec` names.

    Args:
        spec: a folder that `turncoat train translator` wrote, "module:function" (a function from a list of strings to
            as many translations), or a Hugging Face encoder-decoder (folder or hub name). What the latter must be told
            (see `Seq2SeqTranslator`) stands after its name: "t5-small?prefix=translate English to German: ",
            "facebook/nllb-200-distilled-600M?language=deu_Latn&beams=1".
        online: whether the hub may be asked; otherwise only its cache on this machine is.

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
    name, _, told = spec.partition("?")
    if ":" in name and not path.exists():
        return FunctionTranslator(import_function(spec), spec)
    from turncoat.models.seq2seq import load_seq2seq

    return load_seq2seq(name, online, **_options(told))


def _options(told: str) -> dict[str, Any]:
    """What stands after a model's name, joined by "&"; blanks and other signs are taken as they are."""
    found: dict[str, Any] = {}
    for part in filter(None, told.split("&")):
        key, _, value = part.partition("=")
        if key not in OPTIONS or not value or (key == "beams" and not value.isdecimal()):
            raise UsageError(
                f"expected prefix=TEXT, language=TOKEN or beams=NUMBER after a translator's name, got {part!r}"
            )
        found[key] = int(value) if key == "beams" else value
    return found
