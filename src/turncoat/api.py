"""Attacking from Python: `turncoat.attack(...)` and `turncoat.attack_text(...)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from turncoat.attacks.attack import Attack
from turncoat.config import to_table, with_settings
from turncoat.data.example import Dataset, Example
from turncoat.data.reading import ReadingDataset
from turncoat.data.translation import TranslationDataset
from turncoat.engine.meter import Meter
from turncoat.engine.query import Embed, Predict, Responders
from turncoat.errors import UsageError
from turncoat.evaluation.environment import environment
from turncoat.evaluation.execution import OnOutcome, execute
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.publishing import publish
from turncoat.evaluation.run import Run
from turncoat.models.classes import class_index
from turncoat.models.filling import DEFAULT_MASKED_LM, masked_lm_responders
from turncoat.models.minilm import DEFAULT_ENCODER, encoder_is_here
from turncoat.models.reader import Reader
from turncoat.models.translator import Translator
from turncoat.models.victim import Victim, responders
from turncoat.substitutions.constraints import Constraint
from turncoat.substitutions.expression import read_substitutions
from turncoat.substitutions.proposing import Substitutions
from turncoat.tasks.classification import align as align
from turncoat.tasks.finding import KINDS, find_kind
from turncoat.tasks.kind import Wishes
from turncoat.text import Text

ClassifierLike = Victim | str | Path | Callable[[list[str]], Any]
VictimLike = ClassifierLike | Reader | Translator | Callable[[list[tuple[str, str]]], Any]
Data = Dataset | Sequence[tuple[str, int]] | ReadingDataset | TranslationDataset
AUTO = "auto"


def attack(
    victim: VictimLike,
    data: Data,
    method: Attack | str | None = None,
    *,
    task: str | None = None,
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
    eta: float | None = None,
    likeness: str | None = None,
    encoder: str | None = AUTO,
    masked_lm: str | None = AUTO,
    out: str | Path | None = None,
    online: bool = False,
    source: str = "",
    on_outcome: OnOutcome = lambda outcome: None,
    meter: Meter | None = None,
) -> Run:
    """Attack many examples.

    Args:
        victim: a `Victim`, `Reader` or `Translator`, a folder, a hub name, or any callable: from a list of strings to
            probabilities (texts, classes) or translations, from a list of (paragraph, question) to answers.
        data: a `Dataset` (see `turncoat.load_dataset`), pairs (text, class index), a `ReadingDataset` or a
            `TranslationDataset`.
        method: an `Attack`, or a registered name such as "pwws", "cea-paper" or "add-any"; None for the task's usual
            one: "pwws", "add-any" (reading), "cea-min" (translation).
        task: "classification", "reading" or "translation"; None for what the data or the victim tell.
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
        eta: the least distortion of a translation that counts as success, 0.5 by default; see `Distort`.
        likeness: of translations, "vectors" (of the encoder) or "chrf" (of characters); None for vectors if there is
            an encoder.
        encoder: sentence encoder for similarities: a folder or hub name, "auto" for the bundled one, None for none.
        masked_lm: masked language model for words that fit the text: a folder or hub name, "auto" for the one found on
            this machine, None for none. Its answers are kept in the cache folder.
        out: run folder; an interrupted run is continued there. None keeps nothing on disk.
        online: allow downloads from the hub.
        source: where the victim came from, if it is one already; kept with the run, for `turncoat judge`.
        on_outcome: called with every outcome as it ends.

    Returns:
        The run: its outcomes, `summary`, and `to_frame()`.

    Raises:
        UsageError: names or values that cannot work. MissingResource: something must be fetched first.
        VictimError: the victim's answer is no verdict; finished outcomes are kept in `out`.
    """
    if min(live, 1 if budget is None else budget) < 1:
        raise UsageError(f"expected at least 1 for live and for the budget, got {live} and {budget}")
    source = source or (str(victim) if isinstance(victim, str | Path) else "")
    kind = find_kind(victim, data, task)
    wishes = Wishes(target=target, from_class=from_class, hard_label=hard_label, eta=eta, likeness=likeness)
    wishes.only(kind.wishes, kind.name)
    model = kind.victim(victim, online)
    name, chosen = kind.attack(method)
    if candidates is not None:
        words = read_substitutions(candidates) if isinstance(candidates, str) else candidates
        chosen = replace(chosen, substitutions=words)
    chosen = with_settings(chosen, settings)
    chosen = replace(chosen, constraints=(*chosen.constraints, *constraints))
    here = encoder is not None and (encoder != AUTO or encoder_is_here())
    ready = kind.ready(model, data, chosen, wishes, seed, here)
    if encoder is None and chosen.asks_encoder:
        raise UsageError(f"{name} asks how similar texts are to the original; name a sentence encoder")
    if masked_lm is None and _asks_masked_lm(chosen):
        raise UsageError(f"{name} asks a masked language model for words; name one, or other candidates")
    dataset = ready.data.sample(examples, seed)
    asked = encoder if here and (ready.measures_similarity or chosen.constraints) else None
    description = {
        "config": {
            "seed": seed,
            "budget": budget,
            **ready.config,
            "encoder": DEFAULT_ENCODER if asked == AUTO else asked,
            "masked_lm": (DEFAULT_MASKED_LM if masked_lm == AUTO else masked_lm) if _asks_masked_lm(chosen) else None,
            "attack": {"name": name, **to_table(chosen)},
            "victim": {"name": model.name, "fingerprint": model.fingerprint, "labels": list(ready.task.labels)},
            "data": {"name": dataset.name, "examples": len(dataset), "digest": dataset.digest},
        },
        "engine": {"live": live},
        "source": {"victim": source or model.name, "data": dataset.source},
        "environment": environment(),
    }
    answers = {**ready.responders, **_other_responders(encoder, masked_lm, online)}
    folder = None if out is None else RunFolder(Path(out))
    run = execute(dataset, ready.task, answers, description, budget, live, folder, on_outcome, meter)
    if folder is not None:
        publish(run)
    return run


def attack_text(
    victim: ClassifierLike, text: str, method: Attack | str = "pwws", label: str | int | None = None, **options: Any
) -> Outcome:
    """Attack one text of a classifier; `label` is its gold class (name or index), by default what the victim says now.

    Takes the options of `attack`.
    """
    victim = load(victim, bool(options.get("online", False)))
    if label is None:
        label = int(responders(victim)[Predict]([[Text(text)]])[0][0].argmax())
    dataset = Dataset("one text", (Example("text", text, class_index(label, victim.labels)),), victim.labels)
    return attack(victim, dataset, method, **options).outcomes[0]


def load(victim: ClassifierLike, online: bool = False) -> Victim:
    """A classifier from whatever names or is one; see `attack`."""
    classifier: Victim = KINDS["classification"].victim(victim, online)
    return classifier


def _asks_masked_lm(part: Any) -> bool:
    """Whether an attack, or anything that it holds, says that it may ask the masked language model."""
    if isinstance(part, tuple):
        return any(map(_asks_masked_lm, part))
    if not is_dataclass(part):
        return False
    asks = getattr(part, "asks_masked_lm", False)
    return asks or any(_asks_masked_lm(getattr(part, field.name)) for field in fields(part))


def _other_responders(encoder: str | None, masked_lm: str | None, online: bool) -> Responders:
    @cache
    def sentence_encoder() -> Any:  # loaded when it is first asked: a search may end before
        if encoder is None:
            raise UsageError("this asks for similarities to the original text; name a sentence encoder")
        from turncoat.models.encoding import load_encoder

        return load_encoder(None if encoder == AUTO else encoder, online)

    fillers = {} if masked_lm is None else masked_lm_responders(None if masked_lm == AUTO else masked_lm, online)
    return {Embed: lambda batches: sentence_encoder().embed(batches), **fillers}
