"""The one door to the masked language model: found, loaded when it is first asked something new, its answers kept."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from turncoat.data.resources import locate
from turncoat.engine.query import FILLS, Cloze, Fill, Responders, Weigh
from turncoat.errors import MissingResource
from turncoat.models.answer_store import AnswerStore, Form
from turncoat.models.finding import FILES, find_folder

DEFAULT_MASKED_LM = "minilm-mlm"
WINDOW = 128  # tokens that the model sees on either side of a hole
RULES = 1  # raise it when the same weights would answer otherwise


def masked_lm_folder(name: str | None = None, online: bool = False) -> Path:
    """Folder of a masked language model: a folder or hub name; None for the one found on this machine.

    Raises:
        MissingResource: it is not on this machine.
    """
    try:
        return find_folder(name, online) if name else locate("masked_lm")
    except MissingResource as error:
        raise MissingResource(
            f"{error}\nWords that fit a text need a masked language model: name one on the hub "
            '(--masked-lm roberta-large --online, or masked_lm="roberta-large", online=True), name its folder, or set '
            f"TURNCOAT_DATA to the folder that holds models/{DEFAULT_MASKED_LM}. "
            "Or choose candidates that need none: --candidates wordnet"
        ) from error


def masked_lm_responders(name: str | None = None, online: bool = False, store: AnswerStore | None = None) -> Responders:
    """What answers `Fill` and `Weigh`: the store (default: in the cache folder), and for new questions the model."""

    @cache
    def model() -> Any:
        from turncoat.models.masked_lm import MaskedLanguageModel

        return MaskedLanguageModel(name, online)

    @cache
    def answers() -> Responders:
        found = {Fill: lambda batches: model().fill(batches), Weigh: lambda batches: model().weigh(batches)}
        source = folder_fingerprint(masked_lm_folder(name, online))
        try:
            kept = store or AnswerStore()
        except MissingResource:  # a machine without a place to write only takes longer
            return found
        return {kind: kept.wrap(responder, source, FORMS[kind]) for kind, responder in found.items()}

    return {Fill: lambda batches: answers()[Fill](batches), Weigh: lambda batches: answers()[Weigh](batches)}


def folder_fingerprint(folder: Path) -> str:
    """sha256 over the files of a model's folder, by name."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in FILES for path in folder.glob(pattern)}):
        with path.open("rb") as file:
            digest.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


def around(cloze: Cloze) -> tuple[str, str]:
    """What stands before and after the hole."""
    string, start = str(cloze.text), cloze.text.offset(cloze.position)
    return string[:start], string[start + len(cloze.text.words[cloze.position]) :]


FORMS = {
    Fill: Form(f"fill {RULES} {FILLS} {WINDOW}", lambda c: json.dumps([*around(c), c.text.words[c.position]])),
    Weigh: Form(f"weigh {RULES} {WINDOW}", lambda c: json.dumps([*around(c), c.word])),
}
