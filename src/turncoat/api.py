"""Attacking from Python: `turncoat.attack(...)` and `turncoat.attack_text(...)`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from turncoat.attacks.attack import Attack
from turncoat.config import to_table, with_settings
from turncoat.data.example import Dataset, Example
from turncoat.engine.meter import Meter
from turncoat.engine.query import Embed, Predict, Responders
from turncoat.errors import UsageError
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.environment import environment
from turncoat.evaluation.execution import OnOutcome, execute
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.publishing import publish
from turncoat.evaluation.run import Run
from turncoat.models.filling import DEFAULT_MASKED_LM, masked_lm_responders
from turncoat.models.loading import function_victim, load_victim
from turncoat.models.minilm import DEFAULT_ENCODER, encoder_is_here
from turncoat.models.victim import HardLabel, Victim, responders
from turncoat.registry import ATTACKS
from turncoat.substitutions.constraints import Constraint
from turncoat.substitutions.expression import read_substitutions
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text

VictimLike = Victim | str | Path | Callable[[list[str]], Any]
AUTO = "auto"


def attack(
    victim: VictimLike,
    data: Dataset | Sequence[tuple[str, int]],
    method: Attack | str = "pwws",
    *,
    settings: Sequence[str] = (),
    candidates: Substitutions | str | None = None,
    constraints: Sequence[Constraint] = (),
    examples: int | None = None,
    seed: int = 0,
    budget: int | None = None,
    live: int = 128,
    target: str | int | None = None,
    from_class: str | int | None = None,
    hard_label: bool = False,
    encoder: str | None = AUTO,
    masked_lm: str | None = AUTO,
    out: str | Path | None = None,
    online: bool = False,
    on_outcome: OnOutcome = lambda outcome: None,
    meter: Meter | None = None,
) -> Run:
    """Attack many examples.

    Args:
        victim: a `Victim`, a folder, a hub name, or any callable `list[str] -> probabilities (texts, classes)`.
        data: a `Dataset` (see `turncoat.load_dataset`) or pairs (text, class index).
        method: an `Attack`, or a registered name such as "pwws", "cea-paper", "cea-min" or "random".
        settings: changes to the attack's parameters, "samples=50" or "substitutions.inflect=true".
        candidates: where replacement words come from instead of the attack's own source: a source, or a line such as
            "content-words(masked-lm & sememes)".
        constraints: rules that the final text must keep, beside the attack's own.
        examples: how many examples to draw from the data; None for all.
        seed: the run seed; with the example's id it decides all random numbers of that example.
        budget: most unique questions to the victim an example.
        live: how many examples are under way at once; changes the speed, never an outcome.
        target: class (name or index) to turn the verdict to; None for any other than the gold one.
        from_class: attack examples of this gold class only (name or index), and draw among them; None for all.
        hard_label: let the attack see labels only.
        encoder: sentence encoder for similarities: a folder or hub name, "auto" for the bundled one, None for none.
        masked_lm: masked language model for words that fit the text: a folder or hub name, "auto" for the one found on
            this machine, None for none. Its answers are kept in the cache folder.
        out: run folder; an interrupted run is continued there. None keeps nothing on disk.
        online: allow downloads from the hub.
        on_outcome: called with every outcome as it ends.

    Returns:
        The run: its outcomes, `summary`, and `to_frame()`.

    Raises:
        UsageError: names or values that cannot work. MissingResource: something must be fetched first.
        VictimError: the victim's answer is no verdict; finished outcomes are kept in `out`.
    """
    victim_source = str(victim) if isinstance(victim, str | Path) else ""
    victim = load(victim, online)
    source_class = _class_index(from_class, victim.labels)
    dataset = _of_class(align(_dataset(data), victim), source_class).sample(examples, seed)
    chosen = ATTACKS.get(method)() if isinstance(method, str) else method
    if candidates is not None:
        source = read_substitutions(candidates) if isinstance(candidates, str) else candidates
        chosen = replace(chosen, substitutions=source)
    chosen = with_settings(chosen, settings)
    chosen = replace(chosen, constraints=(*chosen.constraints, *constraints))
    name = method if isinstance(method, str) else type(method).__name__
    if hard_label and chosen.needs_probabilities:
        raise UsageError(f"{name} needs probabilities; it cannot attack a victim with hard labels")
    encoder = encoder if encoder != AUTO or encoder_is_here() else None
    setting = Setting(chosen, victim, _class_index(target, victim.labels), hard_label, seed, encoder is not None)
    description = {
        "config": {
            "seed": seed,
            "budget": budget,
            "target": None if setting.target is None else victim.labels[setting.target],
            "from_class": None if source_class is None else victim.labels[source_class],
            "hard_label": hard_label,
            "encoder": DEFAULT_ENCODER if encoder == AUTO else encoder,
            "masked_lm": (DEFAULT_MASKED_LM if masked_lm == AUTO else masked_lm) if _asks_masked_lm(chosen) else None,
            "attack": {"name": name, **to_table(chosen)},
            "victim": {"name": victim.name, "fingerprint": victim.fingerprint, "labels": list(victim.labels)},
            "data": {"name": dataset.name, "examples": len(dataset), "digest": digest(dataset)},
        },
        "engine": {"live": live},
        "source": {"victim": victim_source or victim.name, "data": dataset.source},
        "environment": environment(),
    }
    answers = _responders(victim, hard_label, encoder, masked_lm, online)
    folder = None if out is None else RunFolder(Path(out))
    run = execute(dataset, setting, answers, description, budget, live, folder, on_outcome, meter)
    if folder is not None:
        publish(run)
    return run


def attack_text(
    victim: VictimLike, text: str, method: Attack | str = "pwws", label: str | int | None = None, **options: Any
) -> Outcome:
    """Attack one text; `label` is its gold class (name or index), by default what the victim says now.

    Takes the options of `attack`.
    """
    victim = load(victim, bool(options.get("online", False)))
    index = _class_index(label, victim.labels)
    if index is None:
        index = int(responders(victim)[Predict]([[Text(text)]])[0][0].argmax())
    dataset = Dataset("one text", (Example("text", text, index),), victim.labels)
    return attack(victim, dataset, method, **options).outcomes[0]


def align(dataset: Dataset, victim: Victim) -> Dataset:
    """The data set with its labels numbered as the victim numbers its classes.

    Names decide where both have the same; a victim without names of its own ("0", "LABEL_1") takes the data set's.

    Raises:
        UsageError: neither fits; both lists are shown.
    """
    ours, theirs = dataset.labels, victim.labels
    if not ours or [name.lower() for name in ours] == [name.lower() for name in theirs]:
        return dataset
    lowered = [name.lower() for name in theirs]
    if sorted(name.lower() for name in ours) == sorted(lowered):
        renumbered = tuple(replace(e, label=lowered.index(ours[e.label].lower())) for e in dataset)
        return replace(dataset, examples=renumbered, labels=theirs)
    nameless = all(name.removeprefix("LABEL_") == str(i) for i, name in enumerate(theirs))
    if nameless and len(ours) == len(theirs):
        return dataset
    raise UsageError(
        f"the classes of {dataset.name} and of {victim.name} differ: {', '.join(ours)} in the data, "
        f"{', '.join(theirs)} in the victim; attack a victim that was trained for these classes"
    )


def digest(dataset: Dataset) -> str:
    """sha256 over the ids, texts and labels of the examples: the same digest means the same questions."""
    content = json.dumps([(e.id, e.text, e.label) for e in dataset])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def load(victim: VictimLike, online: bool = False) -> Victim:
    """A victim from whatever names or is one; see `attack`."""
    if isinstance(victim, Victim):
        return victim
    if isinstance(victim, str | Path):
        return load_victim(str(victim), online)
    return function_victim(victim)


def _dataset(data: Dataset | Sequence[tuple[str, int]]) -> Dataset:
    if isinstance(data, Dataset):
        return data
    examples = tuple(Example(f"{i:05d}", text, int(label)) for i, (text, label) in enumerate(data))
    return Dataset("given texts", examples, ())


def _of_class(dataset: Dataset, label: int | None) -> Dataset:
    if label is None:
        return dataset
    return replace(dataset, examples=tuple(example for example in dataset if example.label == label))


def _class_index(label: str | int | None, labels: Sequence[str]) -> int | None:
    if label is None:
        return None
    if isinstance(label, str) and label in labels:
        return labels.index(label)
    if str(label).isdecimal() and int(label) < len(labels):
        return int(label)
    raise UsageError(f"expected one of the classes {', '.join(labels)} (or its index), got {label!r}")


def _asks_masked_lm(part: Any) -> bool:
    """Whether an attack, or anything that it holds, says that it may ask the masked language model."""
    if isinstance(part, tuple):
        return any(map(_asks_masked_lm, part))
    if not is_dataclass(part):
        return False
    asks = getattr(part, "asks_masked_lm", False)
    return asks or any(_asks_masked_lm(getattr(part, field.name)) for field in fields(part))


def _responders(
    victim: Victim, hard_label: bool, encoder: str | None, masked_lm: str | None, online: bool
) -> Responders:
    @cache
    def sentence_encoder() -> Any:  # loaded when it is first asked: a search may end before
        from turncoat.models.encoding import load_encoder

        return load_encoder(None if encoder in (None, AUTO) else encoder, online)

    answers = dict(responders(HardLabel(victim) if hard_label else victim))
    answers[Embed] = lambda batches: sentence_encoder().embed(batches)
    if masked_lm is not None:
        answers |= masked_lm_responders(None if masked_lm == AUTO else masked_lm, online)
    return answers
