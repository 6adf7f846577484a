"""Applying rules for the command line: changed texts to a file, victims scored, a bar meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from turncoat.cli.screen import attack_progress, err, stage_progress, tell

if TYPE_CHECKING:
    from turncoat.data.example import Dataset
    from turncoat.evaluation.run import Run
    from turncoat.rules.rule import RuleBook


def write_changed(book: RuleBook, dataset: Dataset, cap: float, path: Path | None, plain: bool) -> None:
    """The changed texts, one JSON object a line; a single text as it is."""
    from turncoat.disk import write_file
    from turncoat.rules.applying import apply_rules
    from turncoat.text import Text

    lines = []
    with stage_progress() as progress:
        for done, example in enumerate(dataset, 1):
            original = Text(example.text)
            changed = apply_rules(original, example.label, book, cap)
            row = {
                "id": example.id,
                "text": str(changed),
                "label": book.labels[example.label],
                "original": example.text,
                "changed_words": len(original.diff(changed)),
            }
            lines.append(str(changed) if plain else json.dumps(row, ensure_ascii=False))
            progress("changing", done, len(dataset))
    if path is None:
        typer.echo("\n".join(lines))
        return
    write_file("\n".join(lines) + "\n", path)
    tell(f"changed texts: {path}")


def score(
    victim: str, path: Path, book: RuleBook, dataset: Dataset, cap: float, folder: Path | None, online: bool
) -> tuple[Run, Run]:
    """A victim's oblivious and incremental run."""
    from turncoat import api
    from turncoat.engine.meter import Meter
    from turncoat.rules.attack import RuleWords, UniversalRules

    with err.status(f"loading {escape(victim)}"):
        model = api.load(victim, online)
    aligned = api.align(dataset, model)
    book.aligned(aligned.labels)
    words = RuleWords(str(path), aligned.labels, book.fingerprint)
    own = None if folder is None else folder / Path(victim.replace(":", "-")).name

    def attack(reading: str) -> Run:
        method = UniversalRules(substitutions=words, cap=cap, incremental=reading == "incremental")
        meter = Meter()
        with attack_progress(len(aligned), meter) as progress:
            return api.attack(
                model, aligned, method, encoder=None, masked_lm=None, on_outcome=progress, meter=meter,
                out=own and own / reading,
            )  # fmt: skip

    return attack("oblivious"), attack("incremental")
