"""Which words a model's verdict hangs on: by how much its log-probability falls when a word goes.

Source: Appendix C of L. Yuan, X. Zheng, Y. Zhou, C.-J. Hsieh, K.-W. Chang. "Generating Universal Language Adversarial
Examples by Understanding and Enhancing the Transferability across Neural Models." 2020 (arXiv 2011.08558).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turncoat.engine.query import Responders
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.models.classes import check_same_classes, class_index
from turncoat.models.victim import Victim, checked
from turncoat.space import Space
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text

FLOOR = 1e-12  # smallest probability of which a logarithm is taken
FAMILIES = ("BERT", "Character", "ELMo", "Word", "Other")  # in the order of Figures 5 and 6

Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Importance:
    """What words and substitutes of one text are worth to several models.

    I = log F_y(x) - log F_y(x with the change), natural logarithm: positive where the change hurts the label.

    Attributes:
        text: the untouched text.
        label: y, by name.
        models, families: rows, grouped by family.
        clean: (models,) F_y(x).
        words: (models, words) I of each word made unknown, in the way of each model's own; nan where a model's input is
            cut off before the word.
        position: of the word that was replaced; None if none was.
        substitutes: what stood there instead.
        swaps: (models, substitutes) I of each.
    """

    text: Text
    label: str
    models: tuple[str, ...]
    families: tuple[str, ...]
    clean: Scores
    words: Scores
    position: int | None
    substitutes: tuple[str, ...]
    swaps: Scores


def measure(
    victims: Iterable[tuple[str, Victim]],
    text: Text,
    label: str | None = None,
    position: int | None = None,
    substitutes: Sequence[str] = (),
) -> Importance:
    """Ask each model once about the text, each word made unknown, and each substitute: 1 + n + m texts.

    Args:
        victims: with the names of their rows; may be loaded one by one.
        label: name or number of the class; None for the one that the models find likeliest on average.
        position: of the word that the substitutes replace; they take on its case, repeats and the word itself go.

    Raises:
        UsageError: a text without words; no victim, a name twice, victims whose classes differ; no such class or word.
        VictimError: an answer is no verdict.
    """
    if not len(text):
        raise UsageError(f"expected a text with words, got {str(text)!r}")
    if position is not None and not 0 <= position < len(text):
        raise UsageError(f"expected a word from 0 to {len(text) - 1}, got {position}")
    options = [substitutes if i == position else () for i in range(len(text))]
    rows, classes = _ask_all(victims, text, options)
    rows.sort(key=lambda row: FAMILIES.index(row.family))
    probabilities = np.stack([row.probabilities for row in rows])
    number = int(probabilities[:, 0].mean(axis=0).argmax()) if label is None else class_index(label, classes)
    logs = np.log(np.maximum(probabilities[:, :, number], FLOOR))
    losses = logs[:, :1] - logs[:, 1:]
    return Importance(
        text=text,
        label=classes[number],
        models=tuple(row.name for row in rows),
        families=tuple(row.family for row in rows),
        clean=probabilities[:, 0, number],
        words=losses[:, : len(text)],
        position=position,
        substitutes=() if position is None else Space(text, options, multiword=True).options[position],
        swaps=losses[:, len(text) :],
    )


def family_of(victim: Victim) -> str:
    """BERT, Character, ELMo or Word by what the model reads: sub-words, characters, both, or words; else Other."""
    # here, so that this file can be imported without torch
    from turncoat.models.forms import CharacterForm, SpelledForm, WordForm
    from turncoat.models.network_victim import NetworkVictim
    from turncoat.models.transformer import TransformerVictim

    reads = victim.form if isinstance(victim, NetworkVictim) else victim
    if isinstance(reads, WordForm):
        return "Word"
    if isinstance(reads, CharacterForm):
        return "Character"
    if isinstance(reads, SpelledForm):
        return "ELMo"
    return "BERT" if isinstance(reads, TransformerVictim) else "Other"


def proposals(
    source: Substitutions, text: Text, position: int, responders: Responders | None = None
) -> tuple[str, ...]:
    """What a source offers for one word of the text, best first."""
    ((_, options),) = run([Task("substitutes", source.propose(text, [position]))], responders or {})
    return tuple(options[position])


@dataclass(frozen=True, eq=False)
class _Row:
    """What one model answers: probabilities (texts, classes)."""

    name: str
    family: str
    probabilities: Scores


def _ask_all(
    victims: Iterable[tuple[str, Victim]], text: Text, options: Sequence[Sequence[str]]
) -> tuple[list[_Row], tuple[str, ...]]:
    """A row a model, and the classes that all share."""
    rows: list[_Row] = []
    classes: tuple[str, ...] = ()
    for name, victim in victims:
        if any(row.name == name for row in rows):
            raise UsageError(f"expected each model once, got {name} twice")
        classes = classes or victim.labels
        if rows:
            check_same_classes(rows[0].name, classes, name, victim.labels)
        space = Space(text, options, None, victim.unknown, multiword=True)
        rows.append(_Row(name, family_of(victim), _ask(victim, space)))
    if not rows:
        raise UsageError("expected at least one victim, got none")
    return rows, classes


def _ask(victim: Victim, space: Space) -> Scores:
    """Probabilities (texts, classes): untouched, words made unknown, swaps; nan where the change is not seen."""
    masked, swaps = space.masked(), space.swaps()
    choices = np.concatenate([space.original().choices, masked.choices, swaps.choices])
    changed = np.array([-1, *range(len(masked)), *np.repeat(space.positions, len(swaps))])
    answer = checked(victim, [space.variants(choices)])[0].copy()
    answer[changed >= victim.visible(space.text)] = np.nan
    return answer
