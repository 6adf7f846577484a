"""Translators: sentences with a person's translations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from turncoat.attacks.attack import Attack, TaskName
from turncoat.config import to_table
from turncoat.data.parallel import read_translations
from turncoat.data.translation import TranslationDataset
from turncoat.errors import UsageError
from turncoat.evaluation.translating import TranslationTask
from turncoat.goals.likeness import CharacterGrams, Likeness, SentenceVectors
from turncoat.models.card import kind_of
from turncoat.models.translator import FunctionTranslator, Translator, translator_responders
from turncoat.models.translator_loading import load_translator
from turncoat.registry import TRANSLATION_DATASETS
from turncoat.tasks.kind import Files, Kind, Ready, Wishes

ETA = 0.5
LIKENESSES: dict[str, Callable[[], Likeness]] = {"vectors": SentenceVectors, "chrf": CharacterGrams}


class Translation(Kind):
    """Spoiling translations."""

    name: ClassVar[TaskName] = "translation"
    victims: ClassVar[type] = Translator
    data: ClassVar[type] = TranslationDataset
    usual_attack: ClassVar[str] = "cea-min"
    wishes: ClassVar[frozenset[str]] = frozenset(("eta", "likeness"))

    def names_victim(self, spec: str) -> bool:
        return kind_of(Path(spec)) == "translator"

    def names_data(self, source: str) -> bool:
        return source in TRANSLATION_DATASETS.names() or ("," in source and not Path(source).exists())

    def load(self, spec: str, online: bool) -> Translator:
        return load_translator(spec, online)

    def from_function(self, function: Callable[..., Any]) -> Translator:
        return FunctionTranslator(function)

    def read(self, source: str, split: str, files: Files) -> TranslationDataset:
        return read_translations(source, split, files.text, files.reference, files.strict)

    def ready(
        self, victim: Translator, data: TranslationDataset, attack: Attack, wishes: Wishes, seed: int, encoder: bool
    ) -> Ready:
        self.expect(data)
        likeness, eta = _likeness(wishes.likeness, encoder), ETA if wishes.eta is None else wishes.eta
        task = TranslationTask(
            attack=attack, translator=victim, eta=eta, likeness=likeness, seed=seed, measure_similarity=encoder
        )
        config = {"task": self.name, "eta": eta, "likeness": to_table(likeness)}
        return Ready(task, data, translator_responders(victim), config)


def _likeness(name: str | None, encoder: bool) -> Likeness:
    """As named; else by sentence vectors if there is an encoder, and by characters if there is none."""
    name = name or ("vectors" if encoder else "chrf")
    if name not in LIKENESSES:
        raise UsageError(f"expected a likeness of translations, one of {', '.join(LIKENESSES)}, got {name!r}")
    if name == "vectors" and not encoder:
        raise UsageError("likeness by vectors needs a sentence encoder; name one, or choose the likeness chrf")
    return LIKENESSES[name]()
